import type { Dialect } from '../db/dialects/dialect.ts'
import type { Db, IdempotencyKeysTable } from '../db/schema.ts'

export type KeyRow = IdempotencyKeysTable

/** The same table under two names: in our own database, and in one that is other people's. */
export type KeyTable = 'idempotency_keys' | '_atrium_idempotency'
const named = (table: KeyTable) => table as 'idempotency_keys'

export async function lockKey(db: Db, dialect: Dialect, table: KeyTable, id: string): Promise<KeyRow | undefined> {
  const query = db.selectFrom(named(table)).selectAll().where('id', '=', id)
  return dialect.lock.forUpdate(query).executeTakeFirst()
}

/** Whoever comes second violates `<table>_pkey`. */
export async function insertKey(db: Db, table: KeyTable, row: KeyRow): Promise<void> {
  await db.insertInto(named(table)).values(row).execute()
}

export async function replaceKey(db: Db, table: KeyTable, { id, ...row }: KeyRow): Promise<void> {
  await db.updateTable(named(table)).set(row).where('id', '=', id).execute()
}

/** False where somebody else holds it by now, or has answered. */
export async function answerKey(
  db: Db,
  table: KeyTable,
  claim: Pick<KeyRow, 'id' | 'holder'>,
  answer: Pick<KeyRow, 'status' | 'headers' | 'body'>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable(named(table))
    .set(answer)
    .where('id', '=', claim.id)
    .where('holder', '=', claim.holder)
    .where('status', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function deleteClaim(db: Db, table: KeyTable, claim: Pick<KeyRow, 'id' | 'holder'>): Promise<void> {
  await db
    .deleteFrom(named(table))
    .where('id', '=', claim.id)
    .where('holder', '=', claim.holder)
    .where('status', 'is', null)
    .execute()
}

export async function deleteKeysOf(db: Db, table: KeyTable, userId: string): Promise<void> {
  await db.deleteFrom(named(table)).where('user_id', '=', userId).execute()
}

export async function deleteOldKeys(db: Db, table: KeyTable, before: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom(named(table))
    .select('id')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  await db
    .deleteFrom(named(table))
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .where('created_at', '<', before)
    .execute()
  return rows.length
}
