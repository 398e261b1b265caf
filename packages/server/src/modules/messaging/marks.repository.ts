import type { Selectable } from 'kysely'
import { answered, type Question } from '../../platform/db/at-once.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { BookmarksTable, ConversationPinsTable, Db, MessageReactionsTable } from '../../platform/db/schema.ts'
import type { MessageRow } from './messages.repository.ts'

/** Per message and emoji how many reacted, oldest reaction first. */
export async function listReactions(
  db: Db,
  messageIds: readonly string[],
): Promise<{ message_id: string; emoji: string; count: number }[]> {
  if (messageIds.length === 0) return []
  const rows = await db
    .selectFrom('message_reactions')
    .select(['message_id', 'emoji'])
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('message_id', 'in', [...messageIds])
    .groupBy(['message_id', 'emoji'])
    .orderBy('message_id')
    .orderBy((row) => row.fn.min('created_at'))
    .orderBy('emoji')
    .execute()
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

export async function listOwnReactions(
  db: Db,
  userId: string,
  messageIds: readonly string[],
): Promise<{ message_id: string; emoji: string }[]> {
  if (messageIds.length === 0) return []
  return db
    .selectFrom('message_reactions')
    .select(['message_id', 'emoji'])
    .where('message_id', 'in', [...messageIds])
    .where('user_id', '=', userId)
    .execute()
}

/** Of these messages, the pinned ones. */
export async function listPinnedIds(db: Db, messageIds: readonly string[]): Promise<string[]> {
  if (messageIds.length === 0) return []
  const rows = await db
    .selectFrom('messages')
    .innerJoin('conversation_pins', (join) =>
      join
        .onRef('conversation_pins.conversation_id', '=', 'messages.conversation_id')
        .onRef('conversation_pins.message_id', '=', 'messages.id'),
    )
    .select('messages.id')
    .where('messages.id', 'in', [...messageIds])
    .execute()
  return rows.map(({ id }) => id)
}

const hidesOf = prepared((db, { messageIds }: { messageIds: readonly string[] }) =>
  db.selectFrom('message_hides').select(['user_id', 'message_id']).where('message_id', 'in', messageIds),
)

/** Of these messages, who deleted which for themselves. */
export async function listHides(
  db: Db,
  messageIds: readonly string[],
): Promise<{ user_id: string; message_id: string }[]> {
  if (messageIds.length === 0) return []
  return (await hidesOf(db, { messageIds })).rows
}

/** The same, to be asked with something else. */
export const askHides = (
  db: Db,
  messageIds: readonly string[],
): Question<readonly { user_id: string; message_id: string }[]> =>
  messageIds.length === 0 ? answered([]) : hidesOf.asked(db, { messageIds })

/** How many other kinds of reactions a message has. */
export async function countReactions(db: Db, messageId: string, except: string): Promise<number> {
  const row = await db
    .selectFrom('message_reactions')
    .select((select) => select.fn.count<number>('emoji').distinct().as('count'))
    .where('message_id', '=', messageId)
    .where('emoji', '!=', except)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** False when it was there already. The message is locked: nobody else is between look and write. */
export async function insertReaction(db: Db, reaction: Selectable<MessageReactionsTable>): Promise<boolean> {
  const known = await db
    .selectFrom('message_reactions')
    .select('emoji')
    .where('message_id', '=', reaction.message_id)
    .where('emoji', '=', reaction.emoji)
    .where('user_id', '=', reaction.user_id)
    .executeTakeFirst()
  if (known) return false
  await db.insertInto('message_reactions').values(reaction).execute()
  return true
}

export async function deleteReaction(
  db: Db,
  reaction: Omit<Selectable<MessageReactionsTable>, 'created_at'>,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('message_reactions')
    .where('message_id', '=', reaction.message_id)
    .where('emoji', '=', reaction.emoji)
    .where('user_id', '=', reaction.user_id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Newest first. */
export async function listPinned(db: Db, conversationId: string, limit: number): Promise<MessageRow[]> {
  return db
    .selectFrom('conversation_pins')
    .innerJoin('messages', 'messages.id', 'conversation_pins.message_id')
    .selectAll('messages')
    .where('conversation_pins.conversation_id', '=', conversationId)
    .orderBy('conversation_pins.created_at', 'desc')
    .orderBy('messages.id', 'desc')
    .limit(limit)
    .execute()
}

/** False when it was pinned already; the message is locked. */
export async function insertPin(db: Db, pin: Selectable<ConversationPinsTable>): Promise<boolean> {
  const known = await db
    .selectFrom('conversation_pins')
    .select('message_id')
    .where('conversation_id', '=', pin.conversation_id)
    .where('message_id', '=', pin.message_id)
    .executeTakeFirst()
  if (known) return false
  await db.insertInto('conversation_pins').values(pin).execute()
  return true
}

export async function deletePin(
  db: Db,
  pin: Pick<Selectable<ConversationPinsTable>, 'conversation_id' | 'message_id'>,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('conversation_pins')
    .where('conversation_id', '=', pin.conversation_id)
    .where('message_id', '=', pin.message_id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export async function countPins(db: Db, conversationId: string): Promise<number> {
  const row = await db
    .selectFrom('conversation_pins')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('conversation_id', '=', conversationId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Newest first; only of conversations that one is a member of now. */
export async function listBookmarked(db: Db, userId: string, limit: number): Promise<MessageRow[]> {
  return db
    .selectFrom('bookmarks')
    .innerJoin('messages', 'messages.id', 'bookmarks.message_id')
    .innerJoin('conversation_members', (join) =>
      join
        .onRef('conversation_members.conversation_id', '=', 'messages.conversation_id')
        .on('conversation_members.user_id', '=', userId),
    )
    .selectAll('messages')
    .where('bookmarks.user_id', '=', userId)
    .whereRef('messages.seq', '>', 'conversation_members.visible_from')
    .orderBy('bookmarks.created_at', 'desc')
    .orderBy('messages.id', 'desc')
    .limit(limit)
    .execute()
}

export async function countBookmarks(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('bookmarks')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Throws a unique violation when it is there already. */
export async function insertBookmark(db: Db, bookmark: Selectable<BookmarksTable>): Promise<void> {
  await db.insertInto('bookmarks').values(bookmark).execute()
}

export async function deleteBookmark(db: Db, userId: string, messageId: string): Promise<void> {
  await db.deleteFrom('bookmarks').where('user_id', '=', userId).where('message_id', '=', messageId).execute()
}
