import type { Dialect, SearchTerm } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { MessageRow, Reader } from './messages.repository.ts'

/**
 * Newest first. The index narrows by words and conversations; membership is asked once more, by its own table. Asked of each
 * hit, not joined: an engine that underrates the index would begin with all messages of all the reader's conversations.
 */
export async function searchMessages(
  db: Db,
  { search }: Pick<Dialect, 'search'>,
  query: {
    groups: readonly (readonly SearchTerm[])[]
    reader: Pick<Reader, 'userId' | 'blockedIds'>
    /** The `place` of the last hit of an earlier page. */
    before: string | number | undefined
    from: string | undefined
    until: string | undefined
    limit: number
  },
): Promise<(MessageRow & { place: string | number })[]> {
  const { userId, blockedIds } = query.reader
  const { groups, before } = query
  const found = search.matches({ table: 'message_search', key: 'message_id', terms: 'terms', groups, before })
  let select = db
    .selectFrom(found.as('found'))
    .innerJoin('messages', 'messages.id', 'found.key')
    .selectAll('messages')
    .select('found.place')
    .where((where) =>
      where(
        where
          .selectFrom('conversation_members')
          .select('conversation_members.visible_from')
          .whereRef('conversation_members.conversation_id', '=', 'messages.conversation_id')
          .where('conversation_members.user_id', '=', userId),
        '<',
        where.ref('messages.seq'),
      ),
    )
    .where('messages.deleted_at', 'is', null)
    .where((where) =>
      where(
        where
          .selectFrom('message_hides')
          .select('message_hides.message_id')
          .where('message_hides.user_id', '=', userId)
          .whereRef('message_hides.message_id', '=', 'messages.id'),
        'is',
        null,
      ),
    )
  if (blockedIds.length > 0) select = select.where('messages.sender_id', 'not in', [...blockedIds])
  if (query.from !== undefined) select = select.where('messages.created_at', '>=', query.from)
  if (query.until !== undefined) select = select.where('messages.created_at', '<', query.until)
  return select.orderBy('found.place', 'desc').limit(query.limit).execute()
}
