import type { Storage } from './storage.ts'

export interface DirectUpload {
  size: number
  contentType: string
  /** As hex. */
  sha256?: string | undefined
  /** Seconds. */
  expiresIn: number
}

/** What a storage offers that people can send bytes to themselves. */
export interface DirectUploads {
  /** Where to PUT the bytes, and the headers to send with them. */
  presign(key: string, upload: DirectUpload): Promise<{ url: string; headers: Record<string, string> }>
  /** Takes what was sent; `observe` is shown all of it. Throws NoSuchObjectError when nothing was. Can be repeated. */
  adopt(key: string, observe: (chunk: Uint8Array) => void): Promise<void>
}

export const takesDirectUploads = (storage: Storage): storage is Storage & DirectUploads => 'presign' in storage
