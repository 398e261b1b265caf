import type { Actor, ClientInfo } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { newId } from '../../platform/ids.ts'
import type { Keys } from '../../platform/keys.ts'
import type { AuditEntry, AuditService } from '../audit/index.ts'
import type { RoleCatalogue } from '../roles/index.ts'
import { type CsrfKind, csrfToken } from './csrf.ts'
import type { IssuedSession, NewSession, SessionUse } from './issued-session.ts'
import { isLive, toActor } from './session-actor.ts'
import { SessionStates } from './session-states.ts'
import { sessionErrors } from './sessions.errors.ts'
import {
  advanceSession,
  deleteEndedSessions,
  deleteSessions,
  findSession,
  insertSession,
  type LiveSessionFilter,
  listEndedSessionIds,
  listLiveSessions,
  liveSessions,
  revokeSessions,
  type SessionChoice,
  type SessionRow,
  type SessionState,
  toSession,
} from './sessions.repository.ts'
import { type EndReason, type Session, sessionsEnded, userStateChanged } from './sessions.schema.ts'
import type { AccessClaims, Tokens } from './tokens.ts'

/** For whoever looks into what happened. */
const keptSeconds = 30 * 86_400

export interface SessionPolicy {
  accessSeconds: number
  toleranceSeconds: number
  refreshSeconds: number
  absoluteSeconds: number
  graceSeconds: number
  /** Whose sessions need a second factor before anything but enrolling one is open. */
  requireMfa: 'off' | 'admins' | 'all'
}

export interface SessionsDependencies {
  database: DatabaseHandle
  tokens: Tokens
  roles: RoleCatalogue
  keys: Keys
  bus: EventBus
  now: Clock
  policy: SessionPolicy
  audit: AuditService
}

/** Idle life of a session that was asked not to be remembered. */
const shortRefreshSeconds = 86_400

/** Sessions: SQL says whether one counts; tokens only point at it (security.md decisions 1 to 5). */
export class SessionsService {
  readonly #deps: SessionsDependencies
  readonly #states: SessionStates

