import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, FilesTable } from '../../platform/db/schema.ts'

export type FileRow = Selectable<FilesTable>

export async function insertFile(db: Db, row: FileRow): Promise<void> {
  await db.insertInto('files').values(row).execute()
}

const byId = prepared((db, { ids }: { ids: readonly string[] }) =>
  db.selectFrom('files').selectAll().where('id', 'in', ids),
)

export async function listFilesById(db: Db, ids: readonly string[]): Promise<FileRow[]> {
  if (ids.length === 0) return []
  return (await byId(db, { ids: [...new Set(ids)] })).rows
}

/** All files, in the order of their ids. */
export async function listFilesAfter(
  db: Db,
  after: string,
  limit: number,
): Promise<Pick<FileRow, 'id' | 'storage_key' | 'size'>[]> {
  let query = db.selectFrom('files').select(['id', 'storage_key', 'size']).orderBy('id').limit(limit)
  if (after !== '') query = query.where('id', '>', after)
  return query.execute()
}

/** In the order of their ids; nobody else changes them until the transaction ends. */
export async function lockFiles(db: Db, dialect: Pick<Dialect, 'lock'>, ids: readonly string[]): Promise<FileRow[]> {
  if (ids.length === 0) return []
  const query = db
    .selectFrom('files')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .orderBy('id')
  return dialect.lock.forUpdate(query).execute()
}

/** Newest first, after the place `before`. */
export function pageQuery(
  db: Db,
  ownerId: string,
  page: { purpose?: string | undefined; before?: string | undefined; limit: number },
) {
  let query = db.selectFrom('files').selectAll().where('owner_id', '=', ownerId)
  if (page.purpose !== undefined) query = query.where('purpose', '=', page.purpose)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  return query.orderBy('id', 'desc').limit(page.limit)
}

export async function updateFile(db: Db, id: string, change: Partial<FileRow>): Promise<void> {
  await db.updateTable('files').set(change).where('id', '=', id).execute()
}

export async function deleteFiles(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom('files')
    .where('id', 'in', [...ids])
    .execute()
}

export const unusedQuery = (db: Db, before: string, limit: number) =>
  db.selectFrom('files').select('id').where('unused_since', '<=', before).orderBy('unused_since').limit(limit)

export async function setUnusedSince(db: Db, ids: readonly string[], time: string | null): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('files')
    .set({ unused_since: time })
    .where('id', 'in', [...ids])
    .execute()
}

export interface FileUse {
  kind: string
  usedBy: string
}

export async function insertUses(db: Db, fileIds: readonly string[], use: FileUse, now: string): Promise<void> {
  const rows = fileIds.map((file_id) => ({ file_id, kind: use.kind, used_by: use.usedBy, created_at: now }))
  if (rows.length > 0) await db.insertInto('file_uses').values(rows).execute()
}

/** Which of these files this one uses already; of all files without `fileIds`. */
export async function listUsed(db: Db, use: FileUse, fileIds?: readonly string[]): Promise<string[]> {
  if (fileIds?.length === 0) return []
  let query = db
    .selectFrom('file_uses')
    .select('file_id')
    .where('kind', '=', use.kind)
    .where('used_by', '=', use.usedBy)
  if (fileIds) query = query.where('file_id', 'in', [...fileIds])
  return (await query.orderBy('file_id').execute()).map(({ file_id }) => file_id)
}

/** Which of these files anything uses. */
export async function listInUse(db: Db, fileIds: readonly string[]): Promise<Set<string>> {
  if (fileIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('file_uses')
    .select('file_id')
    .distinct()
    .where('file_id', 'in', [...fileIds])
    .execute()
  return new Set(rows.map(({ file_id }) => file_id))
}

export async function deleteUses(db: Db, use: FileUse, fileIds: readonly string[]): Promise<void> {
  await db
    .deleteFrom('file_uses')
    .where('kind', '=', use.kind)
    .where('used_by', '=', use.usedBy)
    .where('file_id', 'in', [...fileIds])
    .execute()
}
