import type { Actor } from '../../platform/actor.ts'
import { demandsMfa, isLive, toActor } from './session-actor.ts'
import type { SessionRow } from './sessions.repository.ts'

export interface ImaginedAccount {
  id: string
  status: string
  bannedUntil: string | null
  roles: string[]
  permissions: readonly string[]
}

export interface Imagined {
  actor: Actor
  /** Whether a session of this account counts at all. */
  isLive: boolean
  demandsMfa: boolean
}

/** The caller this account would be in a session that was opened and proved just now: for explanations, never for a call. */
export function imaginedActor(
  { id, permissions, ...account }: ImaginedAccount,
  requireMfa: 'off' | 'admins' | 'all',
  now: Date,
): Imagined {
  const at = now.toISOString()
  const authTime = Math.floor(now.getTime() / 1000)
  const end = new Date(now.getTime() + 3_600_000).toISOString()
  const session: SessionRow = {
    ...{ id: '', user_id: id, refresh_counter: 0, rotated_at: at, expires_at: end, absolute_expires_at: end },
    ...{ remember: 0, delivery: 'body', method: 'password', aal: 2, auth_time: authTime, device_name: null },
    ...{ user_agent: '', ip: '', created_at: at, last_seen_at: at, revoked_at: null, revoked_reason: null },
    ...{ device_id: null, impersonator_id: null, impersonator_session_id: null },
  }
  const state = { session, ...account }
  return {
    actor: toActor(state, { authTime, aal: 2 }, { permissions, requireMfa }),
    isLive: isLive(state, now),
    demandsMfa: demandsMfa(requireMfa, account.roles),
  }
}
