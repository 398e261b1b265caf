import { type ExpressionWrapper, expressionBuilder, type SqlBool } from 'kysely'
import type { Dialect, SearchGroups, SearchMatch, UnorderedSearch } from '../../platform/db/dialects/dialect.ts'
import type { Database, Db } from '../../platform/db/schema.ts'
import type { MessageRow, Reader } from './messages.repository.ts'

/** `place`: where a page that ends with this hit is followed by the next one. */
export type Hit = MessageRow & { place: string | number }

const searchTable = { table: 'message_search', key: 'message_id', terms: 'terms' } as const

/** Whom a search is for, and between which times. */
export interface SearchBounds {
  reader: Pick<Reader, 'userId' | 'blockedIds'>
  from: string | undefined
  until: string | undefined
}

interface Range extends SearchBounds {
  groups: SearchGroups
  /** The `place` of the last hit before these. */
  before: string | number | undefined
  limit: number
}

/**
 * Newest first. The index narrows by words and, where `groups` have them, conversations; membership is asked once more, by
 * its own table.
 */
export async function searchMessages(
  db: Db,
  { search }: Pick<Dialect, 'search'>,
  range: Range & { conversationIds?: readonly string[] | undefined },
): Promise<Hit[]> {
  const { groups, before, conversationIds } = range
  const found = search.matches({ ...searchTable, groups, before })
  let select = db
    .selectFrom(found.as('found'))
    .innerJoin('messages', 'messages.id', 'found.key')
    .selectAll('messages')
    .select('found.place')
    .where(mayBeFound(range))
  if (conversationIds) select = select.where('messages.conversation_id', 'in', [...conversationIds])
  return select.orderBy('found.place', 'desc').limit(range.limit).execute()
}

/** The newest rows of the index with these words, whosever they are. */
export async function listMatches(
  db: Db,
  { search }: Pick<Dialect, 'search'>,
  { groups, before, limit }: Pick<Range, 'groups' | 'before' | 'limit'>,
): Promise<SearchMatch[]> {
  const found = search.matches({ ...searchTable, groups, before })
  return db.selectFrom(found.as('found')).selectAll().orderBy('found.place', 'desc').limit(limit).execute()
}

/** Of these matches the messages of these conversations that their reader may see now, newest first. */
export async function readMatches(
  db: Db,
  matches: readonly SearchMatch[],
  range: SearchBounds & { conversationIds: readonly string[]; limit: number },
): Promise<Hit[]> {
  if (matches.length === 0) return []
  const places = new Map(matches.map(({ key, place }) => [key, place]))
  const rows = await db
    .selectFrom('messages')
    .selectAll('messages')
    .where('messages.id', 'in', [...places.keys()])
    .where('messages.conversation_id', 'in', [...range.conversationIds])
    .where(mayBeFound(range))
    .execute()
  const found = new Map(rows.map((row) => [row.id, row]))
  return matches
    .flatMap(({ key, place }) => {
      const row = found.get(key)
      return row ? [{ ...row, place }] : []
    })
    .slice(0, range.limit)
}

/** The same without the index of words: of these conversations all messages are looked at, from a place down to another. */
export async function lookThrough(
  db: Db,
  search: UnorderedSearch,
  range: Range & { before: string | undefined; conversationIds: readonly string[]; downTo: string | undefined },
): Promise<Hit[]> {
  const { conversationIds, groups, before, downTo } = range
  const rows = search.between<MessageRow>({ ...owned(conversationIds, before), downTo })
  return db
    .selectFrom(rows.as('messages'))
    .selectAll('messages')
    .select('messages.id as place')
    .where(search.holds({ ...searchTable, groups, id: 'messages.id' }))
    .where(mayBeFound(range))
    .orderBy('messages.id', 'desc')
    .limit(range.limit)
    .execute()
}

const owned = (owners: readonly string[], before: string | undefined) => ({
  ...{ table: 'messages', owner: 'conversation_id', owners, before },
})

/** What its reader may see now. Asked of each, not joined: an engine would begin with all messages of the conversations. */
function mayBeFound({
  reader: { userId, blockedIds },
  from,
  until,
}: SearchBounds): ExpressionWrapper<Database, 'messages', SqlBool> {
  const where = expressionBuilder<Database, 'messages'>()
  const visibleFrom = where
    .selectFrom('conversation_members')
    .select('conversation_members.visible_from')
    .whereRef('conversation_members.conversation_id', '=', 'messages.conversation_id')
    .where('conversation_members.user_id', '=', userId)
  const hidden = where
    .selectFrom('message_hides')
    .select('message_hides.message_id')
    .where('message_hides.user_id', '=', userId)
    .whereRef('message_hides.message_id', '=', 'messages.id')
  return where.and([
    where(visibleFrom, '<', where.ref('messages.seq')),
    where('messages.deleted_at', 'is', null),
    where(hidden, 'is', null),
    ...(blockedIds.length > 0 ? [where('messages.sender_id', 'not in', [...blockedIds])] : []),
    ...(from === undefined ? [] : [where('messages.created_at', '>=', from)]),
    ...(until === undefined ? [] : [where('messages.created_at', '<', until)]),
  ])
}

export type Place = Pick<MessageRow, 'conversation_id' | 'number' | 'id'>

/** The newest message of each of these conversations before a place, newest first. */
export async function listNewest(
  db: Db,
  search: UnorderedSearch,
  conversationIds: readonly string[],
  before: string | undefined,
): Promise<Place[]> {
  return db
    .selectFrom(search.newest(owned(conversationIds, before)).as('newest'))
    .innerJoin('messages', 'messages.id', 'newest.id')
    .select(['messages.conversation_id', 'messages.number', 'messages.id'])
    .orderBy('messages.id', 'desc')
    .execute()
}

/** The messages with these numbers. */
export async function listNumbered(
  db: Db,
  wanted: readonly { conversation_id: string; numbers: readonly number[] }[],
): Promise<Place[]> {
  const some = wanted.filter(({ numbers }) => numbers.length > 0)
  if (some.length === 0) return []
  return db
    .selectFrom('messages')
    .select(['conversation_id', 'number', 'id'])
    .where((where) =>
      where.or(
        some.map(({ conversation_id, numbers }) =>
          where.and([where('conversation_id', '=', conversation_id), where('number', 'in', [...numbers])]),
        ),
      ),
    )
    .execute()
}

/** How many of the newest messages of everybody have these words. */
export async function countAmongNewest(
  db: Db,
  search: UnorderedSearch,
  groups: SearchGroups,
  among: number,
): Promise<number> {
  const newest = db.selectFrom('message_search').select('message_id').orderBy('message_id', 'desc').limit(among)
  const row = await db
    .selectFrom(newest.as('newest'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(search.holds({ ...searchTable, groups, id: 'newest.message_id' }))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
