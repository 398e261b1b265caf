import type { Db } from '../../platform/db/schema.ts'
import type { UserRow } from './accounts.repository.ts'

/** True for the one caller that proved the address while it was still this one; a registration that waited is over. */
export async function markEmailVerified(db: Db, row: UserRow, at: string): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set((user) => ({ email_verified: 1, updated_at: at, version: user('version', '+', 1) }))
    .set(row.status === 'pending' ? { status: 'active' } : {})
    .where('id', '=', row.id)
    .where('email_key', '=', row.email_key)
    .where('status', '=', row.status)
    .where('email_verified', '=', 0)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Whoever reads the mail of the address has it now: it is proved, and a change that was asked for is off. */
export async function resetPassword(db: Db, row: UserRow, passwordHash: string, at: string): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set((user) => ({ version: user('version', '+', 1), updated_at: at }))
    .set({ password_hash: passwordHash, email_verified: 1, pending_email: null })
    .set(row.status === 'pending' ? { status: 'active' } : {})
    .where('id', '=', row.id)
    .where('email_key', '=', row.email_key)
    .where('status', '=', row.status)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** True while the password is still the one that was looked at. */
export async function replacePassword(db: Db, row: UserRow, passwordHash: string, at: string): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set((user) => ({ password_hash: passwordHash, updated_at: at, version: user('version', '+', 1) }))
    .where('id', '=', row.id)
    .where('password_hash', row.password_hash === null ? 'is' : '=', row.password_hash)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** True while the name is still the one that was looked at. */
export async function renameUser(
  db: Db,
  row: UserRow,
  name: Pick<UserRow, 'username' | 'username_key'>,
  at: string,
): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set((user) => ({ ...name, updated_at: at, version: user('version', '+', 1) }))
    .where('id', '=', row.id)
    .where('username', '=', row.username)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Asked for, not yet the account's. */
export async function setPendingEmail(db: Db, id: string, email: string | null): Promise<void> {
  await db
    .updateTable('users')
    .set((user) => ({ pending_email: email, version: user('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

/** The address that waited becomes the account's; true while neither of the two has changed. */
export async function replaceEmail(db: Db, row: UserRow, key: string, at: string): Promise<boolean> {
  if (row.pending_email === null) return false
  const result = await db
    .updateTable('users')
    .set((user) => ({ updated_at: at, version: user('version', '+', 1) }))
    .set({ email: row.pending_email, email_key: key, email_verified: 1, pending_email: null })
    .where('id', '=', row.id)
    .where('email_key', '=', row.email_key)
    .where('pending_email', '=', row.pending_email)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** A registration nobody proved; true for the one caller that removed it. Its rows elsewhere go with it. */
export async function deletePendingUser(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('users').where('id', '=', id).where('status', '=', 'pending').executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function listPendingUserIds(db: Db, createdBefore: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where('status', '=', 'pending')
    .where('created_at', '<=', createdBefore)
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

export async function changeStatus(
  db: Db,
  id: string,
  change: Pick<UserRow, 'status' | 'erase_at'>,
  at: string,
): Promise<void> {
  await db
    .updateTable('users')
    .set((user) => ({ ...change, updated_at: at, version: user('version', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

export async function listToErase(db: Db, now: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('id')
    .where('status', '=', 'deletion_pending')
    .where('erase_at', '<=', now)
    .orderBy('erase_at')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** Nothing of the person is left in the row; under the id, others still find who wrote to them. */
export async function overwriteUser(db: Db, id: string, at: string): Promise<void> {
  // The end of an id is its random part.
  const username = `deleted-${id.replaceAll('-', '').slice(-16)}`
  const email = `${username}@account.invalid`
  await db
    .updateTable('users')
    .set((user) => ({ version: user('version', '+', 1), updated_at: at }))
    .set({
      username,
      username_key: username,
      email,
      email_key: email,
      email_verified: 0,
      pending_email: null,
      password_hash: null,
      status: 'deleted',
      display_name: null,
      display_name_key: null,
      first_name: null,
      last_name: null,
      bio: null,
      locale: null,
      time_zone: null,
      date_of_birth: null,
      country: null,
      last_login_at: null,
      erase_at: null,
      privacy: null,
      searchable: 1,
      banned_until: null,
      avatar_file_id: null,
    })
    .where('id', '=', id)
    .execute()
}
