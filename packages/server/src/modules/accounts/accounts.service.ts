import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { DevicesService } from '../devices/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type IssuedSession, type SessionsService, sessionErrors } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUser, toUser, type UserRow, updateUser } from './accounts.repository.ts'
import {
  accountUpdated,
  type PasswordChange,
  type ProfilePatch,
  type Registration,
  type User,
} from './accounts.schema.ts'
import { invalidFields } from './identity.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { createUser, namingConflicts, prepareUser, searchKey, userStream } from './registration.ts'

export interface AccountsDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  hasher: PasswordHasher
  limiter: RateLimiter
  now: Clock
  policy: PasswordPolicy
  devices: DevicesService
  roles: RoleCatalogue
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
const wrongPasswords: Limit = { name: 'current-password', limit: 5, windowSeconds: 60 }

/** Accounts as their owners see and change them. */
export class AccountsService {
  readonly #deps: AccountsDependencies

  constructor(deps: AccountsDependencies) {
    this.#deps = deps
  }

  /** Throws validation_failed, username_taken, email_taken, rate_limited. */
  async register(input: Registration, client: ClientInfo, deviceToken?: string): Promise<SignedIn> {
    const network = networkOf(client.ip)
    assertAllowed(await this.#deps.limiter.take(registerLimit, network))
    try {
      return await this.createSignedIn(input, { roles: ['user'], client, deviceToken })
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
    options: {
      roles: readonly string[]
      client: ClientInfo
      deviceToken?: string | undefined
      reservedAllowed?: boolean
      inSameUnit?: Step
    },
  ): Promise<SignedIn> {
    const { database, sessions, devices, roles, now } = this.#deps
    const prepared = await prepareUser(input, options, this.#deps)
    return namingConflicts(database.dialect, async () => {
      const result = await database.unitOfWork(async (uow) => {
        await options.inSameUnit?.(uow)
        const row = await createUser(uow, prepared, now)
        // Who asks not to be remembered sits at a browser of others.
        const inCookie = input.token_delivery !== 'body' && input.remember !== false
        const device = inCookie
          ? await devices.remember(uow.tx, row.id, options.deviceToken, options.client)
          : undefined
        const session = await sessions.start(uow, {
          ...this.#newSession(row, input, options.client),
          deviceId: device?.id,
        })
        return { row, session, device }
      })
      const permissions = await roles.permissionsOf(options.roles)
      const issued = { ...(await sessions.issue(result.session)), deviceToken: result.device?.token }
      return { user: toUser(result.row, options.roles, permissions), issued }
    })
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
    return toUser(row, actor.roles, actor.permissions)
  }

  /** The name of the administrator behind the session, for the banner that says so. */
  async impersonatorOf(actor: Actor): Promise<string | null> {
    if (actor.impersonatorId === null) return null
    return (await findUser(this.#deps.database.db, actor.impersonatorId))?.username ?? null
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
      return toUser({ ...row, ...change, version: row.version + 1 }, actor.roles, actor.permissions)
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

  async #verified(actor: Actor, password: string): Promise<UserRow> {
    const { database, hasher } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    const budget: [Limit, string] = [wrongPasswords, row.id]
    assertAllowed(await this.#deps.limiter.take(...budget))
    if (!(await hasher.verify(row.password_hash, password))) throw accountErrors.current_password_incorrect()
    await this.#deps.limiter.giveBack(...budget)
    return row
  }
}

type Step = (uow: UnitOfWork) => Promise<void>

function assertTimeZone(timeZone: string | null | undefined): void {
  if (timeZone == null) return
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw invalidFields([{ pointer: '/time_zone', code: 'invalid', message: 'There is no such time zone' }])
  }
}
