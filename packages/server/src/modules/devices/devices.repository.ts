import type { Selectable } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, DevicesTable } from '../../platform/db/schema.ts'

export type DeviceRow = Selectable<DevicesTable>

const found = prepared((db, { tokenHash }: { tokenHash: string }) =>
  db.selectFrom('devices').selectAll().where('token_hash', '=', tokenHash),
)
const inserted = prepared((db, row: DeviceRow) => db.insertInto('devices').values(row))

export async function findDevice(db: Db, tokenHash: string): Promise<DeviceRow | undefined> {
  return (await found(db, { tokenHash })).rows[0]
}

export async function insertDevice(db: Db, row: DeviceRow): Promise<void> {
  await inserted(db, row)
}

export async function updateDevice(db: Db, id: string, change: Partial<DeviceRow>): Promise<void> {
  await db.updateTable('devices').set(change).where('id', '=', id).execute()
}

/** True while the device had tries left: tries side by side cannot all pass before the first is counted. */
export async function countDeviceFailure(db: Db, id: string, limit: number): Promise<boolean> {
  const result = await db
    .updateTable('devices')
    .set((eb) => ({ failures: eb('failures', '+', 1) }))
    .where('id', '=', id)
    .where('failures', '<', limit)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function discountDeviceFailure(db: Db, id: string): Promise<void> {
  await db
    .updateTable('devices')
    .set((eb) => ({ failures: eb('failures', '-', 1) }))
    .where('id', '=', id)
    .where('failures', '>', 0)
    .execute()
}

export async function listTrustedDevices(db: Db, userId: string, now: string): Promise<DeviceRow[]> {
  return db
    .selectFrom('devices')
    .selectAll()
    .where('user_id', '=', userId)
    .where('trusted_until', '>', now)
    .orderBy('last_seen_at', 'desc')
    .limit(200)
    .execute()
}

/** Answers how many there were. */
export async function deleteDevices(db: Db, which: { userId: string; id?: string }): Promise<number> {
  let query = db.deleteFrom('devices').where('user_id', '=', which.userId)
  if (which.id !== undefined) query = query.where('id', '=', which.id)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}

export async function deleteUnseenDevices(db: Db, before: string, limit: number): Promise<number> {
  const rows = await db.selectFrom('devices').select('id').where('last_seen_at', '<', before).limit(limit).execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  return Number((await db.deleteFrom('devices').where('id', 'in', ids).executeTakeFirst()).numDeletedRows)
}
