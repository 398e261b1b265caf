import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { type FieldError, platformErrors } from '../../platform/errors.ts'
import type { AuditService } from '../audit/index.ts'
import { builtInRoles } from './permissions.ts'
import { assertHolds, type Role, type RoleCatalogue, type Roles, toRole } from './role-catalogue.ts'
import { grantedBy, inheritsItself, type RoleNode } from './role-graph.ts'
import { deleteRole, insertRole, lockRoleRows, type RoleRow, updateRole } from './roles.repository.ts'
import type { NewRole, Permission, Role as RoleAnswer, RolePatch } from './roles.schema.ts'

/** Who has a role is known by the accounts, which stand above this room. */
export interface RoleHolders {
  count(tx: Db, role: string): Promise<number>
  /** Takes the role from everyone who has it. */
  takeFromAll(uow: UnitOfWork, role: string): Promise<void>
}

export interface RolesDependencies {
  database: DatabaseHandle
  catalogue: RoleCatalogue
  holders: RoleHolders
  audit: AuditService
  now: Clock
}

const maxRoles = 200

/** Roles of one's own, beside the built-in ones. A change counts for every open session with the next request. */
export class RolesService {
  readonly #deps: RolesDependencies

  constructor(deps: RolesDependencies) {
    this.#deps = deps
  }

  async list(): Promise<RoleAnswer[]> {
    const all = await this.#deps.catalogue.roles()
    return [...all.values()].map((role) => toAnswer(all, role))
  }

  async get(name: string): Promise<RoleAnswer> {
    const all = await this.#deps.catalogue.roles()
    const role = all.get(name)
    if (!role) throw noSuchRole()
    return toAnswer(all, role)
  }

  permissions(): Permission[] {
    return Object.entries(this.#deps.catalogue.known.descriptions).map(([name, description]) => {
      const [resource = '', action = ''] = name.split(':')
      return { name, resource, action, description }
    })
  }

  /** Throws validation_failed, already_exists, and forbidden for what the actor does not hold. */
  async create(actor: Actor, input: NewRole): Promise<RoleAnswer> {
    if (Object.hasOwn(builtInRoles, input.name)) throw nameTaken()
    const at = this.#deps.now().toISOString()
    const row: RoleRow = {
      name: input.name,
      description: input.description ?? '',
      permissions: listOf(input.permissions),
      inherits: listOf(input.inherits),
      created_at: at,
      updated_at: at,
      version: 1,
    }
    try {
      return await this.#change(async (uow, rows) => {
        if (rows.some(({ name }) => name === row.name)) throw nameTaken()
        if (rows.length >= maxRoles) {
          throw platformErrors.state_conflict({ detail: `There can be ${maxRoles} roles; delete one first` })
        }
        const answer = judged(actor, this.#deps.catalogue, [...rows, row], row.name, input)
        await insertRole(uow.tx, row)
        await this.#recordGrants(uow.tx, row.name, { before: nothing, after: toRole(row) })
        return answer
      })
    } catch (error) {
      if (this.#deps.database.dialect.isUniqueViolation(error, 'roles_pkey')) throw nameTaken()
      throw error
    }
  }

  /** Who changes a role holds all it grants, before and after. Throws as `create`, and precondition_failed. */
  async update(actor: Actor, name: string, patch: RolePatch, expectedVersion?: number): Promise<RoleAnswer> {
    assertNotBuiltIn(name)
    return this.#change(async (uow, rows) => {
      const row = rows.find((role) => role.name === name)
      if (!row) throw noSuchRole()
      assertVersion(row, expectedVersion)
      assertHolds(actor, grantedBy(this.#deps.catalogue.amid(rows), [name]))
      const changed: RoleRow = {
        ...row,
        ...(patch.description === undefined ? {} : { description: patch.description }),
        ...(patch.permissions === undefined ? {} : { permissions: listOf(patch.permissions) }),
        ...(patch.inherits === undefined ? {} : { inherits: listOf(patch.inherits) }),
        updated_at: this.#deps.now().toISOString(),
        version: row.version + 1,
      }
      const answer = judged(
        actor,
        this.#deps.catalogue,
        rows.map((role) => (role.name === name ? changed : role)),
        name,
        patch,
      )
      await updateRole(uow.tx, changed)
      await this.#recordGrants(uow.tx, name, { before: toRole(row), after: toRole(changed) })
      return answer
    })
  }

  /** One that somebody has, or that another role inherits from, only with `force`. Throws state_conflict. */
  async delete(actor: Actor, name: string, options: { force: boolean; expectedVersion?: number | undefined }) {
    assertNotBuiltIn(name)
    const { holders, now } = this.#deps
    await this.#change(async (uow, rows) => {
      const row = rows.find((role) => role.name === name)
      if (!row) throw noSuchRole()
      assertVersion(row, options.expectedVersion)
      assertHolds(actor, grantedBy(this.#deps.catalogue.amid(rows), [name]))
      const heirs = rows.filter((role) => toRole(role).inherits.includes(name))
      const accounts = await holders.count(uow.tx, name)
      if (!options.force && accounts + heirs.length > 0) throw inUse(accounts, heirs)
      for (const heir of heirs) {
        const inherits = listOf(toRole(heir).inherits.filter((other) => other !== name))
        await updateRole(uow.tx, { ...heir, inherits, updated_at: now().toISOString(), version: heir.version + 1 })
      }
      await holders.takeFromAll(uow, name)
      await deleteRole(uow.tx, name)
      await this.#recordGrants(uow.tx, name, { before: toRole(row), after: nothing }, { accounts, deleted: true })
    })
  }

  async #change<T>(work: (uow: UnitOfWork, rows: readonly RoleRow[]) => Promise<T>): Promise<T> {
    const { database, catalogue } = this.#deps
    return database.unitOfWork(async (uow) => {
      const result = await work(uow, await lockRoleRows(uow.tx, database.dialect))
      uow.afterCommit(() => catalogue.forget())
      return result
    })
  }

  async #recordGrants(
    tx: Db,
    name: string,
    { before, after }: Record<'before' | 'after', RoleNode>,
    more: Record<string, number | boolean> = {},
  ): Promise<void> {
    const { audit } = this.#deps
    const resource = { type: 'role', id: name }
    const added = without(after, before)
    const taken = without(before, after)
    const isNew = before === nothing
    const isGone = after === nothing
    if (isNew || !isEmpty(added)) await audit.record(tx, { type: 'permission_granted', resource, detail: added })
    if (isGone || !isEmpty(taken)) {
      await audit.record(tx, { type: 'permission_revoked', resource, detail: { ...taken, ...more } })
    }
    if (!isNew && !isGone && isEmpty(added) && isEmpty(taken)) {
      await audit.record(tx, { type: 'system_config_changed', resource, detail: { changed: ['description'] } })
    }
  }
}

