import type { Logger } from '../log.ts'
import type { Debt, MemoryRateLimiter } from './memory-rate-limiter.ts'
import {
  type Block,
  type Counting,
  type Limit,
  type RateLimiter,
  type Standing,
  type Usage,
  usageOf,
} from './rate-limiter.ts'

/** Counters outside of this process, which may be out of reach: then each call throws. */
export interface SharedCounters {
  /** Resolves when they answer or are known not to; `onLost` is told whenever what they said may be lost. */
  connect(onLost: (reason: string) => void): Promise<void>
  count(how: Counting, limit: Limit, key: string, debt?: Debt): Promise<Standing>
  blocks(): Promise<Block[]>
  lift(blockKey: string): Promise<boolean>
  /** Throws as long as counting would. */
  probe(): Promise<void>
}

export interface FallbackOptions {
  shared: SharedCounters
  local: MemoryRateLimiter
  log: Logger
  /** While the shared counters are out of reach they are tried this often, by nobody's request. */
  probeMs?: number
}

/**
 * Shared counters while they can be reached, else this process counts alone: from where the shared ones stood when it
 * last heard of them, so nobody gets a fresh start, and what it counted is added to them when they are back.
 */
export class FallbackRateLimiter implements RateLimiter {
  readonly #options: Required<FallbackOptions>
  #isShared = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: FallbackOptions) {
    this.#options = { probeMs: 500, ...options }
  }

  /** Begins with the shared counters if they answer now. */
  async open(): Promise<void> {
    await this.#options.shared.connect((reason) => this.#leave(reason))
    await this.#probe((error) => this.#warn(error))
  }

  close(): void {
    this.#isClosed = true
    this.#isShared = false
    clearTimeout(this.#timer)
  }

  async take(limit: Limit, key: string): Promise<Usage> {
    return this.#count('take', limit, key)
  }

  async giveBack(limit: Limit, key: string): Promise<Usage> {
    return this.#count('giveBack', limit, key)
  }

  async peek(limit: Limit, key: string): Promise<Usage> {
    return this.#count('peek', limit, key)
  }

  async blocks(): Promise<Block[]> {
    const { shared, local } = this.#options
    return this.#either(
      () => shared.blocks(),
      () => local.blocks(),
    )
  }

  async lift(blockKey: string): Promise<boolean> {
    const { shared, local } = this.#options
    const wasHere = await local.lift(blockKey)
    const wasShared = await this.#either(
      () => shared.lift(blockKey),
      async () => false,
    )
    return wasHere || wasShared
  }

  async #count(how: Counting, limit: Limit, key: string): Promise<Usage> {
    const { shared, local } = this.#options
    return this.#either(
      async () => {
        const { epoch } = local
        const standing = await shared.count(how, limit, key, local.settle(limit, key))
        local.follow(limit, key, standing, epoch)
        return usageOf(limit, how, standing)
      },
      () => local[how](limit, key),
    )
  }

  async #either<T>(together: () => Promise<T>, alone: () => Promise<T>): Promise<T> {
    if (this.#isShared) {
      try {
        return await together()
      } catch (error) {
        this.#leave(error)
      }
    }
    return alone()
  }

  #leave(reason: unknown): void {
    if (!this.#isShared) return
    this.#isShared = false
    this.#options.local.partFromShared()
    this.#warn(reason)
    this.#probeLater()
  }

  async #probe(onFailure: (error: unknown) => void): Promise<void> {
    try {
      await this.#options.shared.probe()
      if (this.#isClosed) return
      this.#isShared = true
      this.#options.log.info('limits are shared through Redis')
    } catch (error) {
      onFailure(error)
      this.#probeLater()
    }
  }

  #probeLater(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#probe(() => {}), this.#options.probeMs)
    this.#timer.unref()
  }

  #warn(reason: unknown): void {
    // Its words alone: what a driver attaches to an error may hold a password.
    const why = reason instanceof Error ? reason.message : String(reason)
    this.#options.log.warn(
      { reason: why },
      'Redis cannot be used; this process counts for the limits alone until it can',
    )
  }
}
