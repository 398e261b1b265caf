import type { Actor } from './actor.ts'
import { tellStep } from './decision-steps.ts'
import { type AppError, defineErrors } from './errors.ts'

export const accessErrors = defineErrors({
  authentication_required: ['unauthenticated', 'Login required', 'Sign in, or send the access token you were given.'],
  account_inactive: [
    'forbidden',
    'This account is not active',
    'Restore it if you asked for its deletion, else ask an administrator.',
  ],
  mfa_required: [
    'forbidden',
    'A second factor is required here',
    'Add an authenticator app or a passkey to the account; until then nothing else is open.',
  ],
  admin_required: ['forbidden', 'Admin access required', 'Ask an administrator.'],
  scope_missing: [
    'forbidden',
    'This API key may not do that',
    'Use a key whose scopes include the one named in required_scope.',
  ],
  reauthentication_required: [
    'forbidden',
    'Please confirm that it is you',
    'Call POST /api/v1/auth/reauthenticate with your password or another proof, then repeat within 10 minutes.',
  ],
  forbidden: ['forbidden', 'You may not do that', 'Ask someone who may, or an administrator.'],
})

/**
 * Who may do something. `public`: anyone, nobody is looked up. `optional`: anyone, and the handler is told who it is.
 * `user`: a person in a session of their own, whatever their role; never an API key. `{ permission }`: who holds it.
 */
export type Access = 'public' | 'optional' | 'user' | { permission: string }

export interface Rule {
  access: Access
  /** Needs a proof of identity of the last 10 minutes (⚠ in the API reference). */
  recentAuth?: boolean
  /** Open to a session that owes a second factor: enrolling one, and leaving. */
  whileMfaOwed?: boolean
  /** Open to an account that waits for its deletion. */
  whileDeleting?: boolean
  /** Nothing for API keys: it judges sessions, or makes credentials. */
  sessionOnly?: boolean
  /** A rule about credentials that an administrator acting as somebody else may use: leaving, that is. */
  whileImpersonating?: boolean
}

/** Told of every error a call of somebody known ends with, within the context of the call; must neither wait nor throw. */
export type OnDenied = (actor: Actor, error: AppError) => void

/** How long a proof of identity counts for routes that need a recent one. */
export const recentSeconds = 600

/** True when one of the held grants covers the permission. */
export function grants(held: readonly string[], permission: string): boolean {
  return held.includes(permission) || held.includes('*') || held.includes(wholeOf(permission))
}

/** Permissions are few, and asked for by every request. */
const wholes = new Map<string, string>()

/** What grants everything about its resource. */
function wholeOf(permission: string): string {
  const known = wholes.get(permission)
  if (known !== undefined) return known
  const whole = `${permission.split(':', 1)[0]}:*`
  if (wholes.size < 1_000) wholes.set(permission, whole)
  return whole
}

/** Whether somebody has it to give: an API key has what both its owner's roles and its scopes grant. */
export const holds = ({ permissions, scopes }: Pick<Actor, 'permissions' | 'scopes'>, permission: string): boolean =>
  grants(permissions, permission) && (scopes === undefined || grants(scopes, permission))

/** The one decision: undefined when the actor may, else the error to answer. HTTP, sockets, jobs and commands ask here. */
export function refusal(actor: Actor | null, rule: Rule, now: Date): AppError | undefined {
  const { access } = rule
  if (access === 'public') return undefined
  if (actor?.kind === 'api_key' && (access === 'user' || rule.sessionOnly)) return keysStayOut()
  if (access === 'optional') return undefined
  tellStep('rule', 'signed in', actor !== null)
  if (!actor) return accessErrors.authentication_required()
  const touchesCredentials = access === 'user' || rule.sessionOnly
  if (touchesCredentials && actor.impersonatorId !== null && !rule.whileImpersonating) {
    tellStep('rule', 'not acting as somebody else', false)
    return accessErrors.forbidden({ detail: 'Credentials are out of reach while acting as somebody else' })
  }
  const isActive = actor.status === 'active' || rule.whileDeleting === true
  tellStep('rule', 'account is active', isActive, { status: actor.status })
  if (!isActive) return accessErrors.account_inactive()
  const isProved = !actor.mfaOwed || rule.whileMfaOwed === true
  if (!isProved) tellStep('rule', secondFactorRule, false)
  if (!isProved) return accessErrors.mfa_required()
  if (typeof access === 'object') {
    const { permission } = access
    const isGranted = grants(actor.permissions, permission)
    tellStep('role', permission, isGranted, { roles: actor.roles })
    if (!isGranted) return accessErrors.forbidden({ members: { required_permission: permission } })
    if (actor.scopes) {
      const isInScope = grants(actor.scopes, permission)
      tellStep('scope', permission, isInScope, { scopes: actor.scopes })
      if (!isInScope) return accessErrors.scope_missing({ members: { required_scope: permission } })
    }
  }
  if (rule.recentAuth && actor.kind === 'user') {
    const isRecent = now.getTime() / 1000 - actor.authTime <= recentSeconds
    tellStep('rule', recentProofRule, isRecent, { within_seconds: recentSeconds })
    if (!isRecent) return accessErrors.reauthentication_required()
  }
  return undefined
}

/** What depends on the session and not on the account, as steps call it. */
export const recentProofRule = 'recent proof of identity'
export const secondFactorRule = 'second factor'

/** The same for a route: what it says to keys that no permission lets in, and how a refusal is called under /admin. */
export function routeRefusal(actor: Actor | null, rule: Rule, url: string, now: Date): AppError | undefined {
  const refused = actor?.kind === 'api_key' && rule.sessionOnly ? keysStayOut() : refusal(actor, rule, now)
  return refused?.members.required_permission !== undefined && url.startsWith('/api/v1/admin/')
    ? accessErrors.admin_required({ members: refused.members })
    : refused
}

export function keysStayOut(): AppError {
  tellStep('scope', 'no API keys', false)
  return accessErrors.forbidden({ detail: 'API keys cannot be used here; sign in as a person' })
}
