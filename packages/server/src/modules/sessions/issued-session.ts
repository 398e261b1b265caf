import type { ClientInfo } from '../../platform/actor.ts'
import type { SessionRow } from './sessions.repository.ts'

export interface NewSession {
  userId: string
  method: string
  client: ClientInfo
  remember: boolean
  delivery: 'cookie' | 'body'
  deviceName?: string | undefined
  /** 2 after a second factor or a passkey that checked the person. Default 1. */
  aal?: 1 | 2
  /** The known device it was opened on, so that forgetting the device can end it. */
  deviceId?: string | undefined
  /** The administrator who acts as this user, and the session they do it from. */
  impersonator?: { userId: string; sessionId: string } | undefined
  /** Ends it earlier than the settings would. */
  lifeSeconds?: number | undefined
}

/** A session with the pair that is current for it. */
export interface IssuedSession {
  session: SessionRow
  accessToken: string
  refreshToken: string
  csrfAccess: string
  csrfRefresh: string
  /** Seconds since 1970. */
  accessExpiresAt: number
  /** What the browser is known by from now on; set by ways in. */
  deviceToken?: string | undefined
}

/** What using a session changes in its row. */
export type SessionUse = Pick<SessionRow, 'rotated_at' | 'expires_at' | 'last_seen_at' | 'ip' | 'user_agent'>
