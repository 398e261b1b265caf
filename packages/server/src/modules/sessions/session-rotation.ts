import type { ClientInfo } from '../../platform/actor.ts'
import { AppError } from '../../platform/errors.ts'
import { assertAllowed, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import type { MailsService } from '../mails/index.ts'
import type { IssuedSession } from './issued-session.ts'
import { isLive } from './session-actor.ts'
import { sessionErrors } from './sessions.errors.ts'
import { advanceSession, findOwner, findSession, findSessionState, type SessionRow } from './sessions.repository.ts'
import type { SessionsDependencies, SessionsService } from './sessions.service.ts'

export interface RotationDependencies extends SessionsDependencies {
  sessions: SessionsService
  limiter: RateLimiter
  mails: MailsService
  log: Logger
}

const rotationLimit = { name: 'refresh', limit: 10, windowSeconds: 60 }

/** Refresh tokens work once. The swap is one conditional UPDATE whose row count decides (security.md decision 4). */
export class SessionRotation {
  readonly #deps: RotationDependencies

  constructor(deps: RotationDependencies) {
    this.#deps = deps
  }

  /**
   * Swaps a refresh token for its successor. One caller wins the swap; the predecessor gets the same successor for
   * the grace; anything older, or later, ends the session. Throws refresh_invalid, refresh_reused, rate_limited.
   */
  async refresh(refreshToken: string, client: ClientInfo, carrier: 'cookie' | 'body'): Promise<IssuedSession> {
    const { sessionId, counter } = await this.#deps.tokens.verifyRefresh(refreshToken)
    const successor = await this.#swap(sessionId, counter, client, carrier)
    if (successor) return this.#deps.sessions.issue(successor)
    await this.#endFamily(sessionId)
    throw sessionErrors.refresh_reused()
  }

  /**
   * The same swap on an ordinary request whose access token ended a short while ago. Judges nothing: undefined when the
   * refresh token is not the current one of this session (or its predecessor within the grace).
   */
  async renewSilently(
    accessToken: string,
    refreshToken: string,
    client: ClientInfo,
  ): Promise<IssuedSession | undefined> {
    const claims = await this.#deps.tokens.verifyAccess(accessToken)
    if (claims.expiredFor > this.#deps.policy.toleranceSeconds) return undefined
    try {
      const { sessionId, counter } = await this.#deps.tokens.verifyRefresh(refreshToken)
      if (sessionId !== claims.sessionId) return undefined
      const successor = await this.#swap(sessionId, counter, client, 'cookie')
      return successor && (await this.#deps.sessions.issue(successor))
    } catch (error) {
      if (error instanceof AppError && error.code === 'refresh_invalid') return undefined
      throw error
    }
  }

  /** The next pair of a session that is gone back to; undefined when it has ended meanwhile. */
  async reissue(sessionId: string, client: ClientInfo): Promise<IssuedSession | undefined> {
    const { database, now, sessions } = this.#deps
    const state = await findSessionState(database.db, sessionId)
    if (!state || !isLive(state, now())) return undefined
    const { session } = state
    const change = sessions.touched(session, client)
    const won = await database.unitOfWork((uow) => advanceSession(uow.tx, session.id, session.refresh_counter, change))
    if (!won) return undefined
    sessions.forget(session.id)
    return sessions.issue({ ...session, ...change, refresh_counter: session.refresh_counter + 1 })
  }

  /** The row after the swap, or undefined when this counter may not be used any more. */
  async #swap(
    sessionId: string,
    counter: number,
    client: ClientInfo,
    carrier: 'cookie' | 'body',
  ): Promise<SessionRow | undefined> {
    const { database, limiter, now, policy, sessions } = this.#deps
    const before = await findSessionState(database.db, sessionId)
    if (!before || !isLive(before, now()) || before.session.delivery !== carrier) throw sessionErrors.refresh_invalid()

    if (counter === before.session.refresh_counter) {
      assertAllowed(await limiter.peek(rotationLimit, sessionId))
      const change = sessions.touched(before.session, client)
      const won = await database.unitOfWork((uow) => advanceSession(uow.tx, sessionId, counter, change))
      if (won) {
        await limiter.take(rotationLimit, sessionId)
        sessions.forget(sessionId)
        return { ...before.session, ...change, refresh_counter: counter + 1 }
      }
    }
    const current = await findSession(database.db, sessionId)
    if (!current || current.revoked_at !== null) throw sessionErrors.refresh_invalid()
    const age = now().getTime() - Date.parse(current.rotated_at)
    return counter === current.refresh_counter - 1 && age <= policy.graceSeconds * 1000 ? current : undefined
  }

  /** Several may come with old tokens at once: the session ends, is written down and told of once. */
  async #endFamily(sessionId: string): Promise<void> {
    const { database, log, sessions, audit, mails } = this.#deps
    const ended = await database.unitOfWork(async (uow) => {
      const owner = await findOwner(uow.tx, sessionId)
      if (!owner) return undefined
      const { id: userId, email, locale, display_name, username } = owner
      if ((await sessions.end(uow, { userId, sessionId }, 'refresh_reused')) === 0) return undefined
      await audit.record(uow.tx, { type: 'refresh_reuse', outcome: 'denied', userId, sessionId })
      if (owner.kind === 'person') {
        const data = { name: display_name ?? username }
        await mails.enqueue(uow, { to: email, template: 'session_ended_by_reuse', data, locale, userId })
      }
      return owner
    })
    if (!ended) return
    log.warn({ event: 'refresh_reused', session_id: sessionId, user_id: ended.id }, 'refresh token reused')
  }
}
