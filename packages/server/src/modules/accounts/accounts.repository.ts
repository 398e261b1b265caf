import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, UsersTable } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'

export type UserRow = Selectable<UsersTable>

const userById = prepared((db, { id }: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', id))

export async function findUser(db: Db, id: string): Promise<UserRow | undefined> {
  return (await userById(db, { id })).rows[0]
}

const userBy = (column: 'email_key' | 'username_key') =>
  prepared((db, { key }: { key: string }) => db.selectFrom('users').selectAll().where(column, '=', key))
const [userByEmail, userByName] = [userBy('email_key'), userBy('username_key')]

/** By the canonical form of a name or of an address: the two never look alike, one of them has an @. */
export async function findUserByIdentifier(db: Db, key: string): Promise<UserRow | undefined> {
  const query = key.includes('@') ? userByEmail : userByName
  return (await query(db, { key })).rows[0]
}

/** The accounts that have one of these names or addresses, by their canonical forms. */
export async function findUsersByKeys(
  db: Db,
  usernameKeys: readonly string[],
  emailKeys: readonly string[],
): Promise<Pick<UserRow, 'username_key' | 'email_key' | 'status'>[]> {
  if (usernameKeys.length === 0) return []
  return db
    .selectFrom('users')
    .select(['username_key', 'email_key', 'status'])
    .where(({ or, eb }) => or([eb('username_key', 'in', [...usernameKeys]), eb('email_key', 'in', [...emailKeys])]))
    .execute()
}

export async function insertUsers(db: Db, users: readonly { row: UserRow; roles: readonly string[] }[]): Promise<void> {
  const rows = users.map(({ row }) => row)
  await db.insertInto('users').values(rows).execute()
  await insertRoleRows(
    db,
    users.flatMap(({ row, roles }) => roles.map((role) => ({ user_id: row.id, role }))),
  )
}

export async function insertRoles(db: Db, userId: string, roles: readonly string[]): Promise<void> {
  await insertRoleRows(
    db,
    roles.map((role) => ({ user_id: userId, role })),
  )
}

async function insertRoleRows(db: Db, rows: readonly { user_id: string; role: string }[]): Promise<void> {
  if (rows.length === 0) return
  await db
    .insertInto('user_roles')
    .values([...rows])
    .execute()
}

export async function deleteRoles(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('user_roles').where('user_id', '=', userId).execute()
}

const rolesOf = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('user_roles').select('role').where('user_id', '=', userId).orderBy('role'),
)

export async function listRoles(db: Db, userId: string): Promise<string[]> {
  return (await rolesOf(db, { userId })).rows.map((row) => row.role)
}

const lockedUser = prepared((db, { id }: { id: string }, { lock }: Dialect) =>
  lock.forUpdate(db.selectFrom('users').selectAll().where('id', '=', id)),
)

/**
 * The user, held until the transaction ends: changes of one account's credentials run one after the other, so each sees
 * what the one before left.
 */
export async function lockUser(db: Db, dialect: Dialect, id: string): Promise<UserRow | undefined> {
  return (await lockedUser(db, { id }, dialect)).rows[0]
}

/** The account at an address, held until the transaction ends. */
export async function lockUserByEmail(db: Db, dialect: Dialect, key: string): Promise<UserRow | undefined> {
  return dialect.lock.forUpdate(db.selectFrom('users').selectAll().where('email_key', '=', key)).executeTakeFirst()
}

/** True when the row still had this version. */
export async function updateUser(db: Db, id: string, version: number, change: Partial<UserRow>): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ ...change, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** The same password under another hash; false when the password was changed meanwhile. */
export async function replacePasswordHash(db: Db, row: UserRow, hash: string | null): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ password_hash: hash })
    .where('id', '=', row.id)
    .where('password_hash', '=', row.password_hash)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Of an account that ends or changes hands; the file itself goes with the others. */
export async function forgetAvatar(db: Db, userId: string): Promise<void> {
  await db.updateTable('users').set({ avatar_file_id: null }).where('id', '=', userId).execute()
}

/** Of these files those that are pictures of people. */
export async function listAvatars(db: Db, fileIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('users')
    .select('avatar_file_id')
    .where('avatar_file_id', 'in', [...fileIds])
    .execute()
  return new Set(rows.flatMap(({ avatar_file_id }) => avatar_file_id ?? []))
}

const writeLogin = prepared((db, { id, ...change }: { id: string; last_login_at: string }) =>
  db.updateTable('users').set(change).where('id', '=', id),
)

