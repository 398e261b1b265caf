import { DiskStorage } from './disk-storage.ts'
import type { Storage } from './storage.ts'

export interface StorageConfig {
  kind: 'disk'
  folder: string
}

export const openStorage = (config: StorageConfig): Storage => new DiskStorage(config.folder)
