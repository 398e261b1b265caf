import type { Dialect, SearchTerm } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { MessageRow, Reader } from './messages.repository.ts'

/** Newest first. The index narrows by words and conversations; membership is asked once more, by its own table. */
export async function searchMessages(
  db: Db,
  { search }: Pick<Dialect, 'search'>,
  query: {
    groups: readonly (readonly SearchTerm[])[]
    reader: Pick<Reader, 'userId' | 'blockedIds'>
    beforeId: string | undefined
    from: string | undefined
    until: string | undefined
    limit: number
  },
): Promise<MessageRow[]> {
  const { userId, blockedIds } = query.reader
  let select = db
    .selectFrom('message_search')
    .innerJoin('messages', 'messages.id', 'message_search.message_id')
    .innerJoin('conversation_members', (join) =>
      join
        .onRef('conversation_members.conversation_id', '=', 'messages.conversation_id')
        .on('conversation_members.user_id', '=', userId),
    )
    .selectAll('messages')
    .where(search.matches('message_search', 'terms', query.groups))
    .whereRef('messages.seq', '>', 'conversation_members.visible_from')
    .where('messages.deleted_at', 'is', null)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('message_hides')
            .select('message_hides.message_id')
            .where('message_hides.user_id', '=', userId)
            .whereRef('message_hides.message_id', '=', 'messages.id'),
        ),
      ),
    )
  if (blockedIds.length > 0) select = select.where('messages.sender_id', 'not in', [...blockedIds])
  if (query.beforeId !== undefined) select = select.where('message_search.message_id', '<', query.beforeId)
  if (query.from !== undefined) select = select.where('messages.created_at', '>=', query.from)
  if (query.until !== undefined) select = select.where('messages.created_at', '<', query.until)
  // Ids grow with time.
  return select.orderBy('message_search.message_id', 'desc').limit(query.limit).execute()
}
