import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { isId } from '../../platform/ids.ts'
import type { AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type EndReason, type SessionsService, userStateChanged } from '../sessions/index.ts'
import {
  deleteRoles,
  findUser,
  findUserByIdentifier,
  insertRoles,
  listRoles,
  lockUser,
  toUser,
  type UserRow,
  updateUser,
} from './accounts.repository.ts'
import type { Registration, User } from './accounts.schema.ts'
import { identifierKey, invalidFields } from './identity.ts'
import { assertAdminRemains } from './last-admin.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { createUser, namingConflicts, prepareUser } from './registration.ts'

export interface AdministrationDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  roles: RoleCatalogue
  audit: AuditService
  hasher: PasswordHasher
  bus: EventBus
  now: Clock
  policy: PasswordPolicy
}

/** What an operator does to accounts. Each change acts at once: the sessions of the account end with it. */
export class AccountAdministration {
  readonly #deps: AdministrationDependencies

  constructor(deps: AdministrationDependencies) {
    this.#deps = deps
  }

  /** A new account; nobody is signed in. */
  async create(input: Registration, roles: readonly string[]): Promise<User> {
    const { database, now } = this.#deps
    const prepared = await prepareUser(input, { roles, reservedAllowed: true }, this.#deps)
    const row = await namingConflicts(database.dialect, () =>
      database.unitOfWork(async (uow) => {
        await this.#lockRoles(uow, roles)
        return createUser(uow, prepared, now)
      }),
    )
    return toUser(row, roles, await this.#deps.roles.permissionsOf(roles))
  }

  /**
   * Built-in and custom roles. `by` gives and takes only what they hold themselves; the command line may everything.
   * Throws validation_failed, last_admin, forbidden.
   */
  async setRoles(account: string, roles: readonly string[], by?: Actor): Promise<void> {
    const wanted = [...new Set(roles)].sort()
    const difference = async (uow: UnitOfWork, id: string) => {
      const held = await listRoles(uow.tx, id)
      const added = wanted.filter((role) => !held.includes(role))
      const removed = held.filter((role) => !wanted.includes(role))
      if (by) await this.#deps.roles.assertWithinRights(uow.tx, by, [...added, ...removed])
      return { added, removed }
    }
    const lock = async (uow: UnitOfWork, id: string) => {
      await this.#lockRoles(uow, wanted)
      // Judged before the locks, so that nobody learns more, and after them, when nobody else changes it.
      await difference(uow, id)
      return { leavesAdmins: !wanted.includes('admin') }
    }
    await this.#change(account, 'role_changed', lock, async (uow, row) => {
      const { added, removed } = await difference(uow, row.id)
      await deleteRoles(uow.tx, row.id)
      await insertRoles(uow.tx, row.id, wanted)
      const about = { userId: row.id, resource: { type: 'user', id: row.id } }
      if (added.length > 0) {
        await this.#deps.audit.record(uow.tx, { ...about, type: 'role_assigned', detail: { roles: added } })
      }
      if (removed.length > 0) {
        await this.#deps.audit.record(uow.tx, { ...about, type: 'role_removed', detail: { roles: removed } })
      }
    })
  }

  /** For someone who forgot theirs. */
  async setPassword(identifier: string, password: string): Promise<void> {
    const { database, hasher, policy } = this.#deps
    const found = await findUserByIdentifier(database.db, identifierKey(identifier))
    if (!found) throw noSuchUser()
    await assertPassword(password, found, policy)
    const passwordHash = await hasher.hash(password)
    const lock = async () => ({ leavesAdmins: false })
    await this.#change(identifier, 'password_changed', lock, (uow, row) =>
      this.#update(uow, row, { password_hash: passwordHash }),
    )
  }

  /** Throws last_admin. */
  async setStatus(account: string, status: 'active' | 'suspended'): Promise<void> {
    const lock = async () => ({ leavesAdmins: status !== 'active' })
    await this.#change(account, 'suspended', lock, (uow, row) => this.#update(uow, row, { status }))
  }

  async #lockRoles(uow: UnitOfWork, roles: readonly string[]): Promise<void> {
    const unknown = await this.#deps.roles.lockForUse(uow.tx, roles)
    if (unknown.length === 0) return
    const known = [...(await this.#deps.roles.namesIn(uow.tx))].join(', ')
    const message = `There is no role ${unknown.join(', ')}; there are ${known}`
    throw invalidFields([{ pointer: '/roles', code: 'unknown_role', message }])
  }

  async #update(uow: UnitOfWork, row: UserRow, change: Partial<UserRow>): Promise<void> {
    const updated = await updateUser(uow.tx, row.id, row.version, {
      ...change,
      updated_at: this.#deps.now().toISOString(),
    })
    if (!updated) throw platformErrors.precondition_failed()
  }

  /** Locks in one order, so that two of these never wait for each other: roles, administrators, the account. */
  async #change(
    account: string,
    reason: EndReason,
    lock: (uow: UnitOfWork, id: string) => Promise<{ leavesAdmins: boolean }>,
    change: (uow: UnitOfWork, row: UserRow) => Promise<void>,
  ): Promise<void> {
    const { database, sessions, bus } = this.#deps
    await database.unitOfWork(async (uow) => {
      const found = await find(uow.tx, account)
      if (!found) throw noSuchUser()
      const { leavesAdmins } = await lock(uow, found.id)
      if (leavesAdmins) await assertAdminRemains(uow.tx, database.dialect, found.id)
      const row = await lockUser(uow.tx, database.dialect, found.id)
      if (!row) throw noSuchUser()
      await change(uow, row)
      await sessions.end(uow, { userId: row.id }, reason)
      uow.afterCommit(() => bus.publish(userStateChanged, { userId: row.id }))
    })
  }
}

/** By id, name or address. */
const find = (db: Db, account: string): Promise<UserRow | undefined> =>
  isId(account) ? findUser(db, account) : findUserByIdentifier(db, identifierKey(account))

const noSuchUser = () => platformErrors.not_found({ detail: 'There is no such user' })
