import { type Insertable, type Selectable, sql, type Updateable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { ConversationMembersTable, ConversationsTable, Db } from '../../platform/db/schema.ts'
import type { ReadableStream } from '../../platform/events/readable-stream.ts'

export type ConversationRow = Selectable<ConversationsTable>
export type MemberRow = Selectable<ConversationMembersTable>

/** A conversation as one member has it. */
export type MembershipRow = ConversationRow & Omit<MemberRow, 'conversation_id' | 'user_id'>

const memberColumns = [
  'conversation_members.role',
  'conversation_members.joined_at',
  'conversation_members.visible_from',
  'conversation_members.last_read_seq',
  'conversation_members.last_read_number',
  'conversation_members.last_read_at',
  'conversation_members.delivered_seq',
  'conversation_members.muted_until',
  'conversation_members.pinned_at',
  'conversation_members.archived_at',
] as const

const memberships = (db: Db, userId: string) =>
  db
    .selectFrom('conversation_members')
    .innerJoin('conversations', 'conversations.id', 'conversation_members.conversation_id')
    .selectAll('conversations')
    .select(memberColumns)
    .where('conversation_members.user_id', '=', userId)

export async function findConversationByKey(db: Db, directKey: string): Promise<ConversationRow | undefined> {
  return db.selectFrom('conversations').selectAll().where('direct_key', '=', directKey).executeTakeFirst()
}

const conversationById = prepared((db, { id }: { id: string }) =>
  db.selectFrom('conversations').selectAll().where('id', '=', id).where('deleted_at', 'is', null),
)

export async function findConversation(db: Db, id: string): Promise<ConversationRow | undefined> {
  return (await conversationById(db, { id })).rows[0]
}

export async function listConversationsById(db: Db, ids: readonly string[]): Promise<ConversationRow[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('conversations')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute()
}

export async function insertConversation(
  db: Db,
  conversation: Insertable<ConversationsTable>,
  members: readonly Insertable<ConversationMembersTable>[],
): Promise<void> {
  await db.insertInto('conversations').values(conversation).execute()
  await insertMembers(db, members)
}

export async function insertMembers(db: Db, members: readonly Insertable<ConversationMembersTable>[]): Promise<void> {
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

/** The same for many of one person's conversations at once. */
export async function listMembershipsById(
  db: Db,
  userId: string,
  conversationIds: readonly string[],
): Promise<MembershipRow[]> {
  if (conversationIds.length === 0) return []
  return memberships(db, userId)
    .where('conversations.id', 'in', [...conversationIds])
    .execute()
}

/** The person's direct conversations with each of the others. */
export async function listDirectConversations(
  db: Db,
  userId: string,
  otherIds: readonly string[],
): Promise<MembershipRow[]> {
  if (otherIds.length === 0) return []
  const keys = otherIds.map((id) => [userId, id].sort().join(':'))
  return memberships(db, userId).where('conversations.direct_key', 'in', keys).execute()
}

/** Newest activity first, after the place `after`. */
export async function listMemberships(
  db: Db,
  userId: string,
  page: {
    after?: readonly [at: string, id: string] | undefined
    limit: number
    archived: boolean
    pinned?: boolean | undefined
  },
): Promise<MembershipRow[]> {
  let query = memberships(db, userId)
    .where('conversation_members.archived_at', page.archived ? 'is not' : 'is', null)
    .orderBy('conversations.updated_at', 'desc')
    .orderBy('conversations.id', 'desc')
  if (page.pinned !== undefined) {
    query = query.where('conversation_members.pinned_at', page.pinned ? 'is not' : 'is', null)
  }
  if (page.after) {
    const [at, id] = page.after
    // Written so that every engine reads the range from the sort columns: a <= x and (a < x or b < y).
    query = query
      .where('conversations.updated_at', '<=', at)
      .where((where) => where.or([where('conversations.updated_at', '<', at), where('conversations.id', '<', id)]))
  }
  return query.limit(page.limit).execute()
}

/** Ids of a person's conversations, those with the newest activity first. */
export async function listMembershipIds(db: Db, userId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('conversation_members')
    .innerJoin('conversations', 'conversations.id', 'conversation_members.conversation_id')
    .select('conversations.id')
    .where('conversation_members.user_id', '=', userId)
    .orderBy('conversations.updated_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export type PreviewMember = Pick<MemberRow, 'conversation_id' | 'user_id'>

/** Whose preview is shown: of each conversation the first few, so that large ones cost no more. */
export async function listPreviewMembers(
  db: Db,
  conversationIds: readonly string[],
  perConversation: number,
): Promise<PreviewMember[]> {
  if (conversationIds.length === 0) return []
  const first = (id: string) =>
    db
      .selectFrom(
        db
          .selectFrom('conversation_members')
          .select(['conversation_id', 'user_id', 'joined_at'])
          .where('conversation_id', '=', id)
          .orderBy('joined_at')
          .orderBy('user_id')
          .limit(perConversation)
          .as('first_members'),
      )
      .selectAll()
  const [one, ...others] = conversationIds as [string, ...string[]]
  const rows = await others.reduce((query, id) => query.unionAll(first(id)), first(one)).execute()
  const placeOf = ({ joined_at, user_id }: (typeof rows)[number]) => `${joined_at} ${user_id}`
  return rows.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
}

/** Ids of the members among these people; of all when none are named. At most `limit`. */
export async function listMemberIds(
  db: Db,
  conversationId: string,
  limit: number,
  among?: readonly string[],
): Promise<string[]> {
  let query = db.selectFrom('conversation_members').select('user_id').where('conversation_id', '=', conversationId)
  if (among) query = query.where('user_id', 'in', [...among])
  const rows = await query.limit(limit).execute()
  return rows.map(({ user_id }) => user_id)
}

export async function findMember(db: Db, conversationId: string, userId: string): Promise<MemberRow | undefined> {
  return db
    .selectFrom('conversation_members')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** The member's row, held until the transaction ends: nobody is removed between this look and the write. */
const memberForUpdate = prepared(
  (db, { conversationId, userId }: { conversationId: string; userId: string }, { lock }: Pick<Dialect, 'lock'>) =>
    lock.forUpdate(
      db
        .selectFrom('conversation_members')
        .selectAll()
        .where('conversation_id', '=', conversationId)
        .where('user_id', '=', userId),
    ),
)

export async function findMemberForUpdate(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  conversationId: string,
  userId: string,
): Promise<MemberRow | undefined> {
  return (await memberForUpdate(db, { conversationId, userId }, dialect)).rows[0]
}

export async function updateMember(
  db: Db,
  member: { conversationId: string; userId: string },
  change: Updateable<ConversationMembersTable>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('conversation_members')
    .set(change)
    .where('conversation_id', '=', member.conversationId)
    .where('user_id', '=', member.userId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function updateConversation(db: Db, id: string, change: Updateable<ConversationsTable>): Promise<void> {
  await db.updateTable('conversations').set(change).where('id', '=', id).execute()
}

/** Takes it out of everyone's archive; answers whose it was in. */
export async function unarchiveAll(db: Db, conversationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('conversation_members')
    .select('user_id')
    .where('conversation_id', '=', conversationId)
    .where('archived_at', 'is not', null)
    .execute()
  await db.updateTable('conversations').set({ has_archived: 0 }).where('id', '=', conversationId).execute()
  await db
    .updateTable('conversation_members')
    .set({ archived_at: null })
    .where('conversation_id', '=', conversationId)
    .where('archived_at', 'is not', null)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** The conversation, locked: membership and numbers of it change one after the other. */
export async function lockConversation(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  id: string,
): Promise<ConversationRow | undefined> {
  const query = db.selectFrom('conversations').selectAll().where('id', '=', id).where('deleted_at', 'is', null)
  return dialect.lock.forUpdate(query).executeTakeFirst()
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

/** Neither muted nor archived ones: what calls for attention. */
export async function countUnreadConversations(db: Db, userId: string, now: string): Promise<number> {
  const row = await db
    .selectFrom('conversation_members')
    .innerJoin('conversations', 'conversations.id', 'conversation_members.conversation_id')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('conversation_members.user_id', '=', userId)
    .where('conversation_members.archived_at', 'is', null)
    .where((where) => where.or([where('muted_until', 'is', null), where('muted_until', '<=', now)]))
    .whereRef('conversations.last_number', '>', 'conversation_members.last_read_number')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
