import { type Insertable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, MessagesTable } from '../../platform/db/schema.ts'
import type { MemberRow } from './conversations.repository.ts'
import type { MessageRow } from './messages.repository.ts'

// What one message asks of the database one by one, asked for many at once.

/** Members, locked in one order by everybody. */
export async function listMembersForUpdate(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  members: readonly { conversationId: string; senderId: string }[],
): Promise<MemberRow[]> {
  const query = db
    .selectFrom('conversation_members')
    .selectAll()
    .where((where) =>
      where.or(
        members.map(({ conversationId, senderId }) =>
          where.and([where('conversation_id', '=', conversationId), where('user_id', '=', senderId)]),
        ),
      ),
    )
    .orderBy('conversation_id')
    .orderBy('user_id')
  return dialect.lock.forUpdate(query).execute()
}

/** Takes so many message numbers of each conversation; they are locked already. */
export async function takeNumbers(db: Db, counts: ReadonlyMap<string, number>, at: string): Promise<void> {
  const idsByCount = Map.groupBy(counts.keys(), (id) => counts.get(id) as number)
  for (const [count, ids] of idsByCount) {
    await db
      .updateTable('conversations')
      .set((row) => ({ last_number: row('last_number', '+', count), last_message_at: at, updated_at: at }))
      .where('id', 'in', ids)
      .execute()
  }
}

/** Of these sends those that are stored already. */
export async function listSent(
  db: Db,
  sends: readonly { senderId: string; input: { client_id: string } }[],
): Promise<Pick<MessageRow, 'sender_id' | 'client_id'>[]> {
  return db
    .selectFrom('messages')
    .select(['sender_id', 'client_id'])
    .where((where) =>
      where.or(
        sends.map(({ senderId, input }) =>
          where.and([where('sender_id', '=', senderId), where('client_id', '=', input.client_id)]),
        ),
      ),
    )
    .execute()
}

export async function insertMessages(db: Db, messages: readonly Insertable<MessagesTable>[]): Promise<void> {
  await db
    .insertInto('messages')
    .values([...messages])
    .execute()
}

export async function insertSearchTermsOf(
  db: Db,
  messages: readonly { messageId: string; terms: string }[],
): Promise<void> {
  await db
    .insertInto('message_search')
    .values(messages.map(({ messageId, terms }) => ({ message_id: messageId, terms })))
    .execute()
}

/**
 * Moves read positions forward, each to its own place. Their rows, as they are now, are locked: what
 * is told to the database is how far each moves, so that every engine knows the parameters for numbers.
 */
export async function advanceReads(
  db: Db,
  moves: readonly { member: MemberRow; seq: number; number: number }[],
  at: string,
): Promise<void> {
  const move = (column: 'last_read_seq' | 'last_read_number' | 'delivered_seq', to: 'seq' | 'number') => {
    const steps = moves.map(({ member, ...position }) => {
      const step = Math.max(0, position[to] - member[column])
      return sql`when conversation_id = ${member.conversation_id} and user_id = ${member.user_id} then ${sql.ref(column)} + ${step}`
    })
    return sql<number>`case ${sql.join(steps, sql` `)} else ${sql.ref(column)} end`
  }
  await db
    .updateTable('conversation_members')
    .set({
      last_read_seq: move('last_read_seq', 'seq'),
      last_read_number: move('last_read_number', 'number'),
      delivered_seq: move('delivered_seq', 'seq'),
      last_read_at: at,
    })
    .where((where) =>
      where.or(
        moves.map(({ member }) =>
          where.and([where('conversation_id', '=', member.conversation_id), where('user_id', '=', member.user_id)]),
        ),
      ),
    )
    .execute()
}
