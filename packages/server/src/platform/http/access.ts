import { isIP } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Actor, ClientInfo } from '../actor.ts'
import { canonicalAddress } from '../limits/network.ts'
import type { Origins } from './origins.ts'
import type { CountRequest } from './rate-limit.ts'

/**
 * Who may call a route. `public`: anyone, nobody is looked up. `optional`: anyone, and the handler is told who it is.
 * `user`: a signed-in person.
 */
export type Access = 'public' | 'optional' | 'user'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Needs a proof of identity of the last 10 minutes (⚠ in the API reference). */
    recentAuth?: boolean
    /** False where the access cookie must not be renewed on the way: refresh and logout judge tokens themselves. */
    renewal?: boolean
  }
  interface FastifyRequest {
    /** The signed-in caller of a `user` route. */
    actor: Actor
    /** The caller where signing in is optional. */
    visitor: Actor | null
    client: ClientInfo
  }
}

/** What the sessions module offers to the door. */
export interface Doorkeeper {
  /** The caller by cookie or bearer token; null without credentials. Throws unauthenticated problems. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | null>
  assertCsrf(request: FastifyRequest, sessionId: string, authTime: number): void
  assertRecent(actor: Actor): void
  authenticationRequired(): Error
}

export interface Identity {
  actor: Actor
  carrier: 'cookie' | 'bearer'
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface Guard {
  doorkeeper: Doorkeeper
  origins: Origins
  /** Requests that are turned away count too; those that come in are counted where they arrive. */
  countRefused: CountRequest
}

export function guardRoutes(app: FastifyInstance, { doorkeeper, origins, countRefused }: Guard): void {
  const routes: RouteOptions[] = []
  app.decorateRequest('visitor', null)
  app.decorateRequest('actor', {
    getter(this: FastifyRequest): Actor {
      if (!this.visitor) throw doorkeeper.authenticationRequired()
      return this.visitor
    },
  })
  app.decorateRequest('client', {
    getter(this: FastifyRequest): ClientInfo {
      // A proxy may pass on what its client made up: only an address is taken for one.
      const ip = isIP(this.ip) ? this.ip : (this.socket.remoteAddress ?? '')
      return { ip: canonicalAddress(ip), userAgent: this.headers['user-agent'] ?? '' }
    },
  })

  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    const open = routes.filter((route) => !route.config?.access && route.method !== 'OPTIONS')
    if (open.length === 0) return
    throw new Error(`Routes without config.access: ${open.map((route) => `${route.method} ${route.url}`).join(', ')}`)
  })

  const enter = async (request: FastifyRequest, reply: FastifyReply) => {
    const { access, recentAuth } = request.routeOptions.config
    const unsafe = !safeMethods.has(request.method)
    // A token in Authorization cannot be attached by a foreign page, so only such requests skip the origin check.
    const byHeader = request.headers.authorization !== undefined && access === 'user'
    if (unsafe && !byHeader) origins.assertAllowed(request.headers)
    if (access === undefined || access === 'public') return
    // What depends on the caller is kept by no cache; routes with an ETag say otherwise.
    reply.header('cache-control', 'private, no-store')

    const identity = await identifyFor(access, doorkeeper, request, reply)
    if (!identity) {
      if (access === 'user') throw doorkeeper.authenticationRequired()
      return
    }
    const { actor, carrier } = identity
    request.visitor = actor
    if (unsafe && carrier === 'cookie') doorkeeper.assertCsrf(request, actor.sessionId, actor.authTime)
    if (recentAuth) doorkeeper.assertRecent(actor)
  }
  app.addHook('onRequest', async (request, reply) => {
    try {
      await enter(request, reply)
    } catch (error) {
      await countRefused(request, reply)
      throw error
    }
  })
}

async function identifyFor(
  access: Access,
  doorkeeper: Doorkeeper,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Identity | null> {
  if (access === 'user') return doorkeeper.identify(request, reply)
  // Where signing in is optional, a token that is worth nothing is the same as none.
  return doorkeeper.identify(request, reply).catch((error: { kind?: string }) => {
    if (error.kind === 'unauthenticated') return null
    throw error
  })
}
