import { grants } from '../../platform/policy.ts'

/** True when everything the other may do is also the actor's to do: who stands below may not act on who stands above. */
export const covers = (held: readonly string[], others: readonly string[]): boolean =>
  others.every((permission) => grants(held, permission))

/** True when the actor may strictly more than the other. */
export const outranks = (held: readonly string[], others: readonly string[]): boolean =>
  covers(held, others) && !covers(others, held)
