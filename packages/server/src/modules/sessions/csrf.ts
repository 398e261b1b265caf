import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Keys } from '../../platform/keys.ts'

export type CsrfKind = 'access' | 'refresh'

/** Bound to session and last proof of identity: changes at login and step-up, not at every renewal (signed double submit). */
export function csrfToken(keys: Keys, kind: CsrfKind, session: { id: string; auth_time: number }): string {
  return createHmac('sha256', keys.csrf).update(`${kind}:${session.id}:${session.auth_time}`).digest('base64url')
}

export function isCsrfToken(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
