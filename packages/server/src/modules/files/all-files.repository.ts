import { type SqlBool, sql } from 'kysely'
import type { Db } from '../../platform/db/schema.ts'

export const fileKinds = ['image', 'video', 'audio', 'text', 'other'] as const
export type FileKind = (typeof fileKinds)[number]

export type FileOrder = 'newest' | 'largest'

export interface AllFilesFilter {
  /** Nobody else’s. */
  ownerIds?: readonly string[] | undefined
  /** Part of the name. */
  name?: string | undefined
  kind?: FileKind | undefined
  purpose?: string | undefined
  visibility?: string | undefined
  minSize?: number | undefined
  maxSize?: number | undefined
  order: FileOrder
  /** The last one of the page before. */
  after?: { id: string; size: number } | undefined
  limit: number
}

const named = fileKinds.filter((kind) => kind !== 'other')

/** Everybody’s files, the newest first or the largest first. */
export function allFilesQuery(db: Db, filter: AllFilesFilter) {
  const { ownerIds, name, kind, purpose, visibility, minSize, maxSize, order, after, limit } = filter
  let query = db.selectFrom('files').selectAll()
  if (order === 'largest') query = query.orderBy('size', 'desc')
  query = query.orderBy('id', 'desc').limit(limit)
  if (after && order === 'newest') query = query.where('id', '<', after.id)
  if (after && order === 'largest') {
    const { id, size } = after
    // Not with `or`: engines would look twice, and sort.
    query = query
      .where('size', '<=', size)
      .where((where) => where.not(where.and([where('size', '=', size), where('id', '>=', id)])))
  }
  if (ownerIds) query = query.where('owner_id', 'in', [...ownerIds])
  if (purpose !== undefined) query = query.where('purpose', '=', purpose)
  if (visibility !== undefined) query = query.where('visibility', '=', visibility)
  if (minSize !== undefined) query = query.where('size', '>=', minSize)
  if (maxSize !== undefined) query = query.where('size', '<=', maxSize)
  if (kind !== undefined && kind !== 'other') query = query.where('content_type', 'like', `${kind}/%`)
  if (kind === 'other') for (const other of named) query = query.where('content_type', 'not like', `${other}/%`)
  if (name !== undefined) {
    const pattern = `%${name.replace(/[!%_]/g, '!$&')}%`
    query = query.where((where) => sql<SqlBool>`lower(${where.ref('name')}) like ${pattern} escape '!'`)
  }
  return query
}

/** What shows these files, by file. */
export async function listKindsOfUse(db: Db, fileIds: readonly string[]): Promise<Map<string, string[]>> {
  const kinds = new Map<string, string[]>()
  if (fileIds.length === 0) return kinds
  const rows = await db
    .selectFrom('file_uses')
    .select(['file_id', 'kind'])
    .distinct()
    .where('file_id', 'in', [...fileIds])
    .orderBy('kind')
    .execute()
  for (const { file_id, kind } of rows) kinds.set(file_id, [...(kinds.get(file_id) ?? []), kind])
  return kinds
}

export async function listUsesOf(db: Db, fileId: string): Promise<{ kind: string; used_by: string }[]> {
  return db
    .selectFrom('file_uses')
    .select(['kind', 'used_by'])
    .where('file_id', '=', fileId)
    .orderBy('kind')
    .orderBy('used_by')
    .execute()
}

/** Whoever takes the most room first. */
export function usageQuery(db: Db, after: { ownerId: string; bytes: number } | undefined, limit: number) {
  const query = db
    .selectFrom('file_usage')
    .selectAll()
    .orderBy('bytes', 'desc')
    .orderBy('owner_id', 'desc')
    .where('bytes', '>', 0)
    .limit(limit)
  if (!after) return query
  const { bytes, ownerId } = after
  return query
    .where('bytes', '<=', bytes)
    .where((where) => where.not(where.and([where('bytes', '=', bytes), where('owner_id', '>=', ownerId)])))
}

/** What everybody’s files and uploads take together; of these people only where they are named. */
export async function sumUsage(db: Db, ownerIds: readonly string[] | undefined): Promise<number> {
  let query = db.selectFrom('file_usage').select((row) => row.fn.sum<number | string | null>('bytes').as('bytes'))
  if (ownerIds) query = query.where('owner_id', 'in', [...ownerIds])
  return Number((await query.executeTakeFirst())?.bytes ?? 0)
}

export async function countFilesOf(db: Db, ownerIds: readonly string[]): Promise<Map<string, number>> {
  if (ownerIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('files')
    .select((row) => ['owner_id', row.fn.countAll<number | string>().as('files')] as const)
    .where('owner_id', 'in', [...ownerIds])
    .groupBy('owner_id')
    .execute()
  return new Map(rows.map(({ owner_id, files }) => [owner_id, Number(files)]))
}
