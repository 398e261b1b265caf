import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { AuditService } from '../audit/index.ts'
import type { DevicesService } from '../devices/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type IssuedSession, type SessionsService, sessionErrors } from '../sessions/index.ts'
import { findUser, type UserRow, updateUser } from './accounts.repository.ts'
import { accountUpdated, type ProfilePatch, type Registration, type User } from './accounts.schema.ts'
import { invalidFields } from './identity.ts'
import { OwnAccounts } from './own-accounts.ts'
import type { PasswordHasher } from './password-hasher.ts'
import type { PasswordPolicy } from './password-policy.ts'
import { privacyColumns } from './privacy.ts'
import { createUser, namingConflicts, prepareUser, searchKey, userStream } from './registration.ts'
import type { RegistrationRules } from './registration-rules.ts'
import { toUser } from './to-user.ts'

export interface AccountsDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  hasher: PasswordHasher
  now: Clock
  policy: PasswordPolicy
  devices: DevicesService
  roles: RoleCatalogue
  audit: AuditService
  rules: RegistrationRules
  bus: EventBus
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

/** Accounts as their owners see and change them. */
export class AccountsService {
  readonly #deps: AccountsDependencies
  readonly #own: OwnAccounts

  constructor(deps: AccountsDependencies) {
    this.#deps = deps
    this.#own = new OwnAccounts({ db: deps.database.db, bus: deps.bus })
  }

  /** A new account that is signed in at once; `inSameUnit` and `whenCreated` run in its transaction, before and after it. */
  async createSignedIn(
    input: Registration,
    options: {
      roles: readonly string[]
      client: ClientInfo
      deviceToken?: string | undefined
      reservedAllowed?: boolean
      inSameUnit?: (uow: UnitOfWork) => Promise<void>
      whenCreated?: (uow: UnitOfWork, row: UserRow) => Promise<void>
    },
  ): Promise<SignedIn> {
    const { database, sessions, devices, roles, now } = this.#deps
    const prepared = await prepareUser(input, options, this.#deps)
    return namingConflicts(database.dialect, async () => {
      const result = await database.unitOfWork(async (uow) => {
        await options.inSameUnit?.(uow)
        const row = await createUser(uow, prepared, now)
        await options.whenCreated?.(uow, row)
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
    const user = await this.#own.of(actor)
    if (!user) throw sessionErrors.session_revoked()
    return user
  }

  /** The name of the administrator behind the session, for the banner that says so. */
  async impersonatorOf(actor: Actor): Promise<string | null> {
    if (actor.impersonatorId === null) return null
    return (await findUser(this.#deps.database.db, actor.impersonatorId))?.username ?? null
  }

  /** `expectedVersion` from If-Match. Throws precondition_failed when the profile changed meanwhile. */
  async updateProfile(actor: Actor, patch: ProfilePatch, expectedVersion?: number): Promise<User> {
    const { database, audit, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await findUser(uow.tx, actor.userId)
      if (!row) throw sessionErrors.session_revoked()
      if (expectedVersion !== undefined && expectedVersion !== row.version) throw platformErrors.precondition_failed()
      assertTimeZone(patch.time_zone)
      this.#deps.rules.assertProfile(patch)
      const name = 'display_name' in patch ? { display_name_key: searchKey(patch.display_name) } : {}
      const { privacy_settings, ...columns } = patch
      const privacy = privacy_settings === undefined ? {} : privacyColumns(row, privacy_settings)
      const change = { ...columns, ...name, ...privacy, updated_at: now().toISOString() }
      if (!(await updateUser(uow.tx, row.id, row.version, change))) throw platformErrors.precondition_failed()
      const fields = changedFields(row, { ...columns, ...privacy })
      if (fields.length > 0) await audit.record(uow.tx, { type: 'user_updated', userId: row.id, detail: { fields } })
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
      return toUser({ ...row, ...change, version: row.version + 1 }, actor.roles, actor.permissions)
    })
  }
}

/** Their names alone: what was in them is nobody's business. */
const changedFields = (row: UserRow, change: Partial<UserRow>): string[] =>
  Object.entries(change)
    .filter(([name, value]) => row[name as keyof UserRow] !== value)
    .map(([name]) => name)

function assertTimeZone(timeZone: string | null | undefined): void {
  if (timeZone == null) return
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch {
    throw invalidFields([{ pointer: '/time_zone', code: 'invalid', message: 'There is no such time zone' }])
  }
}
