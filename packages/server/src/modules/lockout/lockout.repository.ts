import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, LoginThrottlesTable } from '../../platform/db/schema.ts'

export type ThrottleRow = Selectable<LoginThrottlesTable>

const throttleOf = (db: Db, key: string) => db.selectFrom('login_throttles').selectAll().where('key', '=', key)
const found = prepared((db, { key }: { key: string }) => throttleOf(db, key))
const locked = prepared((db, { key }: { key: string }, { lock }: Dialect) => lock.forUpdate(throttleOf(db, key)))
const inserted = prepared((db, row: ThrottleRow) => db.insertInto('login_throttles').values(row))
const updated = prepared((db, { key, ...change }: ThrottleRow) =>
  db.updateTable('login_throttles').set(change).where('key', '=', key),
)
const deleted = prepared((db, { keys }: { keys: readonly string[] }) =>
  db.deleteFrom('login_throttles').where('key', 'in', keys),
)

export async function findThrottle(db: Db, key: string): Promise<ThrottleRow | undefined> {
  return (await found(db, { key })).rows[0]
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
  return (await locked(db, { key }, dialect)).rows[0]
}

export async function insertThrottle(db: Db, row: ThrottleRow): Promise<void> {
  await inserted(db, row)
}

export async function updateThrottle(db: Db, row: ThrottleRow): Promise<void> {
  await updated(db, row)
}

export async function deleteThrottles(db: Db, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0
  return Number((await deleted(db, { keys })).numAffectedRows)
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
