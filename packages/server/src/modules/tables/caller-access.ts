import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { grants } from '../../platform/policy.ts'
import { TableAccess } from './policy/table-access.ts'
import type { TablesRegistry } from './registry.ts'

export interface CallerAccessDependencies {
  registry: TablesRegistry
  /** Roles with those they inherit from. */
  withInherited(names: readonly string[]): Promise<readonly string[]>
  now: Clock
}

/** The access of a caller, for one request. What a key may do beyond its scopes was decided at the door. */
export async function accessOf(
  { registry, withInherited, now }: CallerAccessDependencies,
  actor: Pick<Actor, 'userId' | 'roles' | 'permissions'>,
): Promise<TableAccess> {
  const snapshot = await registry.snapshot()
  const roles = await withInherited(actor.roles)
  const caller = { userId: actor.userId, roles, isFull: grants(actor.permissions, 'data:manage') }
  return new TableAccess(snapshot, caller, now())
}
