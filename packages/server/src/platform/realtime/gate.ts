import type { IncomingHttpHeaders } from 'node:http'
import type { Actor } from '../actor.ts'
import { defineTopic, type Topic } from '../events/event-bus.ts'

export type SocketEndReason = 'expired' | 'revoked' | 'password_changed' | 'suspended' | 'slow_consumer' | 'shutdown'

const publicReasons = new Set<string>(['expired', 'password_changed', 'suspended'])

/** Why a session ended, as far as its sockets are told. */
export const toEndReason = (reason: string): SocketEndReason =>
  publicReasons.has(reason) ? (reason as SocketEndReason) : 'revoked'

/** What sockets need to know of sessions. */
export interface SocketGate {
  /** The caller by cookie, or by token where the page's origin is not proved. Throws unauthenticated problems. */
  enter(credentials: {
    headers: IncomingHttpHeaders
    cookiesCount: boolean
    token: unknown
  }): Promise<{ actor: Actor; expiresAt: number }>
  /** The caller as of now. Throws when the session no longer counts. */
  current(actor: Actor): Promise<Actor>
  /** Of these sessions, those that no longer count. */
  listEnded(sessionIds: readonly string[]): Promise<string[]>
  /** When the newest access token of the session ends, in seconds since 1970; undefined once the session ended. */
  accessExpiry(sessionId: string): Promise<number | undefined>
  /** Told when what somebody may do changed for other reasons than a session's end: every socket is judged anew. */
  rightsChanged: Topic<Record<never, never>>
  /** Told when sessions end. */
  ended: Topic<{ sessionIds: string[]; reason: string }>
}

/** Whom the house lets in changed: every socket is judged anew. */
export const doorChanged = defineTopic<Record<never, never>>('door.changed')
