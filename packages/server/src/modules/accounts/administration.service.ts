import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { isId } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type EndReason, type SessionsService, userStateChanged } from '../sessions/index.ts'
import {
  deleteRoles,
  findUser,
  findUserByIdentifier,
  insertRoles,
  listRoles,
  lockUser,
  type UserRow,
  updateUser,
} from './accounts.repository.ts'
import { accountUpdated, type User } from './accounts.schema.ts'
import { identifierKey, invalidFields } from './identity.ts'
import { assertAdminRemains } from './last-admin.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { createUser, type NewAccount, namingConflicts, prepareUser, searchKey, userStream } from './registration.ts'
import { toUser } from './to-user.ts'

export interface AdministrationDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  roles: RoleCatalogue
  audit: AuditService
  hasher: PasswordHasher
  bus: EventBus
  now: Clock
  policy: PasswordPolicy
  mails: MailsService
}

export interface AccountChange {
  roles?: readonly string[]
  status?: 'active' | 'suspended' | 'deactivated'
  display_name?: string | null
  password_hash?: string
}

const statusEvents = {
  active: 'user_activated',
  suspended: 'user_suspended',
  deactivated: 'user_deactivated',
} as const

/** What an operator or administrator does to accounts. Each change acts at once: the sessions of the account end with it. */
export class AccountAdministration {
  readonly #deps: AdministrationDependencies

  constructor(deps: AdministrationDependencies) {
    this.#deps = deps
  }

  /**
   * A new account; nobody is signed in. Without a password its owner has to be told how to choose one: `inSameUnit`.
   * `by` gives only roles within their own rights.
   */
  async create(
    input: NewAccount,
    roles: readonly string[],
    options: { by?: Actor; inSameUnit?: (uow: UnitOfWork, row: UserRow) => Promise<void> } = {},
  ): Promise<User> {
    const { database, now, audit } = this.#deps
    const prepared = await prepareUser(input, { roles, reservedAllowed: true }, this.#deps)
    const row = await namingConflicts(database.dialect, () =>
      database.unitOfWork(async (uow) => {
        await this.#lockRoles(uow, roles)
        if (options.by) await this.#deps.roles.assertWithinRights(uow.tx, options.by, roles)
        const made = await createUser(uow, prepared, now)
        const about = { userId: made.id, resource: { type: 'user', id: made.id } }
        await audit.record(uow.tx, { type: 'user_created', ...about, detail: { kind: made.kind } })
        await audit.record(uow.tx, { type: 'role_assigned', ...about, detail: { roles } })
        await options.inSameUnit?.(uow, made)
        return made
      }),
    )
    return toUser(row, roles, await this.#deps.roles.permissionsOf(roles))
  }

  setRoles(account: string, roles: readonly string[], by?: Actor): Promise<void> {
    return this.update(account, { roles }, by)
  }

  setStatus(account: string, status: 'active' | 'suspended' | 'deactivated'): Promise<void> {
    return this.update(account, { status })
  }

  /** For someone who forgot theirs. */
  async setPassword(identifier: string, password: string): Promise<void> {
    const { database, hasher, policy } = this.#deps
    const found = await findUserByIdentifier(database.db, identifierKey(identifier))
    if (!found) throw noSuchUser()
    await assertPassword(password, found, policy)
    await this.update(identifier, { password_hash: await hasher.hash(password) })
  }

  /**
   * All of a change or nothing. `by` gives and takes only roles within their own rights; the command line may everything.
   * Locks in one order, so that two of these never wait for each other: roles, administrators, the account.
   * Throws validation_failed, not_found, last_admin, forbidden.
   */
  async update(account: string, change: AccountChange, by?: Actor): Promise<void> {
    const { database, sessions, bus } = this.#deps
    const { roles, status } = change
    await database.unitOfWork(async (uow) => {
      const found = await find(uow.tx, account)
      if (!found || found.status === 'deleted') throw noSuchUser()
      if (roles) {
        await this.#lockRoles(uow, roles)
        // Judged before the locks, so that nobody learns more, and after them, when nobody else changes it.
        await this.#roleDifference(uow, found.id, roles, by)
      }
      const leavesAdmins = (roles && !roles.includes('admin')) || (status !== undefined && status !== 'active')
      if (leavesAdmins) await assertAdminRemains(uow.tx, database.dialect, found.id)
      const row = await lockUser(uow.tx, database.dialect, found.id)
      if (!row) throw noSuchUser()
      if (roles) await this.#changeRoles(uow, row, roles, by)
      await this.#changeRow(uow, row, change)
      const reason = endReason(change)
      if (reason) await sessions.end(uow, { userId: row.id }, reason)
      uow.afterCommit(() => bus.publish(userStateChanged, { userId: row.id }))
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
    })
  }

  async #changeRow(uow: UnitOfWork, row: UserRow, change: AccountChange): Promise<void> {
    const { audit, now } = this.#deps
    const { roles: _r, status, ...fields } = change
    const name = 'display_name' in fields ? { display_name_key: searchKey(fields.display_name) } : {}
    const columns = { ...fields, ...name, ...(status === undefined ? {} : { status, erase_at: null }) }
    const at = now().toISOString()
    if (!(await updateUser(uow.tx, row.id, row.version, { ...columns, updated_at: at }))) {
      throw platformErrors.precondition_failed()
    }
    const about = { userId: row.id, resource: { type: 'user', id: row.id } }
    if (fields.password_hash !== undefined) await audit.record(uow.tx, { type: 'password_changed', ...about })
    if (fields.display_name !== undefined) {
      await audit.record(uow.tx, { type: 'user_updated', ...about, detail: { fields: ['display_name'] } })
    }
    if (status === undefined || status === row.status) return
    await audit.record(uow.tx, { type: statusEvents[status], ...about })
    if (status !== 'deactivated')
      await this.#tell(uow, row, status === 'active' ? 'account_activated' : 'account_suspended')
  }

  async #changeRoles(uow: UnitOfWork, row: UserRow, roles: readonly string[], by?: Actor): Promise<void> {
    const { audit, mails } = this.#deps
    const { added, removed, wanted } = await this.#roleDifference(uow, row.id, roles, by)
    if (added.length === 0 && removed.length === 0) return
    await deleteRoles(uow.tx, row.id)
    await insertRoles(uow.tx, row.id, wanted)
    const about = { userId: row.id, resource: { type: 'user', id: row.id } }
    if (added.length > 0) await audit.record(uow.tx, { ...about, type: 'role_assigned', detail: { roles: added } })
    if (removed.length > 0) await audit.record(uow.tx, { ...about, type: 'role_removed', detail: { roles: removed } })
    if (row.kind !== 'person') return
    const data = { name: row.display_name ?? row.username, roles: wanted.join(', ') }
    await mails.enqueue(uow, { ...addressed(row), template: 'roles_changed', data })
  }

