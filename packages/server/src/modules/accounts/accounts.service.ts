import { createHmac } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import type { Keys } from '../../platform/keys.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { accessErrors } from '../../platform/policy.ts'
import { type IssuedSession, type SessionsService, sessionErrors } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import {
  findUser,
  findUserByIdentifier,
  listRoles,
  toUser,
  type UserRow,
  updateLogin,
  updateUser,
} from './accounts.repository.ts'
import {
  accountUpdated,
  type Login,
  type PasswordChange,
  type ProfilePatch,
  type Registration,
  type User,
} from './accounts.schema.ts'
import { identifierKey, invalidFields } from './identity.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { createUser, namingConflicts, prepareUser, searchKey, userStream } from './registration.ts'

export interface AccountsDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  hasher: PasswordHasher
  limiter: RateLimiter
  keys: Keys
  now: Clock
  policy: PasswordPolicy
}

export interface SignedIn {
  user: User
  issued: IssuedSession
}

interface SignInOptions {
  remember?: boolean
  device_name?: string
  token_delivery?: 'cookie' | 'body'
}

const registerLimit: Limit = { name: 'register', limit: 3, windowSeconds: 60 }
/** Failures only: who types the right password is never slowed down by it. */
const failedByName: Limit = { name: 'login', limit: 5, windowSeconds: 60 }
const failedByNetwork: Limit = { name: 'login-network', limit: 20, windowSeconds: 600 }

/** Accounts and the way in by password. */
export class AccountsService {
  readonly #deps: AccountsDependencies

  constructor(deps: AccountsDependencies) {
    this.#deps = deps
  }

