import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { NotificationRow } from './notifications.repository.ts'

export const dueQuery = (db: Db, now: string, limit: number) =>
  db.selectFrom('notifications').select('user_id').where('mail_due_at', '<=', now).orderBy('mail_due_at').limit(limit)

/** People of whom something is to be mailed; fewer than `limit` rows stand behind them when `isAll`. */
export async function listDuePeople(
  db: Db,
  now: string,
  limit: number,
): Promise<{ userIds: string[]; isAll: boolean }> {
  const rows = await dueQuery(db, now, limit).execute()
  return { userIds: [...new Set(rows.map(({ user_id }) => user_id))], isAll: rows.length < limit }
}

/** What is to be mailed to a person now; who else would mail it, or mark it read, waits until the transaction ends. */
export async function lockDue(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  userId: string,
  now: string,
  limit: number,
): Promise<NotificationRow[]> {
  const query = db
    .selectFrom('notifications')
    .selectAll()
    .where('user_id', '=', userId)
    .where('unread', '=', 1)
    .where('mail_due_at', '<=', now)
    .orderBy('id')
    .limit(limit)
  return dialect.lock.forUpdate(query).execute()
}

/** What is due of these people may be mailed at `until` at the earliest, or never. */
export async function postponeMail(
  db: Db,
  userIds: readonly string[],
  now: string,
  until: string | null,
): Promise<void> {
  await db
    .updateTable('notifications')
    .set({ mail_due_at: until })
    .where('user_id', 'in', [...userIds])
    .where('unread', '=', 1)
    .where('mail_due_at', '<=', now)
    .execute()
}

/** When each of them was mailed last; who never was is missing. */
export async function listMailed(db: Db, userIds: readonly string[]): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('notification_digests')
    .selectAll()
    .where('user_id', 'in', [...userIds])
    .execute()
  return new Map(rows.map(({ user_id, mailed_at }) => [user_id, mailed_at]))
}

/** True for the one whose turn it is. Where nobody was before, a second one violates the primary key. */
export async function claimDigest(db: Db, userId: string, before: string | undefined, now: string): Promise<boolean> {
  if (before === undefined) {
    await db.insertInto('notification_digests').values({ user_id: userId, mailed_at: now }).execute()
    return true
  }
  const result = await db
    .updateTable('notification_digests')
    .set({ mailed_at: now })
    .where('user_id', '=', userId)
    .where('mailed_at', '=', before)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
