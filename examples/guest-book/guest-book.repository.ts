import type { Kysely } from '@atrium/server'

export interface EntryRow {
  id: string
  author_id: string
  text: string
  created_at: string
}

export interface GuestBookTables {
  guest_book_entries: EntryRow
}

type Db = Kysely<GuestBookTables>

export async function insertEntry(db: Db, row: EntryRow): Promise<void> {
  await db.insertInto('guest_book_entries').values(row).execute()
}

/** Newest first: ids sort by time. */
export function listEntries(db: Db, { before, limit }: { before?: string; limit: number }): Promise<EntryRow[]> {
  const query = db.selectFrom('guest_book_entries').selectAll().orderBy('id', 'desc').limit(limit)
  return (before === undefined ? query : query.where('id', '<', before)).execute()
}

export const findEntries = (db: Db, ids: readonly string[]): Promise<EntryRow[]> =>
  db.selectFrom('guest_book_entries').selectAll().where('id', 'in', ids).execute()

export async function countSince(db: Db, authorId: string, since: string): Promise<number> {
  const { n } = await db
    .selectFrom('guest_book_entries')
    .select((row) => row.fn.countAll().as('n'))
    .where('author_id', '=', authorId)
    .where('created_at', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(n)
}

export async function deleteEntry(db: Db, id: string): Promise<void> {
  await db.deleteFrom('guest_book_entries').where('id', '=', id).execute()
}

export async function deleteOlder(db: Db, before: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('guest_book_entries')
    .where('created_at', '<', before)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

export async function deleteOfAuthor(db: Db, authorId: string): Promise<void> {
  await db.deleteFrom('guest_book_entries').where('author_id', '=', authorId).execute()
}
