import type { Selectable, Updateable } from 'kysely'
import { answered, type Question } from '../../platform/db/at-once.ts'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, MessagesTable } from '../../platform/db/schema.ts'
import { type ConversationRow, findConversation, type MembershipRow } from './conversations.repository.ts'

export type MessageRow = Selectable<MessagesTable>
/** The same as a type that has no other fields. */
type Columns<Row> = { [Column in keyof Row]: Row[Column] }

/** What one reader is shown of a conversation. */
export interface Reader {
  userId: string
  visibleFrom: number
  /** Whose messages this reader does not want to see. */
  blockedIds: readonly string[]
}

const messageById = prepared((db, { id }: { id: string }) => db.selectFrom('messages').selectAll().where('id', '=', id))

/** To be run; other statements of the same message go with it. */
export const insertedMessage = prepared((db, message: Columns<MessageRow>) => db.insertInto('messages').values(message))

export async function updateMessage(db: Db, id: string, change: Updateable<MessagesTable>): Promise<void> {
  await db.updateTable('messages').set(change).where('id', '=', id).execute()
}

/** Raises the version of a message that shows something new; a thread's first message also counts its replies. */
export async function bumpMessage(db: Db, id: string, replies = 0): Promise<void> {
  await db
    .updateTable('messages')
    .set((row) => ({ version: row('version', '+', 1), reply_count: row('reply_count', '+', replies) }))
    .where('id', '=', id)
    .execute()
}

export async function findMessage(db: Db, id: string): Promise<MessageRow | undefined> {
  return (await messageById(db, { id })).rows[0]
}

/** The message, held until the transaction ends. */
export async function lockMessage(db: Db, dialect: Pick<Dialect, 'lock'>, id: string): Promise<MessageRow | undefined> {
  return dialect.lock.forUpdate(db.selectFrom('messages').selectAll().where('id', '=', id)).executeTakeFirst()
}

export async function findMessageByClientId(
  db: Db,
  senderId: string,
  clientId: string,
): Promise<MessageRow | undefined> {
  return db
    .selectFrom('messages')
    .selectAll()
    .where('sender_id', '=', senderId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
}

/** The newest message at or before a seq. */
export async function findMessageAt(
  db: Db,
  dialect: Pick<Dialect, 'leading'>,
  conversationId: string,
  seq: number,
): Promise<MessageRow | undefined> {
  return db
    .selectFrom('messages')
    .selectAll()
    .where(dialect.leading('conversation_id', conversationId))
    .where('seq', '<=', seq)
    .orderBy('conversation_id', 'desc')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Times of the messages with these numbers, ascending by number. */
export async function listTimes(
  db: Db,
  conversationId: string,
  numbers: readonly number[],
): Promise<Pick<MessageRow, 'number' | 'seq' | 'created_at'>[]> {
  return db
    .selectFrom('messages')
    .select(['number', 'seq', 'created_at'])
    .where('conversation_id', '=', conversationId)
    .where('number', 'in', [...numbers])
    .orderBy('number')
    .execute()
}

export async function listMessages(
  db: Db,
  dialect: Pick<Dialect, 'leading'>,
  conversationId: string,
  reader: Reader,
  range: { after?: number; until?: number; thread?: string | undefined; limit: number; newestFirst: boolean },
): Promise<MessageRow[]> {
  let query = db
    .selectFrom('messages')
    .selectAll()
    .where(dialect.leading('conversation_id', conversationId))
    .where('seq', '>', Math.max(range.after ?? 0, reader.visibleFrom))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('message_hides')
            .select('message_hides.message_id')
            .where('message_hides.user_id', '=', reader.userId)
            .whereRef('message_hides.message_id', '=', 'messages.id'),
        ),
      ),
    )
  if (reader.blockedIds.length > 0) query = query.where('sender_id', 'not in', [...reader.blockedIds])
  if (range.until !== undefined) query = query.where('seq', '<=', range.until)
  if (range.thread !== undefined) query = query.where('thread_id', '=', range.thread)
  const direction = range.newestFirst ? 'desc' : 'asc'
  // In a thread its own index has the order.
  if (range.thread === undefined) query = query.orderBy('conversation_id', direction)
  return query.orderBy('seq', direction).limit(range.limit).execute()
}

const messagesById = prepared((db, { ids }: { ids: readonly string[] }) =>
  db.selectFrom('messages').selectAll().where('id', 'in', ids),
)

export const askMessagesById = (db: Db, ids: readonly string[]): Question<MessageRow[]> =>
  ids.length === 0 ? answered([]) : messagesById.asked(db, { ids: [...new Set(ids)] })

export async function listMessagesById(db: Db, ids: readonly string[]): Promise<MessageRow[]> {
  if (ids.length === 0) return []
  return (await messagesById(db, { ids: [...new Set(ids)] })).rows
}

/** The newest message of each of one person's conversations, where it is theirs to see. */
export async function listLastMessages(
  db: Db,
  memberships: readonly Pick<MembershipRow, 'id' | 'last_number' | 'visible_from'>[],
): Promise<MessageRow[]> {
  const ids = memberships.filter(({ last_number }) => last_number > 0).map(({ id }) => id)
  if (ids.length === 0) return []
  const visibleFrom = new Map(memberships.map(({ id, visible_from }) => [id, visible_from]))
  const rows = await db
    .selectFrom('messages')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.id', '=', 'messages.conversation_id')
        .onRef('conversations.last_number', '=', 'messages.number'),
    )
    .selectAll('messages')
    .where('conversations.id', 'in', ids)
    .execute()
  return rows.filter((row) => row.seq > (visibleFrom.get(row.conversation_id) ?? 0))
}

const raisedNumber = prepared((db, { conversationId, at }: { conversationId: string; at: string }) =>
  db
    .updateTable('conversations')
    .set((row) => ({ last_number: row('last_number', '+', 1), last_message_at: at, updated_at: at }))
    .where('id', '=', conversationId),
)

/** Takes the next message number; the conversation is locked from here, so numbers follow commits. */
export async function takeNumber(db: Db, conversationId: string, at: string): Promise<ConversationRow | undefined> {
  await raisedNumber(db, { conversationId, at })
  return findConversation(db, conversationId)
}
