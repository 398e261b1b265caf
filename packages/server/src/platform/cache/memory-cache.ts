export interface Cache<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  clear(): void
}

export interface CacheState {
  name: string
  entries: number
  maxEntries: number
  hits: number
  misses: number
}

/** Those with a name, for as long as somebody holds them. */
const named = new Set<WeakRef<MemoryCache<unknown>>>()

/** Every cache of this process that has a name; none of their keys and values. */
export function* namedCaches(): Iterable<MemoryCache<unknown>> {
  for (const reference of named) {
    const cache = reference.deref()
    if (cache) yield cache
    else named.delete(reference)
  }
}

/** Bounded and short-lived: when full, the oldest entry leaves, and what is over leaves by itself. Nothing here is the only copy of anything. */
export class MemoryCache<Value> implements Cache<Value> {
  readonly name: string
  readonly #entries = new Map<string, { value: Value; storedAt: number }>()
  readonly #maxEntries: number
  readonly #maxAgeMs: number
  #sweepAt = 0
  #hits = 0
  #misses = 0

  /** One with a `name` can be emptied by an administrator at any moment. */
  constructor(options: { maxEntries: number; maxAgeMs: number; name?: string }) {
    this.#maxEntries = options.maxEntries
    this.#maxAgeMs = options.maxAgeMs
    this.name = options.name ?? ''
    if (this.name !== '') named.add(new WeakRef(this as MemoryCache<unknown>))
  }

  get state(): CacheState {
    const [entries, maxEntries] = [this.#entries.size, this.#maxEntries]
    return { name: this.name, entries, maxEntries, hits: this.#hits, misses: this.#misses }
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    // The monotonic clock: this is about the age of a copy, not about the time of day.
    if (entry && performance.now() - entry.storedAt < this.#maxAgeMs) {
      this.#hits++
      return entry.value
    }
    this.#misses++
    if (entry) this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: Value): void {
    const now = performance.now()
    if (now >= this.#sweepAt) this.#sweep(now)
    this.#entries.delete(key)
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, { value, storedAt: now })
  }

  /** What is too old to be given out, and mostly asked for by nobody, would stay until it is full. The oldest come first. */
  #sweep(now: number): void {
    for (const [key, { storedAt }] of this.#entries) {
      if (now - storedAt < this.#maxAgeMs) break
      this.#entries.delete(key)
    }
    this.#sweepAt = now + this.#maxAgeMs / 4
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
