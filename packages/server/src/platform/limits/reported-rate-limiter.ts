import { currentCall } from '../context.ts'
import type { Block, Limit, RateLimiter, Usage } from './rate-limiter.ts'

/** Notes on the call in progress what was counted for it, so that its answer can tell where the caller stands. */
export class ReportedRateLimiter implements RateLimiter {
  readonly #inner: RateLimiter

  constructor(inner: RateLimiter) {
    this.#inner = inner
  }

  async take(limit: Limit, key: string): Promise<Usage> {
    return note(await this.#inner.take(limit, key))
  }

  async giveBack(limit: Limit, key: string): Promise<Usage> {
    return note(await this.#inner.giveBack(limit, key))
  }

  async peek(limit: Limit, key: string): Promise<Usage> {
    const usage = await this.#inner.peek(limit, key)
    // Nothing was taken: who may go on still has the one that was asked about.
    note(usage.remaining < 0 ? usage : { ...usage, remaining: usage.remaining + 1 })
    return usage
  }

  blocks(): Promise<Block[]> {
    return this.#inner.blocks()
  }

  lift(blockKey: string): Promise<boolean> {
    return this.#inner.lift(blockKey)
  }
}

function note(usage: Usage): Usage {
  const call = currentCall()
  if (call) {
    call.usages ??= new Map()
    call.usages.set(usage.limit.name, usage)
  }
  return usage
}
