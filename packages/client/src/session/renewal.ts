import type { Credentials, IssuedTokens } from './credentials.ts'

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>
  request<T>(name: string, options: { ifAvailable: true }, work: (lock: unknown) => Promise<T>): Promise<T>
}

export interface RenewalOptions {
  credentials: Credentials
  /** Sends the renewal; sees to CSRF, waiting and lost answers. */
  send(request: Request): Promise<Response>
  /** Shared by the tabs that share the cookies; absent where nobody else has them. */
  locks: Locks | undefined
  lockName: string
  renewed(): void
}

/** New tokens for old, once however many requests, and tabs, find theirs expired at the same time. */
export class Renewal {
  readonly #options: RenewalOptions
  #running: Promise<void> | undefined

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /**
   * Resolves when the request that was sent at generation `seen` is worth repeating. Another tab may have renewed, or
   * tried to, in the meantime: only the repeated request tells.
   */
  renew(seen: number): Promise<void> {
    if (this.#options.credentials.generation !== seen) return Promise.resolve()
    this.#running ??= this.#underLock().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #underLock(): Promise<void> {
    const { locks, lockName } = this.#options
    if (!locks) return this.#swap()
    const wasFree = await locks.request(lockName, { ifAvailable: true }, async (lock) => {
      if (!lock) return false
      await this.#swap()
      return true
    })
    if (!wasFree) await locks.request(lockName, async () => {})
  }

  async #swap(): Promise<void> {
    const { credentials, send, renewed } = this.#options
    const answer = await send(credentials.renewalRequest())
    credentials.take((await answer.json()) as IssuedTokens)
    renewed()
  }
}
