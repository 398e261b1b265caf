import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import { answered, mapped, type Question } from '../../platform/db/at-once.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Database, Db } from '../../platform/db/schema.ts'
import { renderAvatar } from '../files/index.ts'
import type { PublicUser } from './accounts.schema.ts'
import type { PrivacySettings } from './privacy.schema.ts'
import { readPrivacy } from './privacy.ts'

const publicColumns = ['id', 'username', 'display_name', 'bio', 'created_at', 'avatar_file_id'] as const

const toPublic = ({
  avatar_file_id,
  ...user
}: Omit<PublicUser, 'avatar'> & { avatar_file_id: string | null }): PublicUser => ({
  ...user,
  avatar: renderAvatar(avatar_file_id),
})

const publicUsers = prepared((db, { ids }: { ids: readonly string[] }) =>
  db.selectFrom('users').select(publicColumns).where('id', 'in', ids),
)

export async function listPublicUsers(db: Db, ids: readonly string[]): Promise<PublicUser[]> {
  if (ids.length === 0) return []
  return (await publicUsers(db, { ids: [...new Set(ids)] })).rows.map(toPublic)
}

/** The same, to be asked with something else. */
export function askPublicUsers(db: Db, ids: readonly string[]): Question<PublicUser[]> {
  if (ids.length === 0) return answered([])
  return mapped(publicUsers.asked(db, { ids: [...new Set(ids)] }), (rows) => rows.map(toPublic))
}

/** Of these, those who can be met today: neither shut out nor gone. */
export async function listVisibleUsers(db: Db, ids: readonly string[], now: string): Promise<PublicUser[]> {
  if (ids.length === 0) return []
  const rows = await visibleUsers(db, now)
    .select(publicColumns)
    .where('id', 'in', [...new Set(ids)])
    .execute()
  return rows.map(toPublic)
}

/** Somebody who can be met today, with whether strangers find them. */
export async function findPublicUser(
  db: Db,
  by: { id: string } | { usernameKey: string },
  now: string,
): Promise<{ user: PublicUser; isSearchable: boolean } | undefined> {
  const query = visibleUsers(db, now).select([...publicColumns, 'searchable'])
  const row = await ('id' in by
    ? query.where('id', '=', by.id)
    : query.where('username_key', '=', by.usernameKey)
  ).executeTakeFirst()
  if (!row) return undefined
  const { searchable, ...user } = row
  return { user: toPublic(user), isSearchable: searchable === 1 }
}

const visibleUsers = (db: Db, now: string) =>
  db
    .selectFrom('users')
    .where('status', '=', 'active')
    .where('kind', '!=', 'service')
    .where((where) => where.or([where('banned_until', 'is', null), where('banned_until', '<=', now)]))

/** Whoever has an account, shut out or not; undefined for one that waits for its proof, or was erased. */
export async function findAccountId(db: Db, by: { id: string } | { usernameKey: string }): Promise<string | undefined> {
  const query = db
    .selectFrom('users')
    .select('id')
    .where('status', 'not in', ['pending', 'deleted'])
    .where('kind', '!=', 'service')
  const row = await ('id' in by
    ? query.where('id', '=', by.id)
    : query.where('username_key', '=', by.usernameKey)
  ).executeTakeFirst()
  return row?.id
}

const privacyOf = prepared((db, { ids }: { ids: readonly string[] }) =>
  db.selectFrom('users').select(['id', 'privacy']).where('id', 'in', ids),
)

/** The privacy settings of many; who has no account has none. */
export async function listPrivacy(db: Db, ids: readonly string[]): Promise<Map<string, PrivacySettings>> {
  if (ids.length === 0) return new Map()
  return privacyById((await privacyOf(db, { ids: [...new Set(ids)] })).rows)
}

/** The same, to be asked with something else. */
export function askPrivacy(db: Db, ids: readonly string[]): Question<Map<string, PrivacySettings>> {
  if (ids.length === 0) return answered(new Map())
  return mapped(privacyOf.asked(db, { ids: [...new Set(ids)] }), privacyById)
}

const privacyById = (rows: readonly { id: string; privacy: string | null }[]) =>
  new Map(rows.map((row) => [row.id, readPrivacy(row)]))

const beginsWith = (prefix: string) => (users: ExpressionBuilder<Database, 'users'>) => {
  // Beyond every text that begins with the prefix under a binary collation: a range both indexes serve.
  const end = `${prefix}\u{10ffff}`
  return users.or([
    users.and([users('username_key', '>=', prefix), users('username_key', '<', end)]),
    users.and([users('display_name_key', '>=', prefix), users('display_name_key', '<', end)]),
  ])
}

/** For an `exists`: ids of those whose name or display name begins with `prefix`, written as `searchKey` does. */
export const usersNamed = (db: Db, prefix: string) =>
  db.selectFrom('users').select('users.id').where(beginsWith(prefix))

/** People whose name or display name begins with `prefix`, by name, after the name `after`. */
export async function searchPublicUsers(
  db: Db,
  search: {
    prefix: string
    exceptId: string
    /** Who is not found. */
    unless?: (users: ExpressionBuilder<Database, 'users'>) => Expression<SqlBool>
    now: string
    after?: string | undefined
    limit: number
  },
): Promise<PublicUser[]> {
  let query = visibleUsers(db, search.now)
    .select(publicColumns)
    .where('searchable', '=', 1)
    .where('id', '!=', search.exceptId)
    .where(beginsWith(search.prefix))
    .orderBy('username_key')
    .limit(search.limit)
  const { unless } = search
  if (unless) query = query.where((where) => where.not(unless(where)))
  if (search.after !== undefined) query = query.where('username_key', '>', search.after)
  return (await query.execute()).map(toPublic)
}
