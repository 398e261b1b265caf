import { randomInt } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import { type UserRow, updateUser } from './accounts.repository.ts'
import { emailKey, usernameProblem } from './identity.ts'
import { isNameFree, type PreparedUser } from './registration.ts'
import { releaseName } from './reserved-names.repository.ts'

/** What another system says of a person who gets an account here. */
export interface ExternalPerson {
  /** Undefined where it names none: the account then has one that cannot exist (RFC 2606). */
  email: string | undefined
  emailVerified: boolean
  /** Names the account could be called by, best first. */
  usernames: readonly (string | undefined)[]
  displayName: string | undefined
}

/** The canonical form of an address from outside; undefined when it is none that somebody could be mailed at. */
export function externalEmailKey(email: string | undefined): string | undefined {
  const key = email === undefined ? undefined : emailKey(email.trim())
  return key?.endsWith('.invalid') ? undefined : key
}

/** What is stored of such a person: no password, and a name that is free. */
export async function prepareExternalUser(db: Db, person: ExternalPerson, now: Clock): Promise<PreparedUser> {
  const key = externalEmailKey(person.email)
  const nowhere = `${newId()}@no-address.invalid`
  const username = await freeUsername(db, person.usernames, now().toISOString())
  const displayName = [
    ...(person.displayName ?? '')
      .normalize('NFC')
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim(),
  ]
  return {
    identity: {
      username,
      usernameKey: username.toLowerCase(),
      email: key === undefined ? nowhere : (person.email ?? '').trim(),
      emailKey: key ?? nowhere,
    },
    emailVerified: key !== undefined && person.emailVerified,
    passwordHash: null,
    roles: ['user'],
    profile: displayName.length > 0 ? { display_name: displayName.slice(0, 60).join('') } : {},
  }
}

/**
 * The account goes to the person who proved its address; the password of whoever had it before is gone. Ends nothing
 * else: sessions and other credentials are for the caller to end in the same transaction.
 */
export async function handOver(uow: UnitOfWork, row: UserRow, now: Clock): Promise<void> {
  const change = {
    email_verified: 1,
    password_hash: null,
    pending_email: null,
    status: row.status === 'pending' ? 'active' : row.status,
    updated_at: now().toISOString(),
  }
  if (!(await updateUser(uow.tx, row.id, row.version, change))) throw platformErrors.precondition_failed()
  if (row.status === 'pending') await releaseName(uow.tx, row.username_key)
}

async function freeUsername(db: Db, names: readonly (string | undefined)[], at: string): Promise<string> {
  const base = names.map(usernameFrom).find((name) => name !== undefined) ?? 'user'
  for (const digits of [0, 2, 4, 4, 6, 9]) {
    const name = digits === 0 ? base : `${base}-${randomInt(10 ** digits)}`
    if (usernameProblem(name) === undefined && (await isNameFree(db, name.toLowerCase(), at))) return name
  }
  return `user-${newId().slice(-12)}`
}

/** `Zoë Ångström` → `Zoe.Angstrom`; undefined where too little is left of it. */
function usernameFrom(name: string | undefined): string | undefined {
  const plain = (name ?? '')
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '.')
    .slice(0, 20)
    .replace(/^[._-]+|[._-]+$/g, '')
  return plain.length >= 3 ? plain : undefined
}
