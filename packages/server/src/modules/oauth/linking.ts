import type { ExternalIdentity } from './provider.ts'

/** The account that uses the address of an identity. */
export interface AccountAtAddress {
  id: string
  emailVerified: boolean
  /** It holds more than what everybody holds: it never changes hands by a mail address. */
  privileged: boolean
}

export interface LinkingFacts {
  identity: ExternalIdentity
  /** What the provider says of an address being verified is believed. */
  trusted: boolean
  /** The account this identity was linked to before. */
  knownUserId: string | undefined
  /** Undefined also where the provider names no address. */
  account: AccountAtAddress | undefined
}

export type LinkingDecision =
  | { kind: 'sign_in'; userId: string }
  /** A new account; `proved`: its address needs no further proof. */
  | { kind: 'create'; proved: boolean }
  /** The owner of the address on both sides. */
  | { kind: 'link'; userId: string }
  /** The real owner of an address that somebody else has used without ever proving it. */
  | { kind: 'claim'; userId: string }
  | { kind: 'refuse' }

/**
 * Which account an identity opens (security.md decision 9). It is recognised by provider, issuer and subject; an address
 * alone never opens an account that exists: both sides must have proved it.
 */
export function decideLinking({ identity, trusted, knownUserId, account }: LinkingFacts): LinkingDecision {
  if (knownUserId !== undefined) return { kind: 'sign_in', userId: knownUserId }
  const proved = identity.emailVerified && trusted
  if (!account) return { kind: 'create', proved }
  if (!proved) return { kind: 'refuse' }
  if (account.emailVerified) return { kind: 'link', userId: account.id }
  return account.privileged ? { kind: 'refuse' } : { kind: 'claim', userId: account.id }
}