/** What a login leaves behind; not a change of the profile, so the version stays. */
export async function updateLogin(db: Db, id: string, change: { last_login_at: string }): Promise<void> {
  await writeLogin(db, { id, ...change })
}

/** True when it was not so before; the account looks different to its owner then. */
export async function setMfaEnabled(db: Db, id: string, enabled: boolean, at: string): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set((eb) => ({ mfa_enabled: enabled ? 1 : 0, updated_at: at, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('mfa_enabled', '=', enabled ? 0 : 1)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function isRoleHeld(db: Db, role: string): Promise<boolean> {
  const row = await db.selectFrom('user_roles').select('user_id').where('role', '=', role).limit(1).executeTakeFirst()
  return row !== undefined
}

export async function countRoleHolders(db: Db, role: string): Promise<number> {
  const row = await db
    .selectFrom('user_roles')
    .select((select) => select.fn.countAll().as('count'))
    .where('role', '=', role)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

export async function listRoleHolders(db: Db, role: string): Promise<string[]> {
  const rows = await db.selectFrom('user_roles').select('user_id').where('role', '=', role).orderBy('user_id').execute()
  return rows.map((row) => row.user_id)
}

/** Whoever has one of these roles. */
export async function listHoldersOfRoles(db: Db, roles: readonly string[], limit: number): Promise<string[]> {
  if (roles.length === 0) return []
  const query = db
    .selectFrom('user_roles')
    .select('user_id')
    .distinct()
    .where('role', 'in', [...roles])
  return (await query.limit(limit).execute()).map((row) => row.user_id)
}

export async function deleteRoleOfAll(db: Db, role: string): Promise<void> {
  await db.deleteFrom('user_roles').where('role', '=', role).execute()
}

/** The people who can act as administrators now; who else would change that waits until the transaction ends. */
export async function lockActiveAdmins(tx: Db, dialect: Dialect): Promise<string[]> {
  const query = tx
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .select('user_roles.user_id')
    .where('user_roles.role', '=', 'admin')
    .where('users.status', '=', 'active')
    .where('users.banned_until', 'is', null)
    .where('users.kind', '=', 'person')
    .orderBy('user_roles.user_id')
  return (await dialect.lock.forUpdate(query).execute()).map((row) => row.user_id)
}

/** How people are reached, and in which language. */
export type Contact = Pick<
  UserRow,
  'id' | 'username' | 'display_name' | 'email' | 'email_verified' | 'locale' | 'status' | 'kind'
>

export async function listContacts(db: Db, ids: readonly string[]): Promise<Contact[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('users')
    .select(['id', 'username', 'display_name', 'email', 'email_verified', 'locale', 'status', 'kind'])
    .where('id', 'in', [...new Set(ids)])
    .execute()
}

/** Ids of the active accounts with these names, given in their canonical form. */
export async function listIdsByUsername(db: Db, usernameKeys: readonly string[]): Promise<string[]> {
  if (usernameKeys.length === 0) return []
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where('username_key', 'in', [...usernameKeys])
    .where('status', '=', 'active')
    .execute()
  return rows.map(({ id }) => id)
}

/** Null lets the account in again. */
export async function setBannedUntil(tx: Db, id: string, until: string | null): Promise<void> {
  await tx.updateTable('users').set({ banned_until: until }).where('id', '=', id).execute()
}

/** The one-time setup token: its hash, while no administrator exists. */
export async function findSetupHash(db: Db): Promise<string | undefined> {
  const row = await db.selectFrom('installation').select('value').where('name', '=', setupName).executeTakeFirst()
  return row?.value
}

export async function insertSetupHash(db: Db, hash: string): Promise<void> {
  await db.insertInto('installation').values({ name: setupName, value: hash }).execute()
}

/** True for the one caller that used it up. */
export async function deleteSetupHash(db: Db, hash: string): Promise<boolean> {
  const result = await db
    .deleteFrom('installation')
    .where('name', '=', setupName)
    .where('value', '=', hash)
    .executeTakeFirst()
  return result.numDeletedRows === 1n
}

const setupName = 'setup_token_hash'

/** Throws precondition_failed when somebody else changed the row since it was read. */
export async function changeUser(db: Db, row: UserRow, change: Partial<UserRow>, at: Date): Promise<void> {
  const changed = await updateUser(db, row.id, row.version, { ...change, updated_at: at.toISOString() })
  if (!changed) throw platformErrors.precondition_failed()
}
