import type { Clock } from '../../platform/clock.ts'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { createStream, createStreams, deleteStream } from '../../platform/events/streams.ts'
import { newId } from '../../platform/ids.ts'
import { accountErrors } from './accounts.errors.ts'
import {
  deleteRoles,
  findUserByIdentifier,
  insertRoles,
  insertUsers,
  type UserRow,
  updateUser,
} from './accounts.repository.ts'
import type { ProfilePatch, Registration } from './accounts.schema.ts'
import { type Identity, parseIdentity } from './identity.ts'
import { deletePendingUser } from './life-cycle.repository.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { findReservedName } from './reserved-names.repository.ts'

export const userStream = (userId: string): string => `user:${userId}`

/** What is stored of a registration. Throws validation_failed. */
export interface PreparedUser {
  identity: Identity
  /** Null: no way in by password. */
  passwordHash: string | null
  /** Somebody who is believed has proved the address. */
  emailVerified?: boolean
  roles: readonly string[]
  profile: ProfilePatch
  /** Moved here from another system: made there, perhaps at a known time, and never seen here. */
  imported?: { createdAt: string | undefined }
  kind?: 'person' | 'guest' | 'service'
}

/** A registration, or what of it becomes an account elsewhere. */
export type NewAccount = Pick<Registration, 'username' | 'email'> & Partial<Registration>

export async function prepareUser(
  input: NewAccount,
  options: { roles: readonly string[]; reservedAllowed?: boolean },
  deps: { hasher: PasswordHasher; policy: PasswordPolicy },
): Promise<PreparedUser> {
  const { username, email, password, remember: _r, device_name: _d, token_delivery: _t, ...profile } = input
  const identity = parseIdentity({ username, email }, { reservedAllowed: options.reservedAllowed ?? false })
  if (password !== undefined) await assertPassword(password, identity, deps.policy)
  const passwordHash = password === undefined ? null : await deps.hasher.hash(password)
  return { identity, passwordHash, roles: options.roles, profile }
}

/** A new account with its stream and roles, in the caller's transaction. Throws username_taken, email_taken. */
export async function createUser(uow: UnitOfWork, input: PreparedUser, now: Clock): Promise<UserRow> {
  await assertFree(uow.tx, input.identity, now().toISOString())
  return insertAccount(uow, input, now)
}

/** The same after the caller looked whether name and address are free. */
export async function insertAccount(
  uow: UnitOfWork,
  input: PreparedUser,
  now: Clock,
  status: 'active' | 'pending' = 'active',
): Promise<UserRow> {
  const row = accountRow(input, now, status)
  await insertUsers(uow.tx, [{ row, roles: input.roles }])
  await createStream(uow.tx, userStream(row.id))
  return row
}

/** Many of them, at least one, by few statements: their ids, in their order. */
export async function insertAccounts(uow: UnitOfWork, inputs: readonly PreparedUser[], now: Clock): Promise<string[]> {
  const users = inputs.map((input) => ({ row: accountRow(input, now, 'active'), roles: input.roles }))
  const ids = users.map(({ row }) => row.id)
  await insertUsers(uow.tx, users)
  await createStreams(uow.tx, ids.map(userStream))
  return ids
}

function accountRow(input: PreparedUser, now: Clock, status: 'active' | 'pending'): UserRow {
  const { identity, passwordHash, profile } = input
  const at = now().toISOString()
  return {
    id: newId(),
    username: identity.username,
    username_key: identity.usernameKey,
    email: identity.email,
    email_key: identity.emailKey,
    email_verified: input.emailVerified ? 1 : 0,
    password_hash: passwordHash,
    status,
    display_name: null,
    first_name: null,
    last_name: null,
    bio: null,
    locale: null,
    time_zone: null,
    date_of_birth: null,
    country: null,
    ...profile,
    display_name_key: searchKey(profile.display_name),
    last_login_at: status === 'active' && !input.imported ? at : null,
    created_at: input.imported?.createdAt ?? at,
    updated_at: at,
    version: 1,
    kind: input.kind ?? 'person',
    erase_at: null,
    pending_email: null,
    mfa_enabled: 0,
    privacy: null,
    searchable: 1,
    banned_until: null,
    avatar_file_id: null,
  }
}

/** A guest becomes a person with a name and a password, in the caller's transaction. Throws username_taken, email_taken. */
export async function upgradeGuest(uow: UnitOfWork, guest: UserRow, input: PreparedUser, now: Clock): Promise<UserRow> {
  const { identity, passwordHash, roles, profile } = input
  await assertFree(uow.tx, identity, now().toISOString())
  const change = {
    ...profile,
    username: identity.username,
    username_key: identity.usernameKey,
    email: identity.email,
    email_key: identity.emailKey,
    email_verified: input.emailVerified ? 1 : 0,
    pending_email: null,
    password_hash: passwordHash,
    display_name_key: searchKey(profile.display_name),
    kind: 'person',
    updated_at: now().toISOString(),
  }
  if (!(await updateUser(uow.tx, guest.id, guest.version, change))) throw platformErrors.precondition_failed()
  await deleteRoles(uow.tx, guest.id)
  await insertRoles(uow.tx, guest.id, roles)
  return { ...guest, ...change, version: guest.version + 1 }
}

/** A registration that waits, with everything that belongs to it. */
export async function removePending(uow: UnitOfWork, userId: string): Promise<void> {
  if (await deletePendingUser(uow.tx, userId)) await deleteStream(uow.tx, userStream(userId))
}

/** Cut to the column: one letter may become eighteen when it is normalised. */
export const searchKey = (name: string | null | undefined): string | null =>
  name ? name.normalize('NFKC').toLowerCase().slice(0, 150).toWellFormed() : null

/** Two people asking for one name at once are told apart by the unique index; this is the friendlier first look. */
async function assertFree(db: Db, identity: Identity, at: string): Promise<void> {
  if (!(await isNameFree(db, identity.usernameKey, at))) throw accountErrors.username_taken()
  if (await findUserByIdentifier(db, identity.emailKey)) throw accountErrors.email_taken()
}

/** Whether nobody has the name, nor has reserved it; `holder` may take what is reserved for them. */
export async function isNameFree(db: Db, usernameKey: string, at: string, holder?: string): Promise<boolean> {
  // In this order: who leaves a name reserves it in the same transaction, so one of the two looks finds it.
  if (await findUserByIdentifier(db, usernameKey)) return false
  const reserved = await findReservedName(db, usernameKey, at)
  return reserved === undefined || (holder !== undefined && reserved.held_by === holder)
}

/** Runs a registration and names what a unique index refused. */
export async function namingConflicts<T>(dialect: Dialect, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const names = ['users_username_key', 'reserved_names_pkey']
    if (names.some((name) => dialect.isUniqueViolation(error, name)))
      throw accountErrors.username_taken({ cause: error })
    if (dialect.isUniqueViolation(error, 'users_email_key')) throw accountErrors.email_taken({ cause: error })
    throw error
  }
}
