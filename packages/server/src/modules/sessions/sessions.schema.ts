import { type Static, Type } from 'typebox'
import { defineTopic } from '../../platform/events/event-bus.ts'
import { Id, nullable, Time } from '../../platform/http/schemas.ts'

export const Session = Type.Object(
  {
    id: Id,
    current: Type.Boolean({ description: 'The session this request was made with.' }),
    device_name: nullable(Type.String()),
    user_agent: Type.String(),
    ip: Type.String(),
    method: Type.String({ description: 'How the person signed in: password …' }),
    aal: Type.Integer(),
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>

export const CsrfTokens = Type.Object(
  { csrf_access_token: Type.String(), csrf_refresh_token: Type.String() },
  { title: 'CsrfTokens' },
)

/** What every way in answers; the two tokens only where the caller asked token_delivery "body". */
export const tokenFields = {
  status: Type.Literal('complete'),
  session_id: Id,
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds until the access token ends.' }),
  access_token_expires_at: Time,
  csrf_access_token: Type.String(),
  csrf_refresh_token: Type.String(),
  access_token: Type.Optional(Type.String()),
  refresh_token: Type.Optional(Type.String()),
}
export const TokenAnswer = Type.Object(tokenFields, { title: 'TokenAnswer' })
export type TokenAnswer = Static<typeof TokenAnswer>

export type EndReason =
  | 'expired'
  | 'revoked'
  | 'password_changed'
  | 'mfa_changed'
  | 'email_changed'
  | 'role_changed'
  | 'suspended'
  | 'refresh_reused'

/** Sessions that no longer count, told after commit; sockets close and caches forget. */
export const sessionsEnded = defineTopic<{ sessionIds: string[]; reason: EndReason }>('sessions.ended', {
  shared: true,
})

/** Something a session's state is made of (roles, status) changed for this user. */
export const userStateChanged = defineTopic<{ userId: string }>('user.state_changed', { shared: true })
