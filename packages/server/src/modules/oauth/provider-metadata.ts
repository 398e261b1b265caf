import type { Clock } from '../../platform/clock.ts'

const freshSeconds = 3_600
/** Between two tries while a provider is down. */
const cooldownSeconds = 30
/** An old answer is better than none, for this long. */
const staleSeconds = 86_400

/** What a provider publishes about itself: asked seldom, never twice at once, kept while the provider is away. */
export class ProviderMetadata<T> {
  readonly #load: () => Promise<T>
  readonly #now: Clock
  #known: { value: T; at: number } | undefined
  #failed: { error: unknown; at: number } | undefined
  #pending: Promise<T> | undefined

  constructor(load: () => Promise<T>, now: Clock) {
    this.#load = load
    this.#now = now
  }

  async get(): Promise<T> {
    if (this.#known && this.#age(this.#known) < freshSeconds) return this.#known.value
    if (this.#failed && this.#age(this.#failed) < cooldownSeconds) return this.#stale(this.#failed.error)
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #fetch(): Promise<T> {
    try {
      const value = await this.#load()
      this.#known = { value, at: this.#seconds() }
      this.#failed = undefined
      return value
    } catch (error) {
      this.#failed = { error, at: this.#seconds() }
      return this.#stale(error)
    }
  }

  #stale(error: unknown): T {
    if (this.#known && this.#age(this.#known) < staleSeconds) return this.#known.value
    throw error
  }

  #age({ at }: { at: number }): number {
    return this.#seconds() - at
  }

  #seconds(): number {
    return this.#now().getTime() / 1000
  }
}
