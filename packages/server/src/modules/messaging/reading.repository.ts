import { type Selectable, sql } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { ConversationMembersTable, Db } from '../../platform/db/schema.ts'

type MemberRow = Selectable<ConversationMembersTable>

interface Member {
  conversationId: string
  userId: string
}

interface Position {
  seq: number
  number: number
  at: string
}

/** Moves a read position forward; false when it was there or further already. */
export async function advanceRead(db: Db, { conversationId, userId }: Member, position: Position): Promise<boolean> {
  const { numAffectedRows } = await advancedRead(db, { conversationId, userId, ...position })
  return numAffectedRows === 1n
}

/** The same, to be run with other statements. */
export const advancedRead = prepared(
  (
    db,
    { conversationId, userId, seq, number, at }: { [Name in keyof (Member & Position)]: (Member & Position)[Name] },
  ) =>
    db
      .updateTable('conversation_members')
      .set((row) => ({
        last_read_seq: seq,
        last_read_number: number,
        last_read_at: at,
        delivered_seq: sql<number>`case when ${row.ref('delivered_seq')} < ${seq} then ${seq} else ${row.ref('delivered_seq')} end`,
      }))
      .where('conversation_id', '=', conversationId)
      .where('user_id', '=', userId)
      .where('last_read_seq', '<', seq),
)

/** Sets a read position back; what was told to others as read stays so. */
export async function resetRead(db: Db, member: Member, position: { seq: number; number: number }): Promise<boolean> {
  const result = await db
    .updateTable('conversation_members')
    .set({ last_read_seq: position.seq, last_read_number: position.number })
    .where('conversation_id', '=', member.conversationId)
    .where('user_id', '=', member.userId)
    .where('last_read_seq', '>', position.seq)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function advanceDelivered(db: Db, member: Member, seq: number): Promise<boolean> {
  const result = await db
    .updateTable('conversation_members')
    .set({ delivered_seq: seq })
    .where('conversation_id', '=', member.conversationId)
    .where('user_id', '=', member.userId)
    .where('delivered_seq', '<', seq)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Positions of members, each a row however many messages there are. */
export async function listReceipts(
  db: Db,
  conversationId: string,
  limit: number,
): Promise<Pick<MemberRow, 'user_id' | 'delivered_seq' | 'last_read_seq' | 'last_read_at'>[]> {
  return db
    .selectFrom('conversation_members')
    .select(['user_id', 'delivered_seq', 'last_read_seq', 'last_read_at'])
    .where('conversation_id', '=', conversationId)
    .orderBy('user_id')
    .limit(limit)
    .execute()
}

/** Of many members at once. */
export async function listReceiptsOf(db: Db, members: readonly Member[]): Promise<MemberRow[]> {
  if (members.length === 0) return []
  return db
    .selectFrom('conversation_members')
    .selectAll()
    .where(
      'conversation_id',
      'in',
      members.map(({ conversationId }) => conversationId),
    )
    .where('user_id', 'in', [...new Set(members.map(({ userId }) => userId))])
    .execute()
}

/** Per conversation, how many unread messages name the person, or everyone. */
export async function countMentions(
  db: Db,
  userId: string,
  conversationIds: readonly string[],
): Promise<Map<string, number>> {
  if (conversationIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('conversation_members')
    .innerJoin('message_mentions', (join) =>
      join
        .onRef('message_mentions.conversation_id', '=', 'conversation_members.conversation_id')
        .onRef('message_mentions.number', '>', 'conversation_members.last_read_number'),
    )
    .select(['conversation_members.conversation_id'])
    .select((row) => row.fn.count<number>('message_mentions.number').distinct().as('count'))
    .where('conversation_members.user_id', '=', userId)
    .where('conversation_members.conversation_id', 'in', [...conversationIds])
    .where('message_mentions.user_id', 'in', [userId, 'all'])
    .groupBy('conversation_members.conversation_id')
    .execute()
  return new Map(rows.map(({ conversation_id, count }) => [conversation_id, Number(count)]))
}
