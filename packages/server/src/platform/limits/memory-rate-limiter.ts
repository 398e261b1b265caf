import { type KeyObject, randomBytes } from 'node:crypto'
import { blockKeys, limitNameOf } from './block-keys.ts'
import {
  type Block,
  type Counting,
  counting,
  type Limit,
  maxBlocks,
  type RateLimiter,
  type Standing,
  type Usage,
  usageOf,
} from './rate-limiter.ts'
import { subjectOf } from './subject.ts'

/** What the process counted while it was alone, for the counter it shares with others. */
export interface Debt extends Standing {
  /** What the shared counter had reached when it last answered; it may have lost that since. */
  count: number
  /** Counted here since then. */
  owed: number
}

interface Window {
  /** What the shared counter said, 0 where nothing is shared. */
  base: number
  /** Counted here on top of it. */
  owed: number
  /** The time together in which `base` was heard; 0 for never. */
  epoch: number
  endsAt: number
}

const maxKeys = 100_000
/** Looking through all of them takes milliseconds. */
const sweepMs = 60_000

/**
 * Counters of this process: windows that start with the first request of a key. Beside a shared counter it follows what
 * that one says, so that it can go on alone from there.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #windows = new Map<string, Window>()
  /** By block key, those who were refused. */
  readonly #refused = new Map<string, { id: string; key: string }>()
  readonly #blockKey
  readonly #off: boolean
  #epoch = 1
  #sweepAt = 0

  constructor(options: { off?: boolean; secret?: Buffer | KeyObject } = {}) {
    this.#off = options.off ?? false
    this.#blockKey = blockKeys(options.secret ?? randomBytes(32))
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
    const now = performance.now()
    const found: Block[] = []
    for (const [blockKey, { id, key }] of this.#refused) {
      const window = this.#windows.get(id)
      if (!window || window.endsAt <= now) {
        this.#refused.delete(blockKey)
        continue
      }
      const retryAfter = Math.max(1, Math.ceil((window.endsAt - now) / 1000))
      found.push({ key: blockKey, limit: limitNameOf(blockKey), retryAfter, subject: subjectOf(key) })
    }
    return found
  }

  async lift(blockKey: string): Promise<boolean> {
    const id = this.#refused.get(blockKey)?.id
    this.#refused.delete(blockKey)
    if (id === undefined) return false
    const window = this.#windows.get(id)
    this.#windows.delete(id)
    return window !== undefined && window.endsAt > performance.now()
  }

  /** Until the next `partFromShared`, what the shared counters say is one connected story. */
  get epoch(): number {
    return this.#epoch
  }

  /** From now on what the shared counters said before counts as hearsay: they may have lost it. */
  partFromShared(): void {
    this.#epoch++
  }

  /** What the shared counter may not know; told once, then it counts as told. */
  settle(limit: Limit, key: string): Debt | undefined {
    const window = this.#running(limit, key)
    if (!window || window.epoch === this.#epoch) return undefined
    const debt = { count: window.base, owed: window.owed, endsInMs: window.endsAt - performance.now() }
    Object.assign(window, { base: window.base + window.owed, owed: 0, epoch: this.#epoch })
    return debt
  }

  /** Follows what the shared counter said in answer to a question of `epoch`. */
  follow(limit: Limit, key: string, { count, endsInMs }: Standing, epoch: number): void {
    if (epoch !== this.#epoch) return
    const window = this.#running(limit, key) ?? this.#begin(limit, key)
    Object.assign(window, { base: count, epoch, endsAt: performance.now() + endsInMs })
  }

  #count(how: Counting, limit: Limit, key: string): Usage {
    if (this.#off) return { limit, remaining: limit.limit, resetSeconds: limit.windowSeconds }
    const window = this.#running(limit, key) ?? (how === 'take' ? this.#begin(limit, key) : undefined)
    if (window) window.owed = Math.max(-window.base, window.owed + counting[how])
    const standing = window
      ? { count: window.base + window.owed, endsInMs: window.endsAt - performance.now() }
      : { count: 0, endsInMs: limit.windowSeconds * 1000 }
    const usage = usageOf(limit, how, standing)
    if (usage.remaining < 0) this.#remember(limit, key)
    else if (how === 'giveBack' && usage.remaining > 0) this.#refused.delete(this.#blockKey(limit, key))
    return usage
  }

  #remember(limit: Limit, key: string): void {
    // The oldest gives way in the list of blocks; it stays refused.
    const [oldest] = this.#refused.size >= maxBlocks ? this.#refused.keys() : []
    if (oldest !== undefined) this.#refused.delete(oldest)
    this.#refused.set(this.#blockKey(limit, key), { id: idOf(limit, key), key })
  }

  #running(limit: Limit, key: string): Window | undefined {
    const window = this.#windows.get(idOf(limit, key))
    return window && window.endsAt > performance.now() ? window : undefined
  }

  #begin(limit: Limit, key: string): Window {
    const now = performance.now()
    const id = idOf(limit, key)
    // Put at the end of the order in which windows give way.
    this.#windows.delete(id)
    if (now >= this.#sweepAt) this.#sweep(now)
    if (this.#windows.size >= maxKeys) this.#makeRoom(now)
    const window = { base: 0, owed: 0, epoch: 0, endsAt: now + limit.windowSeconds * 1000 }
    this.#windows.set(id, window)
    return window
  }

  /** Most keys are met once: an address, a socket. */
  #sweep(now: number): void {
    for (const [id, window] of this.#windows) if (window.endsAt <= now) this.#windows.delete(id)
    this.#sweepAt = now + sweepMs
  }

  #makeRoom(now: number): void {
    this.#sweep(now)
    // Still full: someone makes up keys faster than windows end. The oldest give way, the newest stay limited; a tenth
    // at once, so that not every new key pays for the search.
    for (const id of this.#windows.keys()) {
      if (this.#windows.size < maxKeys * 0.9) break
      this.#windows.delete(id)
    }
  }
}

const idOf = (limit: Limit, key: string): string => `${limit.name}:${key}`
