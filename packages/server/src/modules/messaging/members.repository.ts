import { type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { ConversationBansTable, Database, Db } from '../../platform/db/schema.ts'
import type { ConversationRow, MemberRow } from './conversations.repository.ts'

export type BanRow = Selectable<ConversationBansTable>

/** The members among these people, held until the transaction ends; always in the same order, so that nobody waits in a circle. */
export async function lockMembers(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  conversationId: string,
  userIds: readonly string[],
): Promise<MemberRow[]> {
  const query = db
    .selectFrom('conversation_members')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('user_id', 'in', [...userIds])
    .orderBy('user_id')
  return dialect.lock.forUpdate(query).execute()
}

/** All of them, before the conversation itself is locked to end. */
export async function lockAllMembers(db: Db, dialect: Pick<Dialect, 'lock'>, conversationId: string): Promise<void> {
  const query = db
    .selectFrom('conversation_members')
    .select('user_id')
    .where('conversation_id', '=', conversationId)
    .orderBy('user_id')
  await dialect.lock.forUpdate(query).execute()
}

/** By id, after the place `after`. */
export async function listMembers(
  db: Db,
  conversationId: string,
  page: {
    /** Users of whom only those are listed. */
    among?: SelectQueryBuilder<Database, 'users', { id: string }> | undefined
    after?: string | undefined
    limit: number
  },
): Promise<MemberRow[]> {
  let query = db.selectFrom('conversation_members').selectAll().where('conversation_id', '=', conversationId)
  const member = page.among?.where('users.id', '=', sql.ref<string>('conversation_members.user_id'))
  if (member) query = query.where((members) => members.exists(member))
  if (page.after !== undefined) query = query.where('user_id', '>', page.after)
  return query.orderBy('user_id').limit(page.limit).execute()
}

export async function countOwners(db: Db, conversationId: string): Promise<number> {
  const row = await db
    .selectFrom('conversation_members')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('conversation_id', '=', conversationId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Of these people, those who are in so many conversations already. */
export async function listBusiest(db: Db, userIds: readonly string[], conversations: number): Promise<string[]> {
  if (userIds.length === 0) return []
  const rows = await db
    .selectFrom('conversation_members')
    .select('user_id')
    .where('user_id', 'in', [...userIds])
    .groupBy('user_id')
    .having((having) => having(having.fn.countAll(), '>=', conversations))
    .execute()
  return rows.map(({ user_id }) => user_id)
}

export async function deleteMember(db: Db, conversationId: string, userId: string): Promise<void> {
  await db
    .deleteFrom('conversation_members')
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .execute()
}

/** With each member's row that comes or goes. The conversation is locked. */
export async function changeMemberCount(db: Db, conversationId: string, by: 1 | -1): Promise<void> {
  await db
    .updateTable('conversations')
    .set((row) => ({ member_count: row('member_count', '+', by) }))
    .where('id', '=', conversationId)
    .execute()
}

/** Members to whom what was written up to these places is not to be told. */
export async function listNewcomers(
  db: Db,
  conversationIds: readonly string[],
  fromSeq: number,
): Promise<Pick<MemberRow, 'conversation_id' | 'user_id' | 'visible_from'>[]> {
  if (conversationIds.length === 0) return []
  return db
    .selectFrom('conversation_members')
    .select(['conversation_id', 'user_id', 'visible_from'])
    .where('conversation_id', 'in', [...conversationIds])
    .where('visible_from', '>=', fromSeq)
    .execute()
}

export async function findBan(db: Db, conversationId: string, userId: string): Promise<BanRow | undefined> {
  return db
    .selectFrom('conversation_bans')
    .selectAll()
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
}

/** By id, after the place `after`. */
export async function listBans(
  db: Db,
  conversationId: string,
  page: { after?: string | undefined; limit: number },
): Promise<BanRow[]> {
  let query = db.selectFrom('conversation_bans').selectAll().where('conversation_id', '=', conversationId)
  if (page.after !== undefined) query = query.where('user_id', '>', page.after)
  return query.orderBy('user_id').limit(page.limit).execute()
}

export async function insertBan(db: Db, ban: BanRow): Promise<void> {
  await db.insertInto('conversation_bans').values(ban).execute()
}

export async function deleteBan(db: Db, conversationId: string, userId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('conversation_bans')
    .where('conversation_id', '=', conversationId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Also those that end, locked in one order by everybody. */
export async function lockConversations(
  db: Db,
  dialect: Pick<Dialect, 'lock'>,
  ids: readonly string[],
): Promise<ConversationRow[]> {
  if (ids.length === 0) return []
  return (await conversationsForUpdate(db, { ids }, dialect)).rows
}

const conversationsForUpdate = prepared((db, { ids }: { ids: readonly string[] }, { lock }: Pick<Dialect, 'lock'>) =>
  lock.forUpdate(db.selectFrom('conversations').selectAll().where('id', 'in', ids).orderBy('id')),
)
