import type { FileRow } from './files.repository.ts'
import type { StoredFile } from './files.schema.ts'
import type { Avatar } from './pictures.schema.ts'

export const contentUrl = (id: string): string => `/api/v1/files/${id}/content`

/** Where a picture of somebody or something is; from the id alone, so that it costs nothing where people are listed. */
export function renderAvatar(fileId: string | null): Avatar | null {
  if (fileId === null) return null
  const url = contentUrl(fileId)
  const sized = (side: number) => `${url}?w=${side}&h=${side}`
  return { url, sizes: { '64': sized(64), '128': sized(128), '256': sized(256) } }
}

/** Smaller ones for lists and for screens, where the picture is larger. */
const variantWidths = [256, 1024] as const

function variantsOf({ id, width, height }: Pick<FileRow, 'id' | 'width' | 'height'>): StoredFile['variants'] {
  if (width === null || height === null) return []
  return variantWidths
    .filter((side) => side < width)
    .map((side) => ({
      url: `${contentUrl(id)}?w=${side}&fit=contain`,
      width: side,
      height: Math.max(1, Math.round((height * side) / width)),
    }))
}

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
  variants: variantsOf(row),
  url: contentUrl(row.id),
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
})
