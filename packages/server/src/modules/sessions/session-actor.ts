import type { Actor } from '../../platform/actor.ts'
import type { SessionState } from './sessions.repository.ts'
import type { AccessClaims } from './tokens.ts'

/** Who waits for the deletion of the account may still sign in, to take it back. */
export const isStatusLive = (status: string): status is Actor['status'] =>
  status === 'active' || status === 'deletion_pending'

/** A session counts while it was not ended, its time is not over and its user is active and not banned. */
export function isLive({ session, status, bannedUntil }: SessionState, now: Date): boolean {
  const at = now.toISOString()
  const isOpen = session.revoked_at === null && session.expires_at > at
  return isOpen && isStatusLive(status) && (bannedUntil === null || bannedUntil <= at)
}

/** Whether the settings ask these roles for a second factor. */
export const demandsMfa = (requireMfa: 'off' | 'admins' | 'all', roles: readonly string[]): boolean =>
  requireMfa === 'all' || (requireMfa === 'admins' && roles.includes('admin'))

/** The caller behind a session: what the row and the roles say today, and how this token was proved. */
export function toActor(
  { session, status, roles }: SessionState,
  claims: Pick<AccessClaims, 'authTime' | 'aal'>,
  { permissions, requireMfa }: { permissions: readonly string[]; requireMfa: 'off' | 'admins' | 'all' },
): Actor {
  return {
    kind: 'user',
    userId: session.user_id,
    sessionId: session.id,
    roles,
    permissions,
    status: isStatusLive(status) ? status : 'active',
    mfaOwed: demandsMfa(requireMfa, roles) && claims.aal === 1 && session.impersonator_id === null,
    impersonatorId: session.impersonator_id,
    authTime: claims.authTime,
    aal: claims.aal,
  }
}
