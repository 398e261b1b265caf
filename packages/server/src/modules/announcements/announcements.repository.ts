import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { AnnouncementsTable, Db } from '../../platform/db/schema.ts'

export type AnnouncementRow = Selectable<AnnouncementsTable>

export async function insertAnnouncement(tx: Db, row: AnnouncementRow): Promise<void> {
  await tx.insertInto('announcements').values(row).execute()
}

export async function updateAnnouncement(tx: Db, id: string, change: Partial<AnnouncementRow>): Promise<void> {
  await tx.updateTable('announcements').set(change).where('id', '=', id).execute()
}

export async function deleteAnnouncement(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('announcements').where('id', '=', id).execute()
}

export const lockAnnouncement = (
  tx: Db,
  { lock }: Pick<Dialect, 'lock'>,
  id: string,
): Promise<AnnouncementRow | undefined> =>
  lock.forUpdate(tx.selectFrom('announcements').selectAll().where('id', '=', id)).executeTakeFirst()

/** Those that are shown now, the newest first. There are few of them, so none has an index of its own. */
export const listShown = (db: Db, now: string, limit: number): Promise<AnnouncementRow[]> =>
  db
    .selectFrom('announcements')
    .selectAll()
    .where('starts_at', '<=', now)
    .where((where) => where.or([where('ends_at', 'is', null), where('ends_at', '>', now)]))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

export async function countAnnouncements(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('announcements')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Newest first. */
export function listAnnouncements(
  db: Db,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<AnnouncementRow[]> {
  let query = db.selectFrom('announcements').selectAll()
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}
