import { platformErrors } from '../errors.ts'
import type { Subject } from './subject.ts'

/** At most `limit` in `windowSeconds` for one key; `name` is what clients see in RateLimit headers. */
export interface Limit {
  name: string
  limit: number
  windowSeconds: number
}

export interface Usage {
  limit: Limit
  /** How many are left, below 0 when refused. */
  remaining: number
  /** Whole seconds until the window starts anew. */
  resetSeconds: number
}

/** Somebody who was refused and would be again. */
export interface Block {
  /** Names the counter and tells nothing of whom it counts. */
  key: string
  /** The name of the limit. */
  limit: string
  retryAfter: number
  /** Undefined where nothing but a hash is known. */
  subject: Subject | undefined
}

export interface RateLimiter {
  /** Counts one and tells what is left. */
  take(limit: Limit, key: string): Promise<Usage>
  /** Takes back one that turned out not to count. */
  giveBack(limit: Limit, key: string): Promise<Usage>
  /** What `take` would answer, counting nothing. */
  peek(limit: Limit, key: string): Promise<Usage>
  /** Those who are refused now, at most `maxBlocks`. */
  blocks(): Promise<Block[]>
  /** Forgets what was counted under a key of `blocks`; false when there is no such block. */
  lift(blockKey: string): Promise<boolean>
}

export const maxBlocks = 1_000

export const counting = { take: 1, peek: 0, giveBack: -1 } as const
export type Counting = keyof typeof counting

/** How a counter stands after counting. */
export interface Standing {
  count: number
  endsInMs: number
}

export function usageOf(limit: Limit, how: Counting, { count, endsInMs }: Standing): Usage {
  const remaining = limit.limit - count - (how === 'peek' ? 1 : 0)
  return { limit, remaining, resetSeconds: Math.max(1, Math.ceil(endsInMs / 1000)) }
}

/** Throws rate_limited when nothing was left. */
export function assertAllowed(usage: Usage): void {
  if (usage.remaining >= 0) return
  throw platformErrors.rate_limited({
    detail: `Too many requests; try again in ${usage.resetSeconds} s`,
    members: { retry_after: usage.resetSeconds },
  })
}
