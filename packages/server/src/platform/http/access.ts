import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  InjectOptions,
  LightMyRequestResponse,
  RouteOptions,
} from 'fastify'
import type { Actor, ClientInfo } from '../actor.ts'
import type { Clock } from '../clock.ts'
import { currentCall, runInContext } from '../context.ts'
import { AppError } from '../errors.ts'
import { type Access, accessErrors, keysStayOut, type OnDenied, type Rule, routeRefusal } from '../policy.ts'
import type { BeginSpan } from '../tracing/request-spans.ts'
import type { ReadClient } from './client-info.ts'
import { InsideCallers } from './inside-callers.ts'
import type { IsMonitor } from './monitors.ts'
import type { Origins } from './origins.ts'
import type { CountRequest } from './rate-limit.ts'

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<Rule> {
    /** Answered to everybody, from shut-out networks too: what monitors ask. */
    whileBanned?: boolean
    /** Open to whoever shows METRICS_TOKEN, too. Nobody is the actor then. */
    forMonitors?: boolean
    /** False where the access cookie must not be renewed on the way: refresh and logout judge tokens themselves. */
    renewal?: boolean
    /** May be asked by another request of this server, in the name of its caller. */
    inside?: boolean
  }
  interface FastifyInstance {
    /** Every route with its rule, for those who check them all. */
    guardedRoutes: readonly RouteOptions[]
    /** A request of this server to itself in the name of a caller who was let in already. */
    ask(caller: Actor, request: InjectOptions): Promise<LightMyRequestResponse>
  }
  interface FastifyRequest {
    /** The caller of a route that asks for one. */
    actor: Actor
    /** The caller where signing in is optional. */
    visitor: Actor | null
    /** Asked by the server itself, within another request. */
    isInside: boolean
    client: ClientInfo
    /** What `client` found out, once. */
    knownClient: ClientInfo | null
  }
}

/** What the sessions module offers to the door. */
export interface Doorkeeper {
  /** The caller by cookie or bearer token; null without credentials. Throws unauthenticated problems. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | null>
  /** True where an API key came along, whether it is worth anything or not. */
  carriesKey(request: FastifyRequest): boolean
  assertCsrf(request: FastifyRequest, sessionId: string, authTime: number): void
}

