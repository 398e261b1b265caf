import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { builtInRoles } from './permissions.ts'
import { listRoleRows } from './roles.repository.ts'

export interface Role {
  name: string
  description: string
  built_in: boolean
  /** Its own, without those of the roles it inherits from. */
  permissions: string[]
  inherits: string[]
}

/** Which roles there are and what they grant. Kept for 5 s, so a change made by another process is seen in time. */
export class RoleCatalogue {
  readonly #database: DatabaseHandle
  readonly #cache = new MemoryCache<ReadonlyMap<string, Role>>({ maxEntries: 1, maxAgeMs: 5_000 })
  #generation = 0

  constructor(database: DatabaseHandle) {
    this.#database = database
  }

  /** All roles by name, the built-in ones first. */
  async roles(): Promise<ReadonlyMap<string, Role>> {
    const known = this.#cache.get('roles')
    if (known) return known
    const generation = this.#generation
    const rows = await listRoleRows(this.#database.db)
    const builtIn = Object.entries(builtInRoles).map(
      ([name, { description, permissions }]): Role => ({
        name,
        description,
        built_in: true,
        permissions: [...permissions],
        inherits: [],
      }),
    )
    const custom = rows.map(
      (row): Role => ({
        name: row.name,
        description: row.description,
        built_in: false,
        permissions: JSON.parse(row.permissions) as string[],
        inherits: JSON.parse(row.inherits) as string[],
      }),
    )
    const all = new Map([...builtIn, ...custom].map((role) => [role.name, role]))
    if (generation === this.#generation) this.#cache.set('roles', all)
    return all
  }

  /** What these roles grant together, inherited ones included; a role that does not exist grants nothing. */
  async permissionsOf(names: readonly string[]): Promise<string[]> {
    const all = await this.roles()
    const granted = new Set<string>()
    const seen = new Set<string>()
    const waiting = [...names]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const role = all.get(name)
      if (!role || seen.has(name)) continue
      seen.add(name)
      for (const permission of role.permissions) granted.add(permission)
      waiting.push(...role.inherits)
    }
    return [...granted].sort()
  }

  /** Called after a change was committed. */
  forget(): void {
    this.#generation++
    this.#cache.clear()
  }
}
