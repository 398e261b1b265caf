import { sql } from 'kysely'
import type { Db } from '../../platform/db/schema.ts'
import type { ConversationRow } from './conversations.repository.ts'

/** Public channels by title, after the place `after`. Only they are read, however many conversations there are. */
export async function listPublicChannels(
  db: Db,
  page: { search?: string | undefined; after?: readonly [title: string, id: string] | undefined; limit: number },
): Promise<ConversationRow[]> {
  let query = db.selectFrom('conversations').selectAll().where('is_public', '=', 1)
  if (page.search !== undefined) {
    const pattern = `%${page.search.toLowerCase().replace(/[!%_]/g, '!$&')}%`
    query = query.where(sql<boolean>`lower(title) like ${pattern} escape '!'`)
  }
  if (page.after) {
    const [title, id] = page.after
    // Written so that every engine reads the range from the sort columns: a >= x and (a > x or b > y).
    query = query
      .where('title', '>=', title)
      .where((where) => where.or([where('title', '>', title), where('id', '>', id)]))
  }
  return query.orderBy('is_public').orderBy('title').orderBy('id').limit(page.limit).execute()
}

/** Of these conversations, those a person is in. */
export async function listJoined(db: Db, userId: string, conversationIds: readonly string[]): Promise<string[]> {
  if (conversationIds.length === 0) return []
  const rows = await db
    .selectFrom('conversation_members')
    .select('conversation_id')
    .where('user_id', '=', userId)
    .where('conversation_id', 'in', [...conversationIds])
    .execute()
  return rows.map(({ conversation_id }) => conversation_id)
}
