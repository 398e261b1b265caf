export { type CookiePolicy, cookieLine, cookiePolicy, readCookie } from './cookies.ts'
export { SessionDoorkeeper } from './doorkeeper.ts'
export { type Imagined, imaginedActor } from './imagined-actor.ts'
export type { IssuedSession } from './issued-session.ts'
export { demandsMfa } from './session-actor.ts'
export { sessionGate } from './session-gate.ts'
export { SessionRotation } from './session-rotation.ts'
export { sessionErrors } from './sessions.errors.ts'
export { findSession, listSessionOwners, liveSessions, type SessionRow, toSession } from './sessions.repository.ts'
export { sessionRoutes } from './sessions.routes.ts'
export {
  type EndReason,
  Session,
  sessionsEnded,
  TokenAnswer,
  tokenFields,
  userStateChanged,
} from './sessions.schema.ts'
export { SessionsService } from './sessions.service.ts'
export { Tokens } from './tokens.ts'
