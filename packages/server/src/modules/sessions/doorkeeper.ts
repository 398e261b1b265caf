import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import type { Doorkeeper, Identity } from '../../platform/http/access.ts'
import { accessErrors } from '../../platform/policy.ts'
import {
  type CookiePolicy,
  clearedCookies,
  deviceCookie,
  oauthCookie,
  readCookie,
  registrationCookie,
  tokenCookies,
} from './cookies.ts'
import { type CsrfKind, isCsrfToken } from './csrf.ts'
import type { IssuedSession } from './issued-session.ts'
import type { SessionRotation } from './session-rotation.ts'
import { sessionErrors } from './sessions.errors.ts'
import type { TokenAnswer } from './sessions.schema.ts'
import type { SessionsService } from './sessions.service.ts'

export interface DoorDependencies {
  sessions: SessionsService
  rotation: SessionRotation
  cookies: CookiePolicy
  now: Clock
  /** The caller behind an API key. Throws token_invalid. */
  keyActor(key: string, client: ClientInfo): Promise<Actor>
}

/** Carries tokens between HTTP and the sessions service: cookies, Authorization, CSRF, silent renewal (api.md 1.1). */
export class SessionDoorkeeper implements Doorkeeper {
  readonly #sessions: SessionsService
  readonly #rotation: SessionRotation
  readonly #cookies: CookiePolicy
  readonly #now: Clock
  readonly #keyActor: DoorDependencies['keyActor']

  constructor(deps: DoorDependencies) {
    this.#sessions = deps.sessions
    this.#rotation = deps.rotation
    this.#cookies = deps.cookies
    this.#now = deps.now
    this.#keyActor = deps.keyActor
  }

  async identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | null> {
    const { authorization, cookie } = request.headers
    const key = apiKeyOf(request)
    if (key !== undefined) return { actor: await this.#keyActor(key, request.client), carrier: 'key' }
    if (authorization !== undefined) {
      const { actor } = await this.#sessions.authenticate(bearerToken(authorization))
      return { actor, carrier: 'bearer' }
    }
    const token = readCookie(cookie, this.#cookies.access)
    if (token === undefined) return null
    const actor = await this.#authenticateOrRenew(token, request, reply)
    return { actor, carrier: 'cookie' }
  }

  async #authenticateOrRenew(token: string, request: FastifyRequest, reply: FastifyReply): Promise<Actor> {
    try {
      return (await this.#sessions.authenticate(token)).actor
    } catch (error) {
      const expired = error instanceof AppError && error.code === 'token_expired'
      const refreshToken = this.refreshToken(request)
      if (!expired || refreshToken === undefined || request.routeOptions.config.renewal === false) throw error
      const issued = await this.#rotation.renewSilently(token, refreshToken, request.client)
      if (!issued) throw error
      this.#setCookies(reply, issued)
      return (await this.#sessions.authenticate(issued.accessToken)).actor
    }
  }

  refreshToken(request: FastifyRequest): string | undefined {
    return readCookie(request.headers.cookie, this.#cookies.refresh)
  }

  deviceToken(request: FastifyRequest): string | undefined {
    return readCookie(request.headers.cookie, this.#cookies.device)
  }

  oauthToken(request: FastifyRequest): string | undefined {
    return readCookie(request.headers.cookie, this.#cookies.oauth)
  }

  setOAuthToken(reply: FastifyReply, token: string, seconds: number): void {
    reply.header('set-cookie', oauthCookie(this.#cookies, token, seconds))
  }

  carriesKey({ headers }: FastifyRequest): boolean {
    return /^Bearer sk_/i.test(headers.authorization ?? '') || /^sk_/.test([headers['x-api-key']].join())
  }

  registrationToken(request: FastifyRequest): string | undefined {
    return readCookie(request.headers.cookie, this.#cookies.registration)
  }

  setRegistrationToken(reply: FastifyReply, token: string, seconds: number): void {
    reply.header('set-cookie', registrationCookie(this.#cookies, token, seconds))
  }

  assertCsrf(request: FastifyRequest, sessionId: string, authTime: number, kinds: CsrfKind[] = ['access']): void {
    const given = request.headers['x-csrf-token']
    const expected = kinds.map((kind) => `csrf_${kind}_token`).join(' or ')
    if (typeof given !== 'string' || given === '') {
      throw platformErrors.csrf_missing({ detail: `Send ${expected} in the header X-CSRF-TOKEN` })
    }
    const session = { id: sessionId, auth_time: authTime }
    if (!kinds.some((kind) => isCsrfToken(this.#sessions.csrfToken(kind, session), given))) {
      throw platformErrors.csrf_invalid({ detail: `The header X-CSRF-TOKEN must hold ${expected} of this session` })
    }
  }

  /** Scripts of a page never get tokens in a body: one injected script would turn HttpOnly into nothing. */
  assertMayDeliver(request: FastifyRequest, delivery: 'cookie' | 'body'): void {
    const site = request.headers['sec-fetch-site']
    if (delivery === 'body' && site !== undefined) {
      throw accessErrors.forbidden({ detail: 'token_delivery "body" is for apps, not for pages in a browser' })
    }
  }

  /** Puts the pair where the session asked for it and answers what the body says of it. */
  deliver(reply: FastifyReply, issued: IssuedSession): TokenAnswer {
    const { session, accessExpiresAt } = issued
    const inBody = session.delivery === 'body'
    if (!inBody) this.#setCookies(reply, issued)
    if (!inBody && issued.deviceToken !== undefined) {
      reply.header('set-cookie', deviceCookie(this.#cookies, issued.deviceToken))
    }
    reply.header('cache-control', 'no-store')
    return {
      status: 'complete',
      session_id: session.id,
      token_type: 'bearer',
      expires_in: Math.max(0, Math.round(accessExpiresAt - this.#now().getTime() / 1000)),
      access_token_expires_at: new Date(accessExpiresAt * 1000).toISOString(),
      csrf_access_token: issued.csrfAccess,
      csrf_refresh_token: issued.csrfRefresh,
      ...(inBody ? { access_token: issued.accessToken, refresh_token: issued.refreshToken } : {}),
    }
  }

  #setCookies(reply: FastifyReply, { session, accessToken, refreshToken }: IssuedSession): void {
    const life = Math.round((Date.parse(session.expires_at) - Date.parse(session.rotated_at)) / 1000)
    const maxAge = session.remember === 1 ? life : undefined
    reply.header('set-cookie', tokenCookies(this.#cookies, accessToken, refreshToken, maxAge))
  }

  clear(reply: FastifyReply): void {
    reply.header('set-cookie', clearedCookies(this.#cookies))
    reply.header('clear-site-data', '"cache", "storage"')
  }
}

/** `sk_…` in X-API-Key or as a bearer token; both at once must be the same. */
function apiKeyOf({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer (sk_[A-Za-z0-9_-]+)$/i.exec(headers.authorization ?? '')?.[1]
  const own = headers['x-api-key']
  if (own === undefined) return bearer
  if (typeof own !== 'string' || (headers.authorization !== undefined && bearer !== own))
    throw sessionErrors.token_invalid()
  return own
}

function bearerToken(authorization: string): string {
  const token = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw sessionErrors.token_invalid()
  return token
}
