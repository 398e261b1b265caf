import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, NotificationsTable } from '../../platform/db/schema.ts'

export type NotificationRow = Selectable<NotificationsTable>

export async function insertNotifications(db: Db, rows: readonly NotificationRow[]): Promise<void> {
  await db
    .insertInto('notifications')
    .values([...rows])
    .execute()
}

/** Newest first, after the place `before`. */
export function pageQuery(
  db: Db,
  userId: string,
  page: { unread?: boolean; type?: string | undefined; before?: string | undefined; limit: number },
) {
  let query = db.selectFrom('notifications').selectAll().where('user_id', '=', userId)
  if (page.unread) query = query.where('unread', '=', 1)
  if (page.type !== undefined) query = query.where('type', '=', page.type)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  return query.orderBy('id', 'desc').limit(page.limit)
}

export const listNotifications = (...page: Parameters<typeof pageQuery>): Promise<NotificationRow[]> =>
  pageQuery(...page).execute()

export async function listNotificationsById(db: Db, ids: readonly string[]): Promise<NotificationRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('notifications')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
}

export const unreadCountQuery = (db: Db, userId: string) =>
  db
    .selectFrom('notifications')
    .select((row) => row.fn.countAll().as('count'))
    .where('user_id', '=', userId)
    .where('unread', '=', 1)

export async function countUnreadNotifications(db: Db, userId: string): Promise<number> {
  return Number((await unreadCountQuery(db, userId).executeTakeFirst())?.count ?? 0)
}

/** The person's unread ones, of these if any are named, oldest first; nobody else marks them until the transaction ends. */
export async function lockUnread(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  userId: string,
  which: { ids?: readonly string[] | undefined; limit: number },
): Promise<string[]> {
  if (which.ids?.length === 0) return []
  let query = db.selectFrom('notifications').select('id').where('user_id', '=', userId).where('unread', '=', 1)
  if (which.ids) query = query.where('id', 'in', [...which.ids])
  const rows = await dialect.lock.forUpdate(query.orderBy('id').limit(which.limit)).execute()
  return rows.map(({ id }) => id)
}

export async function updateNotifications(
  db: Db,
  ids: readonly string[],
  change: Partial<NotificationRow>,
): Promise<void> {
  await db
    .updateTable('notifications')
    .set(change)
    .where('id', 'in', [...ids])
    .execute()
}

export async function findNotification(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  userId: string,
  id: string,
): Promise<NotificationRow | undefined> {
  const query = db.selectFrom('notifications').selectAll().where('id', '=', id).where('user_id', '=', userId)
  return dialect.lock.forUpdate(query).executeTakeFirst()
}

export async function deleteNotifications(db: Db, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  const result = await db
    .deleteFrom('notifications')
    .where('id', 'in', [...ids])
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Everything this room holds of a person. */
export async function deleteAllOf(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('notifications').where('user_id', '=', userId).execute()
  await db.deleteFrom('notification_preferences').where('user_id', '=', userId).execute()
  await db.deleteFrom('notification_digests').where('user_id', '=', userId).execute()
}
