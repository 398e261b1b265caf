import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Db } from '../../platform/db/schema.ts'
import { findSessionState, type SessionState } from './sessions.repository.ts'

/**
 * Session states of the last seconds. News of a change, here or in another process, takes them out at once. An entry
 * is never older than 5 s, the time it was read in included: news of other processes may be lost.
 */
export class SessionStates {
  readonly #db: Db
  readonly #cache = new MemoryCache<SessionState>({ name: 'sessions.states', maxEntries: 20_000, maxAgeMs: 4_500 })
  /** Raised by every removal: a read that began before one must not be kept after it. */
  #generation = 0

  constructor(db: Db) {
    this.#db = db
  }

  async get(sessionId: string): Promise<SessionState | undefined> {
    const known = this.#cache.get(sessionId)
    if (known) return known
    const generation = this.#generation
    const state = await findSessionState(this.#db, sessionId)
    if (state && generation === this.#generation) this.#cache.set(sessionId, state)
    return state
  }

  forget(sessionIds: readonly string[]): void {
    this.#generation++
    for (const id of sessionIds) this.#cache.delete(id)
  }

  forgetUser(userId: string): void {
    const ids = [...this.#cache.values()].filter((state) => state.session.user_id === userId)
    this.forget(ids.map((state) => state.session.id))
  }
}
