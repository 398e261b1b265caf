import { type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, FileUploadsTable } from '../../platform/db/schema.ts'

export type UploadRow = Selectable<FileUploadsTable>

export async function insertUpload(db: Db, row: UploadRow): Promise<void> {
  await db.insertInto('file_uploads').values(row).execute()
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  return db.selectFrom('file_uploads').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Nobody else decides about it until the transaction ends. */
export async function lockUpload(db: Db, dialect: Pick<Dialect, 'lock'>, id: string): Promise<UploadRow | undefined> {
  return dialect.lock.forUpdate(db.selectFrom('file_uploads').selectAll().where('id', '=', id)).executeTakeFirst()
}

export async function updateUpload(db: Db, id: string, change: Partial<UploadRow>): Promise<boolean> {
  const result = await db.updateTable('file_uploads').set(change).where('id', '=', id).executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** False when somebody else has gone on with it meanwhile. */
export async function progressUpload(
  db: Db,
  id: string,
  before: number,
  change: Pick<UploadRow, 'received' | 'state' | 'expires_at'>,
): Promise<boolean> {
  const query = db.updateTable('file_uploads').set(change).where('id', '=', id).where('received', '=', before)
  return (await query.executeTakeFirst()).numUpdatedRows === 1n
}

/** True for the one who decides what becomes of it. */
export async function deleteUpload(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('file_uploads').where('id', '=', id).executeTakeFirst()
  return result.numDeletedRows === 1n
}

export const expiredQuery = (db: Db, now: string, limit: number) =>
  db.selectFrom('file_uploads').select('id').where('expires_at', '<=', now).orderBy('expires_at').limit(limit)

/** Objects to be removed once the transaction is committed. */
export async function insertRemovals(db: Db, keys: readonly string[], now: string): Promise<void> {
  const rows = keys.map((storage_key) => ({ storage_key, due_at: now, attempts: 0 }))
  if (rows.length > 0) await db.insertInto('file_removals').values(rows).execute()
}

export async function isToBeRemoved(db: Db, key: string): Promise<boolean> {
  const query = db.selectFrom('file_removals').select('storage_key').where('storage_key', '=', key)
  return (await query.executeTakeFirst()) !== undefined
}

export const dueRemovalsQuery = (db: Db, now: string, limit: number) =>
  db.selectFrom('file_removals').selectAll().where('due_at', '<=', now).orderBy('due_at').limit(limit)

export async function deleteRemovals(db: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await db
    .deleteFrom('file_removals')
    .where('storage_key', 'in', [...keys])
    .execute()
}

export async function postponeRemovals(db: Db, keys: readonly string[], until: string): Promise<void> {
  if (keys.length === 0) return
  await db
    .updateTable('file_removals')
    .set({ due_at: until, attempts: sql<number>`attempts + 1` })
    .where('storage_key', 'in', [...keys])
    .execute()
}

export async function findUsage(db: Db, ownerId: string): Promise<number | undefined> {
  const row = await db.selectFrom('file_usage').select('bytes').where('owner_id', '=', ownerId).executeTakeFirst()
  return row?.bytes
}

/** A second one violates the primary key. */
export async function insertUsage(db: Db, ownerId: string): Promise<void> {
  await db.insertInto('file_usage').values({ owner_id: ownerId, bytes: 0 }).execute()
}

/** False where it would come to more than `quota`. What becomes less always goes. */
export async function addUsage(db: Db, ownerId: string, bytes: number, quota: number | undefined): Promise<boolean> {
  let query = db
    .updateTable('file_usage')
    .set({ bytes: sql<number>`bytes + ${bytes}` })
    .where('owner_id', '=', ownerId)
  if (quota !== undefined && bytes > 0) query = query.where('bytes', '<=', quota - bytes)
  return (await query.executeTakeFirst()).numUpdatedRows === 1n
}

/** Which of these keys a row names: a file, an upload, or what is about to be removed. */
export async function listKnownKeys(db: Db, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set()
  const known = new Set<string>()
  for (const table of ['files', 'file_uploads', 'file_removals'] as const) {
    const query = db
      .selectFrom(table)
      .select('storage_key')
      .where('storage_key', 'in', [...keys])
    for (const { storage_key } of await query.execute()) known.add(storage_key)
  }
  return known
}

export async function listUsageAfter(db: Db, after: string, limit: number) {
  let query = db.selectFrom('file_usage').selectAll().orderBy('owner_id').limit(limit)
  if (after !== '') query = query.where('owner_id', '>', after)
  return query.execute()
}

/** What files and uploads of these people take, counted from their rows. */
export async function listCountedUsage(db: Db, ownerIds: readonly string[]): Promise<Map<string, number>> {
  const counted = new Map<string, number>()
  if (ownerIds.length === 0) return counted
  for (const [table, column] of [
    ['files', 'size'],
    ['file_uploads', 'reserved'],
  ] as const) {
    const rows = await db
      .selectFrom(table)
      .select((row) => ['owner_id', row.fn.sum<number>(column as never).as('bytes')] as const)
      .where('owner_id', 'in', [...ownerIds])
      .groupBy('owner_id')
      .execute()
    for (const { owner_id, bytes } of rows) counted.set(owner_id, (counted.get(owner_id) ?? 0) + Number(bytes))
  }
  return counted
}

/** Counts anew, while nobody adds to it. */
export async function setUsage(db: Db, dialect: Pick<Dialect, 'lock'>, ownerId: string): Promise<void> {
  const query = db.selectFrom('file_usage').selectAll().where('owner_id', '=', ownerId)
  await dialect.lock.forUpdate(query).execute()
  const bytes = (await listCountedUsage(db, [ownerId])).get(ownerId) ?? 0
  await db.updateTable('file_usage').set({ bytes }).where('owner_id', '=', ownerId).execute()
}

/** Everything of a person, in statements whose number does not grow with what there is. */
export async function deleteAllOf(db: Db, ownerId: string, now: string): Promise<void> {
  for (const table of ['files', 'file_uploads'] as const) {
    await db
      .insertInto('file_removals')
      .columns(['storage_key', 'due_at', 'attempts'])
      .expression((row) =>
        row
          .selectFrom(table)
          .select(['storage_key', sql<string>`${now}`.as('due_at'), sql<number>`0`.as('attempts')])
          .where('owner_id', '=', ownerId),
      )
      .execute()
    await db.deleteFrom(table).where('owner_id', '=', ownerId).execute()
  }
  await db.deleteFrom('file_usage').where('owner_id', '=', ownerId).execute()
}
