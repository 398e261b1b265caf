import type { Actor } from '../../platform/actor.ts'
import { grants } from '../../platform/policy.ts'

/** True when everything the other may do is also the actor's to do: who stands below may not act on who stands above. */
export const covers = (held: readonly string[], others: readonly string[]): boolean =>
  others.every((permission) => grants(held, permission))

/** True when the actor may strictly more than the other. */
export const outranks = (held: readonly string[], others: readonly string[]): boolean =>
  covers(held, others) && !covers(others, held)

/**
 * True when somebody with these rights is not above the caller. What everybody may do raises nobody above an API key
 * whose scopes name none of it; whatever more they may do, its scopes must name.
 */
export function mayAct(
  actor: Pick<Actor, 'permissions' | 'scopes'>,
  theirs: readonly string[],
  everybodys: readonly string[],
) {
  const isWithinScopes = actor.scopes === undefined || covers([...actor.scopes, ...everybodys], theirs)
  return isWithinScopes && covers(actor.permissions, theirs)
}
