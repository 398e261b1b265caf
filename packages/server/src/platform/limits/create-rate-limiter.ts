import type { KeyObject } from 'node:crypto'
import type { Logger } from '../log.ts'
import type { RedisConnection } from '../redis/redis.ts'
import type { SealedBox } from '../sealed-box.ts'
import { FallbackRateLimiter } from './fallback-rate-limiter.ts'
import { MemoryRateLimiter } from './memory-rate-limiter.ts'
import type { RateLimiter } from './rate-limiter.ts'
import { RedisRateLimiter } from './redis-rate-limiter.ts'
import { ReportedRateLimiter } from './reported-rate-limiter.ts'

export interface RateLimiterOptions {
  /** Nothing is counted. */
  off: boolean
  redis: RedisConnection | undefined
  /** The same for all instances of an installation. */
  secret: KeyObject
  /** Whom a block is about is shared with its key only. */
  box: SealedBox
  log: Logger
}

/** `shared` where counters are kept in Redis: to be opened before the first request and closed after the last. */
export function createRateLimiter({ off, redis, secret, box, log }: RateLimiterOptions): {
  limiter: RateLimiter
  shared: FallbackRateLimiter | undefined
} {
  const local = new MemoryRateLimiter({ off, secret })
  const shared =
    redis && !off
      ? new FallbackRateLimiter({ shared: new RedisRateLimiter({ redis, secret, box }), local, log })
      : undefined
  return { limiter: new ReportedRateLimiter(shared ?? local), shared }
}
