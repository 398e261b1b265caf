import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, PresenceTable } from '../../platform/db/schema.ts'

export type PresenceRow = Selectable<PresenceTable>
type Clock = Pick<Dialect, 'nowMs'>

/** A process without a beat for so long is dead, and nobody is connected to it. */
export const deadAfterMs = 30_000

export async function listPresenceRows(db: Db, userIds: readonly string[]): Promise<PresenceRow[]> {
  return db.selectFrom('presence').selectAll().where('user_id', 'in', userIds).execute()
}

/** Of these people those who are connected to a process that lives. */
export async function listConnected(db: Db, { nowMs }: Clock, userIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('presence_connections')
    .innerJoin('presence_instances', 'presence_instances.id', 'presence_connections.instance_id')
    .select('presence_connections.user_id')
    .distinct()
    .where('presence_connections.user_id', 'in', userIds)
    .where((row) => row('presence_instances.beat_at', '>', row(nowMs, '-', deadAfterMs)))
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** False when there is no row yet. */
export async function updatePresence(tx: Db, userId: string, change: Partial<PresenceRow>): Promise<boolean> {
  const result = await tx.updateTable('presence').set(change).where('user_id', '=', userId).executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function insertPresence(tx: Db, row: PresenceRow): Promise<void> {
  await tx.insertInto('presence').values(row).execute()
}

export async function deletePresence(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('presence').where('user_id', '=', userId).execute()
  await tx.deleteFrom('presence_connections').where('user_id', '=', userId).execute()
}

/** Notes that these people were there at `at`, for those noted longer ago than `unlessAfter`. */
export async function touchLastSeen(
  tx: Db,
  userIds: readonly string[],
  { at, unlessAfter }: { at: string; unlessAfter: string },
): Promise<void> {
  await tx
    .updateTable('presence')
    .set({ last_seen_at: at })
    .where('user_id', 'in', userIds)
    .where((row) => row.or([row('last_seen_at', 'is', null), row('last_seen_at', '<', unlessAfter)]))
    .execute()
  const known = new Set((await listPresenceRows(tx, userIds)).map(({ user_id }) => user_id))
  const missing = userIds.filter((id) => !known.has(id))
  if (missing.length === 0) return
  const rest = { state: 'online', text: null, until: null, last_seen_at: at }
  await tx
    .insertInto('presence')
    .values(missing.map((user_id) => ({ user_id, ...rest })))
    .execute()
}

/** False when others took this process for dead and removed it. */
export async function updateBeat(tx: Db, { nowMs }: Clock, instanceId: string): Promise<boolean> {
  const result = await tx
    .updateTable('presence_instances')
    .set({ beat_at: nowMs })
    .where('id', '=', instanceId)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function insertInstance(tx: Db, { nowMs }: Clock, id: string): Promise<void> {
  await tx.insertInto('presence_instances').values({ id, beat_at: nowMs }).execute()
}

/** Processes that live. */
export async function countInstances(db: Db, { nowMs }: Clock): Promise<number> {
  const rows = await db
    .selectFrom('presence_instances')
    .select('id')
    .where((row) => row('beat_at', '>', row(nowMs, '-', deadAfterMs)))
    .execute()
  return rows.length
}

export async function listDeadInstances(db: Db, { nowMs }: Clock): Promise<{ id: string; silentMs: number }[]> {
  const rows = await db
    .selectFrom('presence_instances')
    .select((row) => ['id', row(nowMs, '-', row.ref('beat_at')).as('silent')])
    .where((row) => row('beat_at', '<', row(nowMs, '-', deadAfterMs)))
    .execute()
  return rows.map(({ id, silent }) => ({ id, silentMs: Number(silent) }))
}

/** True when it was still dead, and nobody else had removed it. */
export async function deleteDeadInstance(tx: Db, { nowMs }: Clock, id: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('presence_instances')
    .where('id', '=', id)
    .where((row) => row('beat_at', '<', row(nowMs, '-', deadAfterMs)))
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function deleteInstance(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('presence_instances').where('id', '=', id).execute()
}

export async function listConnectedTo(tx: Db, instanceId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('presence_connections')
    .select('user_id')
    .where('instance_id', '=', instanceId)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

export async function insertConnections(tx: Db, instanceId: string, userIds: readonly string[]): Promise<void> {
  await tx
    .insertInto('presence_connections')
    .values(userIds.map((user_id) => ({ user_id, instance_id: instanceId })))
    .execute()
}

/** All of the process when no people are named. */
export async function deleteConnections(tx: Db, instanceId: string, userIds?: readonly string[]): Promise<void> {
  let query = tx.deleteFrom('presence_connections').where('instance_id', '=', instanceId)
  if (userIds) query = query.where('user_id', 'in', userIds)
  await query.execute()
}
