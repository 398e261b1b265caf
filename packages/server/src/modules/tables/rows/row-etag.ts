import { hash } from 'node:crypto'

/** A strong ETag of what the caller sees of a row: what is hidden does not change it. */
export const rowEtag = (json: string): string => `"${hash('sha256', json, 'base64url').slice(0, 27)}"`

/** Whether an If-Match or If-None-Match names it. */
export const names = (header: string, etag: string): boolean =>
  header === '*' || header.split(',').some((item) => item.trim() === etag)