  constructor(deps: SessionsDependencies) {
    this.#deps = deps
    this.#states = new SessionStates(deps.database.db)
    deps.bus.subscribe(sessionsEnded, ({ sessionIds }) => this.#states.forget(sessionIds))
    deps.bus.subscribe(userStateChanged, ({ userId }) => this.#states.forgetUser(userId))
  }

  /** Always a new session id: what a browser held before is never carried over (fixation). */
  async start(uow: UnitOfWork, input: NewSession): Promise<SessionRow> {
    const now = this.#deps.now()
    const at = now.toISOString()
    const lasting = {
      remember: input.remember ? 1 : 0,
      absolute_expires_at: isoAfter(now, input.lifeSeconds ?? this.#deps.policy.absoluteSeconds),
    }
    const session: SessionRow = {
      id: newId(),
      user_id: input.userId,
      refresh_counter: 0,
      ...this.touched(lasting, input.client),
      ...lasting,
      delivery: input.delivery,
      method: input.method,
      aal: input.aal ?? 1,
      auth_time: Math.floor(now.getTime() / 1000),
      device_name: input.deviceName ?? null,
      device_id: input.deviceId ?? null,
      impersonator_id: input.impersonator?.userId ?? null,
      impersonator_session_id: input.impersonator?.sessionId ?? null,
      created_at: at,
      revoked_at: null,
      revoked_reason: null,
    }
    await insertSession(uow.tx, session)
    return session
  }

  /** Sessions that ended long ago, however they ended; answers how many went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = isoAfter(now(), -keptSeconds)
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteEndedSessions(tx, before, limit)))
  }

  /** The pair of a session row: a function of the row alone. */
  async issue(session: SessionRow): Promise<IssuedSession> {
    const issuedAt = Math.floor(Date.parse(session.rotated_at) / 1000)
    const refreshExpiresAt = Math.floor(Date.parse(session.expires_at) / 1000)
    const accessExpiresAt = Math.min(issuedAt + this.#deps.policy.accessSeconds, refreshExpiresAt)
    const tokens = await this.#deps.tokens.sign({
      userId: session.user_id,
      sessionId: session.id,
      counter: session.refresh_counter,
      issuedAt,
      accessExpiresAt,
      refreshExpiresAt,
      authTime: session.auth_time,
      aal: session.aal === 2 ? 2 : 1,
      impersonatorId: session.impersonator_id,
    })
    return { session, ...tokens, ...this.csrf(session), accessExpiresAt }
  }

  csrf(session: { id: string; auth_time: number }): { csrfAccess: string; csrfRefresh: string } {
    return { csrfAccess: this.csrfToken('access', session), csrfRefresh: this.csrfToken('refresh', session) }
  }

  csrfToken(kind: CsrfKind, session: { id: string; auth_time: number }): string {
    return csrfToken(this.#deps.keys, kind, session)
  }

  /** The caller behind an access token. Throws token_invalid, token_expired, session_revoked. */
  async authenticate(accessToken: string): Promise<{ actor: Actor; expiresAt: number }> {
    const claims = await this.#deps.tokens.verifyAccess(accessToken)
    if (claims.expiredFor > 0)
      throw sessionErrors.token_expired({ members: { expired_for: Math.ceil(claims.expiredFor) } })
    const state = await this.liveState(claims.sessionId)
    return { actor: await this.#toActor(state, claims), expiresAt: claims.expiresAt }
  }

  /** The same caller as of now, for a connection that lasts. Throws session_revoked. */
  async current(actor: Actor): Promise<Actor> {
    return this.#toActor(await this.liveState(actor.sessionId), actor)
  }

  /** Throws session_revoked when the session, or its user, no longer counts. */
  async liveState(sessionId: string): Promise<SessionState> {
    const state = await this.#states.get(sessionId)
    if (!this.#isLive(state)) throw sessionErrors.session_revoked()
    return state
  }

  async #toActor(state: SessionState, claims: Pick<AccessClaims, 'authTime' | 'aal'>): Promise<Actor> {
    const permissions = await this.#deps.roles.permissionsOf(state.roles)
    return toActor(state, claims, { permissions, requireMfa: this.#deps.policy.requireMfa })
  }

  #isLive(state: SessionState | undefined): state is SessionState {
    return state !== undefined && isLive(state, this.#deps.now())
  }

  /** Ends sessions within a unit of work; caches and sockets follow after commit. Answers how many this call ended. */
  async end(uow: UnitOfWork, which: SessionChoice, reason: EndReason): Promise<number> {
    const { database, now } = this.#deps
    const sessionIds = await revokeSessions(uow.tx, database.dialect, which, now().toISOString(), reason)
    if (sessionIds.length > 0) uow.afterCommit(() => this.#deps.bus.publish(sessionsEnded, { sessionIds, reason }))
    return sessionIds.length
  }

  /** With the account, also those that ended long ago: they tell where the person was. */
  async removeAll(uow: UnitOfWork, userId: string): Promise<void> {
    await this.end(uow, { userId }, 'revoked')
    await deleteSessions(uow.tx, userId)
  }

  async logout(userId: string, sessionId: string): Promise<void> {
    await this.#endAndRecord({ userId, sessionId }, { type: 'logout', userId, actorId: userId, sessionId })
  }

  async logoutEverywhere(actor: Actor, keepCurrent: boolean): Promise<number> {
    const { userId, sessionId } = actor
    return keepCurrent
      ? this.#endAndRecord(
          { userId, except: sessionId },
          { type: 'session_revoked', userId, detail: { which: 'others' } },
        )
      : this.#endAndRecord({ userId }, { type: 'logout', userId, detail: { which: 'all' } })
  }

  /** Throws not_found for one that is not the actor's, as for one that never was. */
  async revoke(actor: Actor, sessionId: string): Promise<void> {
    const which = { userId: actor.userId, sessionId }
    const resource = { type: 'session', id: sessionId }
    const ended = await this.#endAndRecord(which, { type: 'session_revoked', userId: actor.userId, resource })
    if (ended === 0) throw platformErrors.not_found({ detail: 'There is no such session' })
  }

  /** What ended nothing is no event. */
  async #endAndRecord(which: SessionChoice, entry: AuditEntry): Promise<number> {
    return this.#deps.database.unitOfWork(async (uow) => {
      const ended = await this.end(uow, which, 'revoked')
      const detail = which.sessionId === undefined ? { ...entry.detail, ended } : entry.detail
      if (ended > 0) await this.#deps.audit.record(uow.tx, { ...entry, detail })
      return ended
    })
  }

  /** Everybody's, for those who look after accounts. */
  async listAll(filter: Omit<LiveSessionFilter, 'now'>): Promise<SessionRow[]> {
    const now = this.#deps.now().toISOString()
    return liveSessions(this.#deps.database.db, { ...filter, now }).execute()
  }

  async list(actor: Actor): Promise<Session[]> {
    const rows = await listLiveSessions(this.#deps.database.db, actor.userId, this.#deps.now().toISOString())
    return rows.map((row) => toSession(row, actor.sessionId))
  }

  /**
   * After the caller proved who it is: same session, new pair, new CSRF values. `aal` 2 when the proof was a second
   * factor; it never goes down.
   */
  async stepUp(actor: Actor, client: ClientInfo, aal: 1 | 2 = 1): Promise<IssuedSession> {
    return this.issue(await this.#deps.database.unitOfWork((uow) => this.raise(uow, actor, client, aal)))
  }

  /** The same in the transaction of what proved it; `issue` makes the pair once that is committed. */
  async raise(uow: UnitOfWork, actor: Actor, client: ClientInfo, aal: 1 | 2): Promise<SessionRow> {
    const row = await findSession(uow.tx, actor.sessionId)
    if (!row || row.revoked_at !== null) throw sessionErrors.session_revoked()
    const change = {
      ...this.touched(row, client),
      auth_time: Math.floor(this.#deps.now().getTime() / 1000),
      aal: Math.max(row.aal, aal),
    }
    if (!(await advanceSession(uow.tx, row.id, row.refresh_counter, change))) throw sessionErrors.session_revoked()
    uow.afterCommit(() => this.forget(row.id))
    return { ...row, ...change, refresh_counter: row.refresh_counter + 1 }
  }

  /** Drops the cached state after a change of the row that ended nothing. */
  forget(sessionId: string): void {
    this.#states.forget([sessionId])
  }

  /** For sockets: which of these sessions no longer count, asked of SQL; the cache learns it too. */
  async listEnded(sessionIds: readonly string[]): Promise<string[]> {
    const ended = await listEndedSessionIds(this.#deps.database.db, sessionIds, this.#deps.now().toISOString())
    this.#states.forget(ended)
    return ended
  }

  /** When the newest access token of a session ends, in seconds since 1970; undefined once the session ended. */
  async accessExpiry(sessionId: string): Promise<number | undefined> {
    const session = await findSession(this.#deps.database.db, sessionId)
    if (!session || session.revoked_at !== null) return undefined
    const rotated = Math.floor(Date.parse(session.rotated_at) / 1000)
    return Math.min(rotated + this.#deps.policy.accessSeconds, Math.floor(Date.parse(session.expires_at) / 1000))
  }

  /** The live session a refresh token belongs to, for callers whose access token is gone. Throws refresh_invalid. */
  async sessionOfRefreshToken(refreshToken: string): Promise<SessionRow> {
    const { sessionId } = await this.#deps.tokens.verifyRefresh(refreshToken)
    const state = await this.#states.get(sessionId)
    if (!this.#isLive(state)) throw sessionErrors.refresh_invalid()
    return state.session
  }

  /** The times of a session row that is used now. */
  touched(session: Pick<SessionRow, 'remember' | 'absolute_expires_at'>, client: ClientInfo): SessionUse {
    const now = this.#deps.now()
    const at = now.toISOString()
    const { refreshSeconds } = this.#deps.policy
    const idleSeconds = session.remember === 1 ? refreshSeconds : Math.min(refreshSeconds, shortRefreshSeconds)
    const idleEnd = isoAfter(now, idleSeconds)
    return {
      rotated_at: at,
      expires_at: idleEnd < session.absolute_expires_at ? idleEnd : session.absolute_expires_at,
      last_seen_at: at,
      ip: client.ip,
      user_agent: client.userAgent.slice(0, 500),
    }
  }
}