export interface Identity {
  actor: Actor
  carrier: 'cookie' | 'bearer' | 'key'
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface Guard {
  doorkeeper: Doorkeeper
  origins: Origins
  clientOf: ReadClient
  /** Throws forbidden for a client that is not let in, whoever it is. */
  assertWelcome(client: ClientInfo): void
  /** Requests that are turned away count too; those that come in are counted where they arrive. */
  countRefused: CountRequest
  onDenied?: OnDenied | undefined
  isMonitor: IsMonitor
  /** Where there are traces. */
  beginSpan?: BeginSpan | undefined
  now: Clock
}

export function guardRoutes(app: FastifyInstance, guard: Guard): void {
  const { doorkeeper, origins, clientOf, assertWelcome, countRefused, onDenied, isMonitor, beginSpan, now } = guard
  const routes: RouteOptions[] = []
  app.decorate('guardedRoutes', routes)
  app.decorateRequest('visitor', null)
  app.decorateRequest('isInside', false)
  app.decorateRequest('actor', {
    getter(this: FastifyRequest): Actor {
      if (!this.visitor) throw accessErrors.authentication_required()
      return this.visitor
    },
  })
  app.decorateRequest('knownClient', null)
  app.decorateRequest('span', null)
  app.decorateRequest('client', {
    getter(this: FastifyRequest): ClientInfo {
      this.knownClient ??= clientOf(this.raw)
      return this.knownClient
    },
  })

  app.addHook('onRoute', (route) => {
    // Whatever is added there judges or makes sessions.
    if (route.url.startsWith('/api/v1/auth/')) route.config = { ...route.config, sessionOnly: true }
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    const open = routes.filter((route) => !route.config?.access && route.method !== 'OPTIONS')
    if (open.length === 0) return
    throw new Error(`Routes without config.access: ${open.map((route) => `${route.method} ${route.url}`).join(', ')}`)
  })

  const callers = new InsideCallers()
  app.decorate('ask', (caller: Actor, request: InjectOptions) =>
    callers.with(caller, (pass) => app.inject({ ...request, headers: { ...request.headers, ...pass } })),
  )

  const enter = async (request: FastifyRequest, reply: FastifyReply) => {
    const rule = request.routeOptions.config
    const { access } = rule
    const insider = callers.of(request.headers)
    if (insider) return enterInside(request, reply, insider, now())
    if (!rule.whileBanned) assertWelcome(request.client)
    const unsafe = !safeMethods.has(request.method)
    // A token in a header cannot be attached by a foreign page, so only such requests skip the origin check.
    const byHeader = hasOwnHeader(request) && access !== 'public' && access !== 'optional'
    if (unsafe && !byHeader) origins.assertAllowed(request.headers)
    const isOpen = access === undefined || access === 'public' || access === 'optional'
    if (isOpen && rule.sessionOnly && doorkeeper.carriesKey(request)) throw keysStayOut()
    if (access === undefined || access === 'public') return
    // What depends on the caller is kept by no cache; routes with an ETag say otherwise.
    reply.header('cache-control', 'private, no-store')
    if (rule.forMonitors && isMonitor(request)) return

    const identity = await identifyFor(access, doorkeeper, request, reply)
    const actor = identity?.actor ?? null
    request.visitor = actor
    const call = currentCall()
    if (call) call.actor = actor
    if (identity?.carrier === 'cookie' && unsafe)
      doorkeeper.assertCsrf(request, identity.actor.sessionId, identity.actor.authTime)
    const refused = routeRefusal(actor, { ...rule, access }, request.routeOptions.url ?? '', now())
    if (refused) throw refused
  }
  app.addHook('onRequest', (request, _reply, done) => {
    const context = {
      source: 'http' as const,
      actor: null,
      client: request.client,
      requestId: request.id,
      method: request.method,
      ...(request.routeOptions.url ? { path: request.routeOptions.url } : {}),
      ...(beginSpan ? { span: beginSpan(request) } : {}),
    }
    runInContext(context, done)
  })
  // Here, because services refuse too: what a role allows may still be denied for this one account.
  app.addHook('onError', async ({ visitor }, _reply, error) => {
    if (visitor && error instanceof AppError) onDenied?.(visitor, error)
  })
  app.addHook('onRequest', async (request, reply) => {
    try {
      await enter(request, reply)
    } catch (error) {
      await countRefused(request)
      throw error
    }
  })
}

/** Who they are was found out by the request around it; what they may do is asked again. */
function enterInside(request: FastifyRequest, reply: FastifyReply, actor: Actor, now: Date): void {
  const { access, inside, ...rule } = request.routeOptions.config
  if (!inside || access === undefined) throw accessErrors.forbidden()
  reply.header('cache-control', 'private, no-store')
  request.isInside = true
  request.visitor = actor
  const call = currentCall()
  if (call) call.actor = actor
  const refused = routeRefusal(actor, { ...rule, access }, request.routeOptions.url ?? '', now)
  if (refused) throw refused
}

/** A foreign page can send neither without asking first (CORS preflight). */
const hasOwnHeader = ({ headers }: FastifyRequest): boolean =>
  headers.authorization !== undefined || headers['x-api-key'] !== undefined

async function identifyFor(
  access: Access,
  doorkeeper: Doorkeeper,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Identity | null> {
  if (access !== 'optional') return doorkeeper.identify(request, reply)
  // Where signing in is optional, a token that is worth nothing is the same as none.
  return doorkeeper.identify(request, reply).catch((error: { kind?: string }) => {
    if (error.kind === 'unauthenticated') return null
    throw error
  })
}