  async #roleDifference(uow: UnitOfWork, id: string, roles: readonly string[], by?: Actor) {
    const wanted = [...new Set(roles)].sort()
    const held = await listRoles(uow.tx, id)
    const added = wanted.filter((role) => !held.includes(role))
    const removed = held.filter((role) => !wanted.includes(role))
    if (by) await this.#deps.roles.assertWithinRights(uow.tx, by, [...added, ...removed])
    return { added, removed, wanted }
  }

  async #tell(uow: UnitOfWork, row: UserRow, template: 'account_activated' | 'account_suspended'): Promise<void> {
    if (row.kind !== 'person') return
    const data = { name: row.display_name ?? row.username }
    await this.#deps.mails.enqueue(uow, { ...addressed(row), template, data })
  }

  async #lockRoles(uow: UnitOfWork, roles: readonly string[]): Promise<void> {
    const unknown = await this.#deps.roles.lockForUse(uow.tx, roles)
    if (unknown.length === 0) return
    const known = [...(await this.#deps.roles.namesIn(uow.tx))].join(', ')
    const message = `There is no role ${unknown.join(', ')}; there are ${known}`
    throw invalidFields([{ pointer: '/roles', code: 'unknown_role', message }])
  }
}

const endReason = ({ roles, status, password_hash }: AccountChange): EndReason | undefined => {
  if (status !== undefined) return 'suspended'
  if (password_hash !== undefined) return 'password_changed'
  return roles === undefined ? undefined : 'role_changed'
}

const addressed = (row: UserRow) => ({ to: row.email, locale: row.locale, userId: row.id })

/** By id, name or address. */
const find = (db: Db, account: string): Promise<UserRow | undefined> =>
  isId(account) ? findUser(db, account) : findUserByIdentifier(db, identifierKey(account))

const noSuchUser = () => platformErrors.not_found({ detail: 'There is no such user' })
