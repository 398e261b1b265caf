import { sql } from 'kysely'
import { type Question, writeAll } from '../../platform/db/at-once.ts'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { ConversationRow, MemberRow } from './conversations.repository.ts'
import type { MessageRow } from './messages.repository.ts'

// What one message asks of the database one by one, asked for many at once. None of it for no message at all.

type Columns<Row> = { [Name in keyof Row]: Row[Name] }

/** Members, locked in one order by everybody. */
export function askMembersForUpdate(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  members: readonly { conversationId: string; senderId: string }[],
): Question<MemberRow[]> {
  const rows = members.map(({ conversationId, senderId }) => ({ conversationId, senderId }))
  return membersForUpdate.asked(db, { rows }, dialect)
}

const membersForUpdate = prepared(
  (
    db,
    { rows }: { rows: readonly { conversationId: string; senderId: string }[] },
    { lock }: Pick<Dialect, 'lock'>,
  ) => {
    const query = db
      .selectFrom('conversation_members')
      .selectAll()
      .where((where) =>
        where.or(
          rows.map(({ conversationId, senderId }) =>
            where.and([where('conversation_id', '=', conversationId), where('user_id', '=', senderId)]),
          ),
        ),
      )
    // Nobody asks for the order but the locks, and to sort what is found one by one is most of the work.
    return lock.isOfRows ? lock.forUpdate(query.orderBy('conversation_id').orderBy('user_id')) : query
  },
)

/** Of these conversations those that one of the people is in, locked in one order by everybody. */
export function askConversationsForUpdate(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  ids: ReadonlySet<string>,
  userIds: ReadonlySet<string>,
): Question<ConversationRow[]> {
  return conversationsForUpdate.asked(db, { ids: [...ids], userIds: [...userIds] }, dialect)
}

const conversationsForUpdate = prepared(
  (db, { ids, userIds }: { ids: readonly string[]; userIds: readonly string[] }, { lock }: Pick<Dialect, 'lock'>) =>
    lock.forUpdate(
      db
        .selectFrom('conversations')
        .selectAll()
        .where('id', 'in', ids)
        // Nobody keeps others waiting where they are not.
        .where((where) =>
          where.exists(
            where
              .selectFrom('conversation_members')
              .select('conversation_members.user_id')
              .whereRef('conversation_members.conversation_id', '=', 'conversations.id')
              .where('conversation_members.user_id', 'in', userIds),
          ),
        )
        .orderBy('id'),
    ),
)

/** Takes so many message numbers of each conversation; they are locked already. */
export async function takeNumbers(db: Db, counts: ReadonlyMap<string, number>, at: string): Promise<void> {
  const idsByCount = Map.groupBy(counts.keys(), (id) => counts.get(id) as number)
  const writes = [...idsByCount].map(([count, ids]) => takenNumbers.written(db, { count, ids, at }))
  await writeAll(db, writes)
}

const takenNumbers = prepared((db, { count, ids, at }: { count: number; ids: readonly string[]; at: string }) =>
  db
    .updateTable('conversations')
    .set((row) => ({ last_number: row('last_number', '+', count), last_message_at: at, updated_at: at }))
    .where('id', 'in', ids),
)

/** Of these sends those that are stored already. */
export function askSent(
  db: Db,
  sends: readonly { senderId: string; input: { client_id: string } }[],
): Question<Pick<MessageRow, 'sender_id' | 'client_id'>[]> {
  const rows = sends.map(({ senderId, input }) => ({ senderId, clientId: input.client_id }))
  return sentBefore.asked(db, { rows })
}

const sentBefore = prepared((db, { rows }: { rows: readonly { senderId: string; clientId: string }[] }) =>
  db
    .selectFrom('messages')
    .select(['sender_id', 'client_id'])
    .where((where) =>
      where.or(
        rows.map(({ senderId, clientId }) =>
          where.and([where('sender_id', '=', senderId), where('client_id', '=', clientId)]),
        ),
      ),
    ),
)

/** To be run; other statements of the same messages go with it. */
export const insertedMessages = prepared((db, { rows }: { rows: readonly Columns<MessageRow>[] }) =>
  db.insertInto('messages').values([...rows]),
)

export const insertedTerms = prepared((db, { rows }: { rows: readonly { message_id: string; terms: string }[] }) =>
  db.insertInto('message_search').values([...rows]),
)

export interface ReadMove {
  member: MemberRow
  seq: number
  number: number
}

interface ReadSteps {
  conversation_id: string
  user_id: string
  last_read_seq: number
  last_read_number: number
  delivered_seq: number
  [column: string]: string | number
}

/** How far a move goes from where its row, which is locked, is now: every engine knows a difference for a number. */
export const readSteps = ({ member, seq, number }: ReadMove): ReadSteps => ({
  conversation_id: member.conversation_id,
  user_id: member.user_id,
  last_read_seq: Math.max(0, seq - member.last_read_seq),
  last_read_number: Math.max(0, number - member.last_read_number),
  delivered_seq: Math.max(0, seq - member.delivered_seq),
})

/** Moves read positions forward, each to its own place. */
export const advancedReads = prepared((db, { rows, at }: { rows: readonly ReadSteps[]; at: string }) => {
  const move = (column: 'last_read_seq' | 'last_read_number' | 'delivered_seq') => {
    const steps = rows.map(
      (row) =>
        sql`when conversation_id = ${row.conversation_id} and user_id = ${row.user_id} then ${sql.ref(column)} + ${row[column]}`,
    )
    return sql<number>`case ${sql.join(steps, sql` `)} else ${sql.ref(column)} end`
  }
  return db
    .updateTable('conversation_members')
    .set({
      last_read_seq: move('last_read_seq'),
      last_read_number: move('last_read_number'),
      delivered_seq: move('delivered_seq'),
      last_read_at: at,
    })
    .where((where) =>
      where.or(
        rows.map((row) =>
          where.and([where('conversation_id', '=', row.conversation_id), where('user_id', '=', row.user_id)]),
        ),
      ),
    )
})
