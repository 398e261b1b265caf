import type { FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter, type Usage } from '../limits/rate-limiter.ts'

export interface RequestLimits {
  perMinute: number
  profile: 'standard' | 'strict' | 'off'
}

/** Counts a request by its person where one is signed in, else by its network. Throws rate_limited. */
export type CountRequest = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export function requestCounter(limiter: RateLimiter, limits: RequestLimits): CountRequest {
  const anonymous = limitsFor('anonymous', limits, 1)
  const signedIn = limitsFor('user', limits, 5)
  return async (request, reply) => {
    const { visitor } = request
    const key = visitor ? visitor.userId : networkOf(request.client.ip)
    const usages = await Promise.all((visitor ? signedIn : anonymous).map((limit) => limiter.take(limit, key)))
    const tightest = usages.reduce((a, b) => (b.remaining < a.remaining ? b : a))
    setHeaders(reply, tightest)
    assertAllowed(tightest)
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
