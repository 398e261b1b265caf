import { accessErrors } from '../../platform/policy.ts'
import type { SocketGate } from '../../platform/realtime/gate.ts'
import { rolesChanged } from '../roles/index.ts'
import { type CookiePolicy, readCookie } from './cookies.ts'
import { sessionErrors } from './sessions.errors.ts'
import { sessionsEnded } from './sessions.schema.ts'
import type { SessionsService } from './sessions.service.ts'

/** Sessions as sockets need them. The handshake renews nothing, and never reads a token from the address. */
export const sessionGate = (sessions: SessionsService, cookies: CookiePolicy): SocketGate => ({
  async enter({ headers, cookiesCount, token }) {
    if (token !== undefined && typeof token !== 'string') throw sessionErrors.token_invalid()
    const accessToken = token ?? (cookiesCount ? readCookie(headers.cookie, cookies.access) : undefined)
    if (accessToken === undefined) throw accessErrors.authentication_required()
    return sessions.authenticate(accessToken)
  },
  async current(actor) {
    return sessions.current(actor)
  },
  listEnded: (sessionIds) => sessions.listEnded(sessionIds),
  accessExpiry: (sessionId) => sessions.accessExpiry(sessionId),
  rightsChanged: rolesChanged,
  ended: sessionsEnded,
})
