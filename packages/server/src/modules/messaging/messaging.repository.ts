import { type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { ConversationMembersTable, ConversationsTable, Db, MessagesTable } from '../../platform/db/schema.ts'
import type { ReadableStream } from '../../platform/events/readable-stream.ts'

export type ConversationRow = Selectable<ConversationsTable>
export type MemberRow = Selectable<ConversationMembersTable>
export type MessageRow = Selectable<MessagesTable>

/** A conversation as one member has it. */
export type MembershipRow = ConversationRow &
  Pick<MemberRow, 'role' | 'visible_from' | 'last_read_seq' | 'last_read_number'>

const memberColumns = [
  'conversation_members.role',
  'conversation_members.visible_from',
  'conversation_members.last_read_seq',
  'conversation_members.last_read_number',
] as const

export async function findConversationByKey(db: Db, directKey: string): Promise<ConversationRow | undefined> {
  return db.selectFrom('conversations').selectAll().where('direct_key', '=', directKey).executeTakeFirst()
}

export async function insertConversation(
  db: Db,
  conversation: ConversationRow,
  members: readonly MemberRow[],
): Promise<void> {
  await db.insertInto('conversations').values(conversation).execute()
  await db
    .insertInto('conversation_members')
    .values([...members])
    .execute()
}

export async function findMembership(
  db: Db,
  conversationId: string,
  userId: string,
): Promise<MembershipRow | undefined> {
  return memberships(db, userId).where('conversations.id', '=', conversationId).executeTakeFirst()
}

/** Newest activity first, after the place `after`. */
export async function listMemberships(
  db: Db,
  userId: string,
  page: { after?: readonly [at: string, id: string] | undefined; limit: number },
): Promise<MembershipRow[]> {
  let query = memberships(db, userId).orderBy('conversations.updated_at', 'desc').orderBy('conversations.id', 'desc')
  if (page.after) {
    const [at, id] = page.after
    // Written so that every engine reads the range from the sort columns: a <= x and (a < x or b < y).
    query = query
      .where('conversations.updated_at', '<=', at)
      .where((where) => where.or([where('conversations.updated_at', '<', at), where('conversations.id', '<', id)]))
  }
  return query.limit(page.limit).execute()
}

const memberships = (db: Db, userId: string) =>
  db
    .selectFrom('conversation_members')
    .innerJoin('conversations', 'conversations.id', 'conversation_members.conversation_id')
    .selectAll('conversations')
    .select(memberColumns)
    .where('conversation_members.user_id', '=', userId)

/** Members of many conversations at once. */
export async function listMembers(
  db: Db,
  conversationIds: readonly string[],
): Promise<Pick<MemberRow, 'conversation_id' | 'user_id'>[]> {
  if (conversationIds.length === 0) return []
  return db
    .selectFrom('conversation_members')
    .select(['conversation_id', 'user_id'])
    .where('conversation_id', 'in', [...conversationIds])
    .orderBy('joined_at')
    .orderBy('user_id')
    .execute()
}

/** The member's row, held until the transaction ends: nobody is removed between this look and the write. */
export async function findMemberForUpdate(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  conversationId: string,
  userId: string,
): Promise<MemberRow | undefined> {
  const query = db
    .selectFrom('conversation_members')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
  return dialect.lock.forUpdate(query).executeTakeFirst()
}

/** Takes the next message number; the conversation is locked from here, so numbers follow commits. */
export async function takeNumber(db: Db, conversationId: string, at: string): Promise<number> {
  await db
    .updateTable('conversations')
    .set((row) => ({ last_number: row('last_number', '+', 1), last_message_at: at, updated_at: at }))
    .where('id', '=', conversationId)
    .execute()
  const { last_number } = await db
    .selectFrom('conversations')
    .select('last_number')
    .where('id', '=', conversationId)
    .executeTakeFirstOrThrow()
  return last_number
}

export async function insertMessage(db: Db, message: MessageRow): Promise<void> {
  await db.insertInto('messages').values(message).execute()
}

/** Moves a read position forward; false when it was there or further already. */
export async function advanceRead(
  db: Db,
  member: { conversationId: string; userId: string },
  position: { seq: number; number: number; at: string },
): Promise<boolean> {
  const result = await db
    .updateTable('conversation_members')
    .set({ last_read_seq: position.seq, last_read_number: position.number, last_read_at: position.at })
    .where('conversation_id', '=', member.conversationId)
    .where('user_id', '=', member.userId)
    .where('last_read_seq', '<', position.seq)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
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
export async function findMessageAt(db: Db, conversationId: string, seq: number): Promise<MessageRow | undefined> {
  const [message] = await listMessages(db, conversationId, { until: seq, limit: 1, newestFirst: true })
  return message
}

export async function listMessages(
  db: Db,
  conversationId: string,
  range: { after?: number; until?: number; limit: number; newestFirst: boolean },
): Promise<MessageRow[]> {
  let query = db.selectFrom('messages').selectAll().where('conversation_id', '=', conversationId)
  if (range.after !== undefined) query = query.where('seq', '>', range.after)
  if (range.until !== undefined) query = query.where('seq', '<=', range.until)
  return query
    .orderBy('seq', range.newestFirst ? 'desc' : 'asc')
    .limit(range.limit)
    .execute()
}

export async function listMessagesById(db: Db, ids: readonly string[]): Promise<MessageRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('messages')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
}

/** The newest message of each conversation. */
export async function listLastMessages(db: Db, conversations: readonly ConversationRow[]): Promise<MessageRow[]> {
  const ids = conversations.filter(({ last_number }) => last_number > 0).map(({ id }) => id)
  if (ids.length === 0) return []
  return db
    .selectFrom('messages')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.id', '=', 'messages.conversation_id')
        .onRef('conversations.last_number', '=', 'messages.number'),
    )
    .selectAll('messages')
    .where('conversations.id', 'in', ids)
    .execute()
}

export async function findReceipt(db: Db, conversationId: string, userId: string): Promise<MemberRow | undefined> {
  return db
    .selectFrom('conversation_members')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** The conversation streams a person may read today, with their bounds. */
export async function listConversationStreams(db: Db, userId: string): Promise<ReadableStream[]> {
  return db
    .selectFrom('conversation_members')
    .innerJoin('streams', (join) =>
      join.on(
        'streams.id',
        '=',
        sql<string>`concat('conversation:', ${sql.ref('conversation_members.conversation_id')})`,
      ),
    )
    .select([
      'streams.id as stream',
      'streams.head',
      'streams.tail',
      'conversation_members.visible_from as visibleFrom',
    ])
    .where('conversation_members.user_id', '=', userId)
    .execute()
}

export async function countUnreadConversations(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('conversation_members')
    .innerJoin('conversations', 'conversations.id', 'conversation_members.conversation_id')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('conversation_members.user_id', '=', userId)
    .whereRef('conversations.last_number', '>', 'conversation_members.last_read_number')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
