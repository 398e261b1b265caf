export interface Cache<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
}

/** Bounded and short-lived: when full, the oldest entry leaves. Nothing here is the only copy of anything. */
export class MemoryCache<Value> implements Cache<Value> {
  readonly #entries = new Map<string, { value: Value; storedAt: number }>()
  readonly #maxEntries: number
  readonly #maxAgeMs: number

  constructor(options: { maxEntries: number; maxAgeMs: number }) {
    this.#maxEntries = options.maxEntries
    this.#maxAgeMs = options.maxAgeMs
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    // The monotonic clock: this is about the age of a copy, not about the time of day.
    if (performance.now() - entry.storedAt < this.#maxAgeMs) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, { value, storedAt: performance.now() })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  *values(): Iterable<Value> {
    for (const entry of this.#entries.values()) yield entry.value
  }
}