  /** Throws validation_failed, username_taken, email_taken, rate_limited. */
  async register(input: Registration, client: ClientInfo): Promise<SignedIn> {
    const network = networkOf(client.ip)
    assertAllowed(await this.#deps.limiter.take(registerLimit, network))
    try {
      return await this.createSignedIn(input, { roles: ['user'], client })
    } catch (error) {
      // A typing error is no attempt; a taken name is one, because it tells that the name exists.
      if (error instanceof AppError && error.kind === 'invalid')
        await this.#deps.limiter.giveBack(registerLimit, network)
      throw error
    }
  }

  /** A new account that is signed in at once; `inSameUnit` runs in its transaction, before it. */
  async createSignedIn(
    input: Registration,
    options: { roles: readonly string[]; client: ClientInfo; reservedAllowed?: boolean; inSameUnit?: Step },
  ): Promise<SignedIn> {
    const { database, sessions, now } = this.#deps
    const prepared = await prepareUser(input, options, this.#deps)
    return namingConflicts(database.dialect, async () => {
      const result = await database.unitOfWork(async (uow) => {
        await options.inSameUnit?.(uow)
        const row = await createUser(uow, prepared, now)
        return { row, session: await sessions.start(uow, this.#newSession(row, input, options.client)) }
      })
      return { user: toUser(result.row, options.roles), issued: await sessions.issue(result.session) }
    })
  }

  /** The same answer and the same work whether or not the name exists. Throws invalid_credentials, account_*, rate_limited. */
  async login(input: Login, client: ClientInfo): Promise<SignedIn> {
    const { database, hasher, sessions, now } = this.#deps
    const key = identifierKey(identifierOf(input))
    const refund = await this.#takeLoginBudget(key, client)
    const row = await findUserByIdentifier(database.db, key)
    if (!(await hasher.verify(row?.password_hash, input.password)) || !row) throw accountErrors.invalid_credentials()
    await refund()
    // Told only after a right password, so that nobody else learns it.
    if (row.status === 'suspended') throw sessionErrors.account_suspended()
    if (row.status !== 'active') throw accessErrors.account_inactive()

    const rehashed =
      row.password_hash && hasher.isOutdated(row.password_hash) ? await hasher.hash(input.password) : undefined
    const change = { last_login_at: now().toISOString(), ...(rehashed ? { password_hash: rehashed } : {}) }
    const session = await database.unitOfWork(async (uow) => {
      await updateLogin(uow.tx, row.id, change)
      return sessions.start(uow, this.#newSession(row, input, client))
    })
    const roles = await listRoles(database.db, row.id)
    return { user: toUser({ ...row, ...change }, roles), issued: await sessions.issue(session) }
  }

  /** Takes one try up front, so that tries in parallel cannot all pass before the first fails; gives it back on success. */
  async #takeLoginBudget(key: string, client: ClientInfo): Promise<() => Promise<void>> {
    const { limiter, keys } = this.#deps
    const network = networkOf(client.ip)
    const name = createHmac('sha256', keys.identifier).update(`${key}\n${network}`).digest('base64url')
    const taken: [Limit, string][] = [
      [failedByName, name],
      [failedByNetwork, network],
    ]
    for (const [limit, of] of taken) assertAllowed(await limiter.take(limit, of))
    return async () => {
      for (const [limit, of] of taken) await limiter.giveBack(limit, of)
    }
  }

  #newSession(row: UserRow, options: SignInOptions, client: ClientInfo) {
    return {
      userId: row.id,
      method: 'password',
      client,
      remember: options.remember ?? true,
      delivery: options.token_delivery ?? ('cookie' as const),
      deviceName: options.device_name,
    }
  }

  async me(actor: Actor): Promise<User> {
    const { db } = this.#deps.database
    const row = await findUser(db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    return toUser(row, actor.roles)
  }

  /** `expectedVersion` from If-Match. Throws precondition_failed when the profile changed meanwhile. */
  async updateProfile(actor: Actor, patch: ProfilePatch, expectedVersion?: number): Promise<User> {
    const { database, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await findUser(uow.tx, actor.userId)
      if (!row) throw sessionErrors.session_revoked()
      if (expectedVersion !== undefined && expectedVersion !== row.version) throw platformErrors.precondition_failed()
      assertTimeZone(patch.time_zone)
      const name = 'display_name' in patch ? { display_name_key: searchKey(patch.display_name) } : {}
      const change = { ...patch, ...name, updated_at: now().toISOString() }
      if (!(await updateUser(uow.tx, row.id, row.version, change))) throw platformErrors.precondition_failed()
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
      return toUser({ ...row, ...change, version: row.version + 1 }, actor.roles)
    })
  }

  /** Ends every other session. Throws current_password_incorrect, validation_failed. */
  async changePassword(actor: Actor, input: PasswordChange): Promise<void> {
    const { database, hasher, sessions, policy, now } = this.#deps
    const row = await this.#verified(actor, input.current_password)
    await assertPassword(input.new_password, row, policy, '/new_password')
    const passwordHash = await hasher.hash(input.new_password)
    await database.unitOfWork(async (uow) => {
      const change = { password_hash: passwordHash, updated_at: now().toISOString() }
      if (!(await updateUser(uow.tx, row.id, row.version, change))) throw platformErrors.precondition_failed()
      if (!input.keep_other_sessions) {
        await sessions.end(uow, { userId: row.id, except: actor.sessionId }, 'password_changed')
      }
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
    })
  }

  /** Step-up by password: the same session with a fresh proof of identity. */
  async reauthenticate(actor: Actor, password: string, client: ClientInfo): Promise<IssuedSession> {
    await this.#verified(actor, password)
    return this.#deps.sessions.stepUp(actor, client)
  }

  async #verified(actor: Actor, password: string): Promise<UserRow> {
    const { database, hasher } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    const budget: [Limit, string] = [failedByName, `reauthenticate:${row.id}`]
    assertAllowed(await this.#deps.limiter.take(...budget))
    if (!(await hasher.verify(row.password_hash, password))) throw accountErrors.current_password_incorrect()
    await this.#deps.limiter.giveBack(...budget)
    return row
  }
}

type Step = (uow: UnitOfWork) => Promise<void>

function identifierOf(input: Login): string {
  const given = [input.identifier, input.username, input.email, input.email_or_username].filter(
    (name) => name !== undefined,
  )
  const [name] = given
  if (given.length !== 1 || name === undefined) {
    throw invalidFields([
      { pointer: '/identifier', code: 'required', message: 'Send one of identifier, username, email' },
    ])
  }
  return name
}

function assertTimeZone(timeZone: string | null | undefined): void {
  if (timeZone == null) return
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw invalidFields([{ pointer: '/time_zone', code: 'invalid', message: 'There is no such time zone' }])
  }
}
