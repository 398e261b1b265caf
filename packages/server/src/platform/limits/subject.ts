import { isId } from '../ids.ts'
import { canonicalNetwork } from './address-list.ts'

/** Whom a counter counts: an account, a session or a key by its id, or a network. */
export type Subject = { id: string } | { network: string }

/** Undefined for every other key: a hash of a name stays one, and what a module counts by is its own. */
export function subjectOf(key: string): Subject | undefined {
  if (isId(key)) return { id: key }
  const network = canonicalNetwork(key)
  return network === undefined ? undefined : { network }
}
