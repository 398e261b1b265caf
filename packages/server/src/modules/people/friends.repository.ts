import type { Selectable } from 'kysely'
import type { Db, FriendRequestsTable, FriendshipsTable } from '../../platform/db/schema.ts'

export type FriendshipRow = Selectable<FriendshipsTable>
export type FriendRequestRow = Selectable<FriendRequestsTable>

export async function findFriendship(db: Db, userId: string, friendId: string): Promise<FriendshipRow | undefined> {
  return db
    .selectFrom('friendships')
    .selectAll()
    .where('user_id', '=', userId)
    .where('friend_id', '=', friendId)
    .executeTakeFirst()
}

/** All of a person's: their number is bounded. */
export async function listFriendships(db: Db, userId: string): Promise<FriendshipRow[]> {
  return db.selectFrom('friendships').selectAll().where('user_id', '=', userId).execute()
}

/** Of many people their friends among others, in one query. */
export async function listFriendshipsAmong(
  db: Db,
  userIds: readonly string[],
  friendIds: readonly string[],
): Promise<Pick<FriendshipRow, 'user_id' | 'friend_id'>[]> {
  if (userIds.length === 0 || friendIds.length === 0) return []
  return db
    .selectFrom('friendships')
    .select(['user_id', 'friend_id'])
    .where('user_id', 'in', [...new Set(userIds)])
    .where('friend_id', 'in', [...new Set(friendIds)])
    .execute()
}

export async function countFriends(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('friendships')
    .select((select) => select.fn.countAll().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function insertFriendship(tx: Db, a: string, b: string, since: string): Promise<void> {
  const sides = [
    { user_id: a, friend_id: b, since },
    { user_id: b, friend_id: a, since },
  ]
  await tx.insertInto('friendships').values(sides).execute()
}

/** True when they were friends. */
export async function deleteFriendship(tx: Db, a: string, b: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('friendships')
    .where((where) =>
      where.or([
        where.and([where('user_id', '=', a), where('friend_id', '=', b)]),
        where.and([where('user_id', '=', b), where('friend_id', '=', a)]),
      ]),
    )
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

export async function deleteFriendshipsOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('friendships').where('user_id', '=', userId).execute()
  await tx.deleteFrom('friendships').where('friend_id', '=', userId).execute()
}

/** What two people's open request is found by, whoever of them asked. */
export const openKeyOf = (a: string, b: string): string => [a, b].sort().join(':')

export async function findOpenRequest(db: Db, a: string, b: string): Promise<FriendRequestRow | undefined> {
  return db.selectFrom('friend_requests').selectAll().where('open_key', '=', openKeyOf(a, b)).executeTakeFirst()
}

export async function findRequest(db: Db, id: string): Promise<FriendRequestRow | undefined> {
  return db.selectFrom('friend_requests').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function listRequestsById(db: Db, ids: readonly string[]): Promise<FriendRequestRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('friend_requests')
    .selectAll()
    .where('id', 'in', [...new Set(ids)])
    .execute()
}

export async function insertRequest(tx: Db, row: FriendRequestRow): Promise<void> {
  await tx.insertInto('friend_requests').values(row).execute()
}

/** True for the one caller that decided it. */
export async function decideRequest(
  tx: Db,
  id: string,
  status: 'accepted' | 'declined' | 'withdrawn',
  at: string,
): Promise<boolean> {
  const result = await tx
    .updateTable('friend_requests')
    .set({ status, decided_at: at, open_key: null })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

const side = { incoming: 'to_id', outgoing: 'from_id' } as const
export type Direction = keyof typeof side

/** Open requests, the newest first, before the id `before`. */
export function openRequests(
  db: Db,
  userId: string,
  direction: Direction,
  page: { before?: string | undefined; limit: number },
) {
  const query = db
    .selectFrom('friend_requests')
    .selectAll()
    .where(side[direction], '=', userId)
    .where('status', '=', 'pending')
  return (page.before === undefined ? query : query.where('id', '<', page.before))
    .orderBy('id', 'desc')
    .limit(page.limit)
}

export async function countRequests(db: Db, userId: string, direction: Direction): Promise<number> {
  const row = await db
    .selectFrom('friend_requests')
    .select((select) => select.fn.countAll().as('count'))
    .where(side[direction], '=', userId)
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function deleteRequestsOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('friend_requests').where('from_id', '=', userId).execute()
  await tx.deleteFrom('friend_requests').where('to_id', '=', userId).execute()
}

/** Answers how many went. */
export async function deleteDecidedRequests(tx: Db, before: string, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('friend_requests')
    .select('id')
    .where('decided_at', '<=', before)
    .orderBy('decided_at')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  const result = await tx.deleteFrom('friend_requests').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}
