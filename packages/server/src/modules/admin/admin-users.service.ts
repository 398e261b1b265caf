import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { accessErrors } from '../../platform/policy.ts'
import {
  type AccountAdministration,
  findUser,
  isBanned,
  listAccounts,
  listRoles,
  listRolesOf,
  searchKey,
  toUser,
  type UserRow,
} from '../accounts/index.ts'
import type { AdminReads } from '../audit/index.ts'
import type { Lockout } from '../lockout/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import type { AdminUser, AdminUserPatch, AdminUserQuery, NewAdminUser } from './admin-users.schema.ts'
import { mayAct, outranks } from './rank.ts'

export interface AdminUsersDependencies {
  database: DatabaseHandle
  administration: AccountAdministration
  lockout: Lockout
  roles: RoleCatalogue
  cursors: Cursors
  adminReads: AdminReads
  /** Mails the link to choose a password, in the caller's transaction. */
  mailReset(uow: UnitOfWork, row: UserRow): Promise<void>
  now: Clock
}

const list = 'admin-users'

/** Accounts as an administrator finds, makes and changes them. Who stands above the caller is out of reach. */
export class AdminUsersService {
  readonly #deps: AdminUsersDependencies

  constructor(deps: AdminUsersDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor, query: AdminUserQuery): Promise<{ data: AdminUser[]; page: Page }> {
    const { database, cursors, adminReads } = this.#deps
    const limit = query.limit ?? 50
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(list, query.cursor)
    await adminReads.note(actor, 'user')
    const rows = await listAccounts(database.db, {
      prefix: searchKey(query.search?.trim().replace(/^@/, '')) ?? undefined,
      status: query.status,
      kind: query.kind,
      role: query.role,
      createdAfter: query.created_after === undefined ? undefined : new Date(query.created_after).toISOString(),
      before,
      limit: limit + 1,
    })
    const shown = rows.slice(0, limit)
    const roles = await listRolesOf(
      database.db,
      shown.map((row) => row.id),
    )
    const locks = await this.#deps.lockout.lockedUntil(shown)
    const data = await Promise.all(
      shown.map((row) => this.#toAdminUser(actor, row, roles.get(row.id) ?? [], locks.get(row.id) ?? null)),
    )
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.id]) : null
    return { data, page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** Throws not_found. */
  async get(actor: Actor, id: string): Promise<AdminUser> {
    await this.#deps.adminReads.note(actor, 'user', id)
    return this.#read(actor, id)
  }

  async #read(actor: Actor, id: string): Promise<AdminUser> {
    const { db } = this.#deps.database
    const row = await findUser(db, id)
    if (!row) throw noSuchUser()
    const locks = await this.#deps.lockout.lockedUntil([row])
    return this.#toAdminUser(actor, row, await listRoles(db, id), locks.get(id) ?? null)
  }

  /** Throws validation_failed, username_taken, email_taken, forbidden. */
  async create(actor: Actor, input: NewAdminUser): Promise<AdminUser> {
    const { administration, mailReset } = this.#deps
    const { roles = ['user'], ...account } = input
    const made = await administration.create(account, roles, { by: actor, inSameUnit: mailReset })
    return this.#read(actor, made.id)
  }

  /** Throws precondition_failed, last_admin, forbidden, state_conflict. */
  async update(actor: Actor, id: string, patch: AdminUserPatch, expectedVersion?: number): Promise<AdminUser> {
    const { administration } = this.#deps
    const row = await this.reach(actor, id)
    if (expectedVersion !== undefined && expectedVersion !== row.version) throw platformErrors.precondition_failed()
    if (patch.status !== undefined && id === actor.userId) throw notOneself()
    await administration.update(id, patch, actor)
    return this.#read(actor, id)
  }

  /** The account, when the caller may do everything it may. Throws not_found, forbidden. */
  async reach(actor: Actor, id: string): Promise<UserRow> {
    const { database, roles } = this.#deps
    const row = await findUser(database.db, id)
    if (!row || row.status === 'deleted') throw noSuchUser()
    const theirs = await roles.permissionsOf(await listRoles(database.db, id))
    if (mayAct(actor, theirs, await roles.permissionsOf(['user']))) return row
    throw accessErrors.forbidden({ detail: 'This person may do more than you: ask an administrator' })
  }

  async #toAdminUser(
    actor: Actor,
    row: UserRow,
    held: readonly string[],
    lockedUntil: string | null,
  ): Promise<AdminUser> {
    const theirs = await this.#deps.roles.permissionsOf(held)
    const isActive = row.status === 'active' && !isBanned(row, this.#deps.now())
    const isReachable =
      actor.kind === 'user' && isActive && row.kind !== 'service' && outranks(actor.permissions, theirs)
    return {
      ...toUser(row, held, theirs),
      locked_until: lockedUntil,
      banned_until: row.banned_until,
      can_impersonate: isReachable,
    }
  }
}

export const noSuchUser = () => platformErrors.not_found({ detail: 'There is no such user' })

export const notOneself = () =>
  platformErrors.state_conflict({ detail: 'Nobody locks themselves out: another administrator has to do that' })
