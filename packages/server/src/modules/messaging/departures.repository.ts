import { type ExpressionBuilder, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Database, Db } from '../../platform/db/schema.ts'
import { deleteStream } from '../../platform/events/streams.ts'
import { conversationStream } from './conversation.schema.ts'
import type { MemberRow } from './conversations.repository.ts'

type Place = Pick<MemberRow, 'conversation_id' | 'user_id'>

/** Nobody's from here on. Their invitations and bans go with the rows, later. */
export async function endConversations(db: Db, ids: readonly string[], at: string): Promise<void> {
  if (ids.length === 0) return
  await db
    .deleteFrom('conversation_members')
    .where('conversation_id', 'in', [...ids])
    .execute()
  await db
    .updateTable('conversations')
    .set({ deleted_at: at, is_public: 0, member_count: 0 })
    .where('id', 'in', [...ids])
    .execute()
}

export async function listEnded(db: Db, before: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('conversations')
    .select('id')
    .where('deleted_at', '<', before)
    .orderBy('deleted_at')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** So many messages with everything that hangs on them; answers what their files were. */
export async function deleteMessages(
  db: Db,
  conversationId: string,
  limit: number,
): Promise<{ attachments: string | null }[]> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'attachments'])
    .where('conversation_id', '=', conversationId)
    .orderBy('seq')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return []
  // The rest refers to its message and goes with it.
  await db.deleteFrom('message_search').where('message_id', 'in', ids).execute()
  await db.deleteFrom('messages').where('id', 'in', ids).execute()
  return rows
}

export async function deleteConversation(db: Db, id: string): Promise<void> {
  await db.deleteFrom('conversations').where('id', '=', id).execute()
  await deleteStream(db, conversationStream(id))
}

/** A person's memberships, held until the transaction ends. */
export async function lockMembershipsOf(db: Db, dialect: Pick<Dialect, 'lock'>, userId: string): Promise<MemberRow[]> {
  const query = db
    .selectFrom('conversation_members')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('conversation_id')
  return dialect.lock.forUpdate(query).execute()
}

/** Who owns each of these when its only owner goes: the longest-standing administrator, else the longest-standing member. */
export async function listHeirs(db: Db, ownerId: string, conversationIds: readonly string[]): Promise<Place[]> {
  if (conversationIds.length === 0) return []
  const ranked = db
    .selectFrom('conversation_members')
    .select(['conversation_id', 'user_id', 'role'])
    .select(
      sql<number>`row_number() over (partition by conversation_id order by case role when 'owner' then 0 when 'admin' then 1 else 2 end, joined_at, user_id)`.as(
        'place',
      ),
    )
    .where('conversation_id', 'in', [...conversationIds])
    .where('user_id', '!=', ownerId)
  return db
    .selectFrom(ranked.as('ranked'))
    .select(['conversation_id', 'user_id'])
    .where('place', '=', 1)
    .where('role', '!=', 'owner')
    .orderBy('conversation_id')
    .execute()
}

const isOneOf = (places: readonly Place[]) => (where: ExpressionBuilder<Database, 'conversation_members'>) =>
  where.or(
    places.map(({ conversation_id, user_id }) =>
      where.and([where('conversation_id', '=', conversation_id), where('user_id', '=', user_id)]),
    ),
  )

/** In so many at a time: engines bound how long a condition is. */
function* inBatches(places: readonly Place[], size = 200): Generator<Place[]> {
  for (let first = 0; first < places.length; first += size) yield places.slice(first, first + size)
}

export async function lockPlaces(db: Db, dialect: Pick<Dialect, 'lock'>, places: readonly Place[]): Promise<void> {
  for (const batch of inBatches(places)) {
    const query = db
      .selectFrom('conversation_members')
      .select('user_id')
      .where(isOneOf(batch))
      .orderBy('conversation_id')
      .orderBy('user_id')
    await dialect.lock.forUpdate(query).execute()
  }
}

export async function makeOwners(db: Db, places: readonly Place[]): Promise<void> {
  for (const batch of inBatches(places)) {
    await db.updateTable('conversation_members').set({ role: 'owner' }).where(isOneOf(batch)).execute()
  }
}

/** Takes a person out of these conversations, which are locked. */
export async function deleteMembershipsOf(db: Db, userId: string, conversationIds: readonly string[]): Promise<void> {
  if (conversationIds.length === 0) return
  await db
    .deleteFrom('conversation_members')
    .where('user_id', '=', userId)
    .where('conversation_id', 'in', [...conversationIds])
    .execute()
  await db
    .updateTable('conversations')
    .set((row) => ({ member_count: row('member_count', '-', 1) }))
    .where('id', 'in', [...conversationIds])
    .execute()
}

/** What an account keeps here beside its memberships and what it wrote. */
export async function deleteOwnMarks(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('bookmarks').where('user_id', '=', userId).execute()
  await db.deleteFrom('message_hides').where('user_id', '=', userId).execute()
  await db.deleteFrom('conversation_bans').where('user_id', '=', userId).execute()
}
