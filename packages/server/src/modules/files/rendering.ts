import type { FileRow } from './files.repository.ts'
import type { StoredFile } from './files.schema.ts'

export const contentUrl = (id: string): string => `/api/v1/files/${id}/content`

export const render = (row: FileRow): StoredFile => ({
  id: row.id,
  name: row.name,
  size: row.size,
  content_type: row.content_type,
  sha256: row.sha256,
  ...(row.width === null ? {} : { width: row.width }),
  ...(row.height === null ? {} : { height: row.height }),
  purpose: row.purpose,
  visibility: row.visibility === 'public' ? 'public' : 'private',
  variants: [],
  url: contentUrl(row.id),
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
})
