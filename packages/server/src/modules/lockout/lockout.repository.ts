import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, LoginThrottlesTable } from '../../platform/db/schema.ts'

export type ThrottleRow = Selectable<LoginThrottlesTable>

export async function findThrottle(db: Db, key: string): Promise<ThrottleRow | undefined> {
  return db.selectFrom('login_throttles').selectAll().where('key', '=', key).executeTakeFirst()
}

export async function listThrottles(db: Db, keys: readonly string[]): Promise<ThrottleRow[]> {
  if (keys.length === 0) return []
  return db
    .selectFrom('login_throttles')
    .selectAll()
    .where('key', 'in', [...keys])
    .execute()
}

/** The row, locked until the transaction ends. */
export async function lockThrottle(db: Db, dialect: Dialect, key: string): Promise<ThrottleRow | undefined> {
  return dialect.lock.forUpdate(db.selectFrom('login_throttles').selectAll().where('key', '=', key)).executeTakeFirst()
}

export async function insertThrottle(db: Db, row: ThrottleRow): Promise<void> {
  await db.insertInto('login_throttles').values(row).execute()
}

export async function updateThrottle(db: Db, { key, ...change }: ThrottleRow): Promise<void> {
  await db.updateTable('login_throttles').set(change).where('key', '=', key).execute()
}

export async function deleteThrottles(db: Db, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0
  const result = await db
    .deleteFrom('login_throttles')
    .where('key', 'in', [...keys])
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

export async function deleteIdleThrottles(db: Db, before: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('login_throttles')
    .select('key')
    .where('updated_at', '<', before)
    .limit(limit)
    .execute()
  return deleteThrottles(
    db,
    rows.map((row) => row.key),
  )
}