const nothing: RoleNode = { permissions: [], inherits: [] }

const without = (one: RoleNode, other: RoleNode) => ({
  permissions: one.permissions.filter((name) => !other.permissions.includes(name)),
  inherits: one.inherits.filter((name) => !other.inherits.includes(name)),
})

const isEmpty = (role: RoleNode): boolean => role.permissions.length + role.inherits.length === 0

const listOf = (names: readonly string[] = []): string => JSON.stringify([...new Set(names)].sort())

function toAnswer(all: Roles, role: Role): RoleAnswer {
  return { ...role, effective_permissions: grantedBy(all, [role.name]) }
}

/** The role as it would be among these rows, when it may be. What is not given was checked when it was. */
function judged(
  actor: Actor,
  catalogue: RoleCatalogue,
  rows: readonly RoleRow[],
  name: string,
  given: RolePatch,
): RoleAnswer {
  const all = catalogue.amid(rows)
  const isGrant = (text: string) => catalogue.known.isGrant(text)
  const role = all.get(name)
  if (!role) throw noSuchRole()
  const problems: FieldError[] = [
    ...entries(given.permissions, isGrant, (permission) => ({
      pointer: '/permissions',
      code: 'unknown_permission',
      message: `There is no permission ${permission}; GET /api/v1/admin/permissions lists them`,
    })),
    ...entries(
      given.inherits,
      (other) => all.has(other),
      (other) => ({
        pointer: '/inherits',
        code: 'unknown_role',
        message: `There is no role ${other}`,
      }),
    ),
  ]
  if (inheritsItself(all, name)) {
    const message = `${name} would inherit from itself`
    problems.push({ pointer: '/inherits', code: 'inheritance_cycle', message })
  }
  if (problems.length > 0) {
    const [first] = problems
    const detail = problems.length === 1 && first ? first.message : `${problems.length} entries need attention`
    throw platformErrors.validation_failed({ detail, members: { errors: problems } })
  }
  const answer = toAnswer(all, role)
  assertHolds(actor, answer.effective_permissions)
  return answer
}

const entries = (
  names: readonly string[] = [],
  isFine: (name: string) => boolean,
  toError: (name: string) => FieldError,
) => names.filter((name) => !isFine(name)).map(toError)

function assertNotBuiltIn(name: string): void {
  if (!Object.hasOwn(builtInRoles, name)) return
  throw platformErrors.state_conflict({ detail: `${name} is built in and stays as it is` })
}

function assertVersion(row: RoleRow, expected: number | undefined): void {
  if (expected !== undefined && expected !== row.version) throw platformErrors.precondition_failed()
}

const noSuchRole = () => platformErrors.not_found({ detail: 'There is no such role' })
const nameTaken = () => platformErrors.already_exists({ detail: 'There is a role of this name' })

function inUse(accounts: number, heirs: readonly RoleRow[]) {
  const roles = heirs.map(({ name }) => name)
  const detail = `${accounts} accounts have this role and ${roles.length} roles inherit from it; force=true takes it from them`
  return platformErrors.state_conflict({ detail, members: { accounts, roles } })
}
