import type { Actor } from '../../platform/actor.ts'
import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { accessErrors, holds } from '../../platform/policy.ts'
import { PermissionSet } from './permission-set.ts'
import { grantedBy, withInherited } from './role-graph.ts'
import { listRoleRows, lockRoleNames, type RoleRow } from './roles.repository.ts'
import { rolesChanged } from './roles.schema.ts'

export interface Role {
  name: string
  description: string
  built_in: boolean
  /** Its own, without those of the roles it inherits from. */
  permissions: string[]
  inherits: string[]
  created_at: string | null
  updated_at: string | null
  version: number
}

const mostKept = 1_000

export type Roles = ReadonlyMap<string, Role>

/** What was asked of roles by their names; gone with these roles. */
class Asked {
  readonly #answer: (roles: Roles, names: readonly string[]) => string[]
  readonly #byNames = new Map<string, readonly string[]>()
  #roles: Roles | undefined

  constructor(answer: (roles: Roles, names: readonly string[]) => string[]) {
    this.#answer = answer
  }

  of(roles: Roles, names: readonly string[]): readonly string[] {
    if (this.#roles !== roles) this.#byNames.clear()
    this.#roles = roles
    const key = names.join(' ')
    const known = this.#byNames.get(key)
    if (known) return known
    const made = Object.freeze(this.#answer(roles, names))
    if (this.#byNames.size < mostKept) this.#byNames.set(key, made)
    return made
  }
}

/** Which roles there are and what they grant. Kept for 5 s at most: news of another process may be lost. */
export class RoleCatalogue {
  readonly #database: DatabaseHandle
  readonly #bus: EventBus
  /** What there is to be granted. */
  readonly known: PermissionSet
  readonly #cache = new MemoryCache<Roles>({ name: 'roles.catalogue', maxEntries: 1, maxAgeMs: 5_000 })
  #generation = 0
  readonly #granted = new Asked(grantedBy)
  readonly #inherited = new Asked(withInherited)
  /** What was read last; undefined after a change of this process, of which everyone was told. */
  #seen: string | undefined

  constructor(deps: { database: DatabaseHandle; bus: EventBus; known?: PermissionSet }) {
    this.#database = deps.database
    this.known = deps.known ?? new PermissionSet()
    this.#bus = deps.bus
    // The first to hear: whoever hears it next reads the roles here.
    deps.bus.subscribe(rolesChanged, () => this.#forget())
  }

  /** All roles by name, the built-in ones first. */
  async roles(): Promise<Roles> {
    const known = this.#cache.get('roles')
    return known ?? this.#load()
  }

  async #load(): Promise<Roles> {
    const generation = this.#generation
    const rows = await listRoleRows(this.#database.db)
    const all = this.amid(rows)
    if (generation === this.#generation) {
      this.#cache.set('roles', all)
      const before = this.#seen
      this.#seen = JSON.stringify(rows)
      if (before !== undefined && before !== this.#seen) this.#bus.publishHere(rolesChanged, {})
    }
    return all
  }

  /** Done every few seconds, so that open sockets hear of a change another process made. */
  async watch(): Promise<number> {
    await this.#load()
    return 0
  }

  /** What these roles grant together, inherited ones included; a role that does not exist grants nothing. */
  async permissionsOf(names: readonly string[]): Promise<readonly string[]> {
    return this.#granted.of(await this.roles(), names)
  }

  /** These roles and those they inherit from. */
  async withInherited(names: readonly string[]): Promise<readonly string[]> {
    return this.#inherited.of(await this.roles(), names)
  }

  async exists(names: readonly string[]): Promise<boolean> {
    const all = await this.roles()
    return names.every((name) => all.has(name))
  }

  /** All names, as of this transaction. */
  async namesIn(tx: Db): Promise<string[]> {
    return [...this.amid(await listRoleRows(tx)).keys()]
  }

  /**
   * For whoever gives roles to an account, before any other lock: answers those that do not exist. The others cannot be
   * deleted until the transaction ends.
   */
  async lockForUse(tx: Db, names: readonly string[]): Promise<string[]> {
    const custom = [...new Set(names)].filter((name) => !Object.hasOwn(this.known.builtInRoles, name))
    const known = await lockRoleNames(tx, this.#database.dialect, custom)
    return custom.filter((name) => !known.includes(name))
  }

  /** Nobody gives roles, or takes them away, that grant what they do not hold themselves. Throws forbidden. */
  async assertWithinRights(tx: Db, actor: Actor, names: readonly string[]): Promise<void> {
    assertHolds(actor, grantedBy(this.amid(await listRoleRows(tx)), names))
  }

  /** These roles beside the built-in ones. */
  amid(rows: readonly RoleRow[]): Map<string, Role> {
    return withBuiltIn(this.known, rows)
  }

  /** Called after a change was committed. */
  forget(): void {
    this.#bus.publish(rolesChanged, {})
  }

  #forget(): void {
    this.#generation++
    this.#seen = undefined
    this.#cache.clear()
  }
}

/** Throws forbidden, naming what is missing. */
export function assertHolds(actor: Pick<Actor, 'permissions' | 'scopes'>, wanted: readonly string[]): void {
  const missing = wanted.filter((grant) => !holds(actor, grant))
  if (missing.length === 0) return
  const detail = `Nobody can hand out more than they hold; missing: ${missing.join(', ')}`
  throw accessErrors.forbidden({ detail, members: { missing } })
}

function withBuiltIn({ builtInRoles }: PermissionSet, rows: readonly RoleRow[]): Map<string, Role> {
  const builtIn = Object.entries(builtInRoles).map(
    ([name, { description, permissions }]): Role => ({
      name,
      description,
      built_in: true,
      permissions: [...permissions],
      inherits: [],
      created_at: null,
      updated_at: null,
      version: 1,
    }),
  )
  return new Map([...builtIn, ...rows.map(toRole)].map((role) => [role.name, role]))
}

export const toRole = (row: RoleRow): Role => ({
  ...row,
  built_in: false,
  permissions: JSON.parse(row.permissions) as string[],
  inherits: JSON.parse(row.inherits) as string[],
})
