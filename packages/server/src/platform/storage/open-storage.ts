import { DiskStorage } from './disk-storage.ts'
import { type S3Config, type S3Credentials, S3Storage } from './s3-storage.ts'
import type { Storage } from './storage.ts'

export type StorageConfig = { kind: 'disk'; folder: string } | S3Config

export const openStorage = (config: StorageConfig, credentials: S3Credentials | undefined): Storage =>
  config.kind === 'disk' ? new DiskStorage(config.folder) : new S3Storage(config, credentials)
