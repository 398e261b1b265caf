import { join } from 'node:path'
import type { Settings } from './settings.ts'

export interface FilesConfig {
  storage: { kind: 'disk'; folder: string }
  /** How large one file may be. */
  maxBytes: number
  /** What one person's files may take together; undefined: no limit. */
  quotaBytes: number | undefined
}

const mebibyte = 1024 * 1024

export function readFilesConfig(settings: Settings, dataDir: string): FilesConfig {
  return {
    storage: { kind: 'disk', folder: join(dataDir, 'files') },
    maxBytes: settings.FILE_MAX_MB * mebibyte,
    quotaBytes: settings.FILE_QUOTA_MB === 0 ? undefined : settings.FILE_QUOTA_MB * mebibyte,
  }
}
