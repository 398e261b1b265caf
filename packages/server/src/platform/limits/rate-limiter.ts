import { platformErrors } from '../errors.ts'

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

export interface RateLimiter {
  /** Counts one and tells what is left. */
  take(limit: Limit, key: string): Promise<Usage>
  /** Takes back one that turned out not to count. */
  giveBack(limit: Limit, key: string): Promise<void>
  peek(limit: Limit, key: string): Promise<Usage>
}

/** Throws rate_limited when nothing was left. */
export function assertAllowed(usage: Usage): void {
  if (usage.remaining >= 0) return
  throw platformErrors.rate_limited({
    detail: `Too many requests; try again in ${usage.resetSeconds} s`,
    members: { retry_after: usage.resetSeconds },
  })
}

interface Window {
  count: number
  endsAt: number
}

const maxKeys = 100_000

/** Counters of this process: windows that start with the first request of a key. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #windows = new Map<string, Window>()
  readonly #off: boolean

  constructor(options: { off: boolean }) {
    this.#off = options.off
  }

  async take(limit: Limit, key: string): Promise<Usage> {
    const window = this.#window(limit, key)
    window.count++
    return this.#usage(limit, window)
  }

  async giveBack(limit: Limit, key: string): Promise<void> {
    const window = this.#window(limit, key)
    window.count = Math.max(0, window.count - 1)
  }

  async peek(limit: Limit, key: string): Promise<Usage> {
    const window = this.#window(limit, key)
    return this.#usage(limit, { ...window, count: window.count + 1 })
  }

  #window(limit: Limit, key: string): Window {
    const now = performance.now()
    const id = `${limit.name}:${key}`
    const known = this.#windows.get(id)
    if (known && known.endsAt > now) return known
    if (this.#windows.size >= maxKeys) this.#dropEnded(now)
    const window = { count: 0, endsAt: now + limit.windowSeconds * 1000 }
    this.#windows.set(id, window)
    return window
  }

  #dropEnded(now: number): void {
    for (const [id, window] of this.#windows) if (window.endsAt <= now) this.#windows.delete(id)
    // Still full: someone makes up keys faster than windows end. The oldest give way, the newest stay limited.
    for (const id of this.#windows.keys()) {
      if (this.#windows.size < maxKeys) break
      this.#windows.delete(id)
    }
  }

  #usage(limit: Limit, window: Window): Usage {
    const resetSeconds = Math.max(1, Math.ceil((window.endsAt - performance.now()) / 1000))
    return { limit, remaining: this.#off ? limit.limit : limit.limit - window.count, resetSeconds }
  }
}
