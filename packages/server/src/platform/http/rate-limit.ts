import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { currentCall } from '../context.ts'
import { networkOf } from '../limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter, type Usage } from '../limits/rate-limiter.ts'

export interface RequestLimits {
  perMinute: number
  profile: 'standard' | 'strict' | 'off'
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In the profile `strict`, counted for every request of a network, whatever comes of it. */
    strictLimit?: Limit
  }
}

/**
 * Counts a request by its person where one is signed in, else by its network; one with an API key also by the key. Throws
 * rate_limited.
 */
export type CountRequest = (request: FastifyRequest) => Promise<void>

export function requestCounter(limiter: RateLimiter, limits: RequestLimits): CountRequest {
  // The number may change while the server runs.
  let of = { perMinute: Number.NaN, anonymous: [] as Limit[], signedIn: [] as Limit[] }
  const current = () => {
    const { perMinute } = limits
    if (of.perMinute !== perMinute)
      of = { perMinute, anonymous: limitsFor('anonymous', limits, 1), signedIn: limitsFor('user', limits, 5) }
    return of
  }
  const takeOwn = (keyId: string, limit: number) => limiter.take({ name: 'api-key', limit, windowSeconds: 60 }, keyId)
  return async (request) => {
    const { visitor } = request
    const network = networkOf(request.client.ip)
    // First its own: a program that runs wild does not use up what its owner needs.
    const own = visitor?.requestsPerMinute ? [await takeOwn(visitor.sessionId, visitor.requestsPerMinute)] : []
    for (const usage of own) assertAllowed(usage)
    const { anonymous, signedIn } = current()
    const taken = (visitor ? signedIn : anonymous).map((limit) => limiter.take(limit, visitor?.userId ?? network))
    const { strictLimit } = request.routeOptions.config
    if (strictLimit && limits.profile === 'strict') taken.push(limiter.take(strictLimit, network))
    assertAllowed(tightest([...own, ...(await Promise.all(taken))]))
  }
}

function limitsFor(name: string, { perMinute, profile }: RequestLimits, factor: number): Limit[] {
  if (profile === 'strict') {
    return [
      { name: `${name}-day`, limit: 200, windowSeconds: 86_400 },
      { name: `${name}-hour`, limit: 50, windowSeconds: 3_600 },
    ]
  }
  return [{ name, limit: perMinute * factor, windowSeconds: 60 }]
}

/**
 * Every answer tells the tightest of all limits that were counted for it, wherever they were counted: after a refusal
 * that is the one that refused.
 */
export function tellLimits(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const usages = currentCall()?.usages
    if (usages) setHeaders(reply, tightest([...usages.values()]))
    done(null, payload)
  })
}

const tightest = (usages: readonly Usage[]): Usage => usages.reduce((a, b) => (b.remaining < a.remaining ? b : a))

/** Both families: RateLimit (IETF draft) and X-RateLimit. */
function setHeaders(reply: FastifyReply, { limit, remaining, resetSeconds }: Usage): void {
  const left = Math.max(0, remaining)
  reply.headers({
    'ratelimit-policy': `"${limit.name}";q=${limit.limit};w=${limit.windowSeconds}`,
    ratelimit: `"${limit.name}";r=${left};t=${resetSeconds}`,
    'x-ratelimit-limit': limit.limit,
    'x-ratelimit-remaining': left,
    'x-ratelimit-reset': resetSeconds,
  })
}
