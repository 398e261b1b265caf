import { join } from 'node:path'
import type { StorageConfig } from '../platform/storage/open-storage.ts'
import type { S3Credentials } from '../platform/storage/s3-storage.ts'
import type { Settings } from './settings.ts'

export interface FilesConfig {
  storage: StorageConfig
  /** How large one file may be. */
  maxBytes: number
  /** What one person's files may take together; undefined: no limit. */
  quotaBytes: number | undefined
}

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

const mebibyte = 1024 * 1024

/** Where files lie; what is wrong with it goes to `attempt`. */
export function readFilesConfig(
  settings: Settings,
  { dataDir, attempt }: { dataDir: string; attempt: Attempt },
): { files: FilesConfig; secrets: { s3: S3Credentials | undefined } } {
  const endpoint = attempt('S3_ENDPOINT', () => readEndpoint(settings.S3_ENDPOINT), undefined)
  const s3 = attempt('AWS_ACCESS_KEY_ID', () => readCredentials(settings), undefined)
  const storage: StorageConfig = settings.S3_BUCKET
    ? { kind: 's3', bucket: settings.S3_BUCKET, region: settings.S3_REGION, endpoint }
    : { kind: 'disk', folder: join(dataDir, 'files') }
  const quotaBytes = settings.FILE_QUOTA_MB === 0 ? undefined : settings.FILE_QUOTA_MB * mebibyte
  return { files: { storage, maxBytes: settings.FILE_MAX_MB * mebibyte, quotaBytes }, secrets: { s3 } }
}

function readEndpoint(text: string): string | undefined {
  if (text === '') return undefined
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return text
  throw new Error('must be an http or https address without name and password')
}

function readCredentials(settings: Settings): S3Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings
  if (accessKeyId === '' && secretAccessKey === '') return undefined
  if (accessKeyId === '' || secretAccessKey === '') throw new Error('goes with AWS_SECRET_ACCESS_KEY: set both or none')
  return { accessKeyId, secretAccessKey }
}
