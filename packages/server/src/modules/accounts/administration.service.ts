import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type EndReason, type SessionsService, userStateChanged } from '../sessions/index.ts'
import {
  deleteRoles,
  findUserByIdentifier,
  insertRoles,
  toUser,
  type UserRow,
  updateUser,
} from './accounts.repository.ts'
import type { Registration, User } from './accounts.schema.ts'
import { identifierKey, invalidFields } from './identity.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { createUser, namingConflicts, prepareUser } from './registration.ts'

export interface AdministrationDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  hasher: PasswordHasher
  bus: EventBus
  now: Clock
  policy: PasswordPolicy
  roles: RoleCatalogue
}

const builtInRoles = ['admin', 'moderator', 'user', 'guest']

/** What an operator does to accounts. Each change acts at once: the sessions of the account end with it. */
export class AccountAdministration {
  readonly #deps: AdministrationDependencies

  constructor(deps: AdministrationDependencies) {
    this.#deps = deps
  }

  /** A new account; nobody is signed in. */
  async create(input: Registration, roles: readonly string[]): Promise<User> {
    assertRoles(roles)
    const { database, now } = this.#deps
    const prepared = await prepareUser(input, { roles, reservedAllowed: true }, this.#deps)
    const row = await namingConflicts(database.dialect, () =>
      database.unitOfWork((uow) => createUser(uow, prepared, now)),
    )
    return toUser(row, roles, await this.#deps.roles.permissionsOf(roles))
  }

  async setRoles(identifier: string, roles: readonly string[]): Promise<void> {
    assertRoles(roles)
    await this.#change(identifier, 'role_changed', async (uow, row) => {
      await deleteRoles(uow.tx, row.id)
      await insertRoles(uow.tx, row.id, [...new Set(roles)])
    })
  }

  /** For someone who forgot theirs. */
  async setPassword(identifier: string, password: string): Promise<void> {
    const { database, hasher, policy } = this.#deps
    const found = await findUserByIdentifier(database.db, identifierKey(identifier))
    if (!found) throw noSuchUser()
    await assertPassword(password, found, policy)
    const passwordHash = await hasher.hash(password)
    await this.#change(identifier, 'password_changed', (uow, row) =>
      this.#update(uow, row, { password_hash: passwordHash }),
    )
  }

  async setStatus(identifier: string, status: 'active' | 'suspended'): Promise<void> {
    await this.#change(identifier, 'suspended', (uow, row) => this.#update(uow, row, { status }))
  }

  async #update(uow: UnitOfWork, row: UserRow, change: Partial<UserRow>): Promise<void> {
    const updated = await updateUser(uow.tx, row.id, row.version, {
      ...change,
      updated_at: this.#deps.now().toISOString(),
    })
    if (!updated) throw platformErrors.precondition_failed()
  }

  async #change(
    identifier: string,
    reason: EndReason,
    change: (uow: UnitOfWork, row: UserRow) => Promise<void>,
  ): Promise<void> {
    const { database, sessions, bus } = this.#deps
    await database.unitOfWork(async (uow) => {
      const row = await findUserByIdentifier(uow.tx, identifierKey(identifier))
      if (!row) throw noSuchUser()
      await change(uow, row)
      await sessions.end(uow, { userId: row.id }, reason)
      uow.afterCommit(() => bus.publish(userStateChanged, { userId: row.id }))
    })
  }
}

const noSuchUser = () => platformErrors.not_found({ detail: 'There is no such user' })

function assertRoles(roles: readonly string[]): void {
  const unknown = roles.filter((role) => !builtInRoles.includes(role))
  if (unknown.length === 0) return
  const message = `There is no role ${unknown.join(', ')}; there are ${builtInRoles.join(', ')}`
  throw invalidFields([{ pointer: '/roles', code: 'unknown_role', message }])
}
