import type { Selectable } from 'kysely'
import type { BansTable, Db } from '../../platform/db/schema.ts'

export type BanRow = Selectable<BansTable>

export async function findBan(db: Db, id: string): Promise<BanRow | undefined> {
  return db.selectFrom('bans').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function insertBan(tx: Db, row: BanRow): Promise<void> {
  await tx.insertInto('bans').values(row).execute()
}

/** True for the one caller that removed it. */
export async function deleteBan(tx: Db, id: string): Promise<boolean> {
  const result = await tx.deleteFrom('bans').where('id', '=', id).executeTakeFirst()
  return result.numDeletedRows === 1n
}

/** Makes room for a new one where the last has ended. */
export async function deleteEndedBan(tx: Db, subject: string, now: string): Promise<void> {
  await tx.deleteFrom('bans').where('subject', '=', subject).where('until', '<=', now).execute()
}

export async function deleteBansOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('bans').where('subject', '=', `user:${userId}`).execute()
}

/** Those in force, the newest first, before the id `before`. */
export function bans(
  db: Db,
  filter: { kind?: 'user' | 'network' | undefined; now: string; before?: string | undefined; limit: number },
) {
  let query = db
    .selectFrom('bans')
    .selectAll()
    .where((where) => where.or([where('until', 'is', null), where('until', '>', filter.now)]))
  if (filter.kind !== undefined) query = query.where('network', filter.kind === 'user' ? 'is' : 'is not', null)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  return query.orderBy('id', 'desc').limit(filter.limit)
}

export type NetworkBan = { network: string; until: string | null }

export async function listNetworkBans(db: Db, now: string, limit: number): Promise<NetworkBan[]> {
  const rows = await db
    .selectFrom('bans')
    .select(['network', 'until'])
    .where('network', 'is not', null)
    .where((where) => where.or([where('until', 'is', null), where('until', '>', now)]))
    .orderBy('network')
    .limit(limit)
    .execute()
  return rows.map(({ network, until }) => ({ network: network ?? '', until }))
}

export async function listEndedBans(db: Db, now: string, limit: number): Promise<BanRow[]> {
  return db.selectFrom('bans').selectAll().where('until', '<=', now).orderBy('until').limit(limit).execute()
}
