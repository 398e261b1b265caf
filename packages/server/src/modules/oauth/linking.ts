import type { UserRow } from '../accounts/index.ts'
import type { IdentityRow } from './oauth.repository.ts'
import type { ExternalIdentity } from './provider.ts'

export interface LinkingFacts {
  identity: Pick<ExternalIdentity, 'emailVerified'>
  /** What the provider says of an address being verified is believed. */
  trusted: boolean
  /** The same identity, from when it was here before. */
  known: IdentityRow | undefined
  /** The account that uses its address. Undefined also where the provider names none. */
  account: UserRow | undefined
  /** That account holds more than what everybody holds: it never changes hands by a mail address. */
  isPrivileged: boolean
  /** No account is open before its address is proved. */
  proofRequired: boolean
}

export type LinkingDecision =
  | { kind: 'sign_in'; known: IdentityRow }
  /** A new account; `proved`: its address needs no further proof. */
  | { kind: 'create'; proved: boolean }
  /** A new account once its address is proved, if it is free: whether it is must not be told. */
  | { kind: 'wait' }
  /** The owner of the address on both sides. */
  | { kind: 'link'; account: UserRow }
  /** The real owner of an address that somebody else has used without ever proving it. */
  | { kind: 'claim'; account: UserRow }
  | { kind: 'refuse'; account: UserRow }

/**
 * What an identity opens (security.md decision 9). It is recognised by provider, issuer and subject; an address alone
 * never opens an account that exists: both sides must have proved it.
 */
export function decideLinking(facts: LinkingFacts): LinkingDecision {
  const { identity, trusted, known, account, isPrivileged, proofRequired } = facts
  if (known) return { kind: 'sign_in', known }
  const proved = identity.emailVerified && trusted
  if (!proved && proofRequired) return { kind: 'wait' }
  if (!account) return { kind: 'create', proved }
  if (!proved) return { kind: 'refuse', account }
  if (account.email_verified === 1) return { kind: 'link', account }
  return isPrivileged ? { kind: 'refuse', account } : { kind: 'claim', account }
}
