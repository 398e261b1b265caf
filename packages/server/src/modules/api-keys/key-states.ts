import { MemoryCache } from '../../platform/cache/memory-cache.ts'
import type { Db } from '../../platform/db/schema.ts'
import { type AddressList, addressList } from '../../platform/limits/address-list.ts'
import { findKeyState, type KeyState } from './api-keys.repository.ts'

export interface KnownKey extends KeyState {
  scopes: readonly string[]
  /** Undefined: it works from everywhere. */
  isAllowed: AddressList | undefined
}

/**
 * Keys used in the last seconds, by their hash. News of a change, here or in another process, takes them out at once. An
 * entry is never older than 5 s, the time it was read in included: news of other processes may be lost.
 */
export class KeyStates {
  readonly #db: Db
  readonly #cache = new MemoryCache<KnownKey>({ name: 'api_keys.states', maxEntries: 20_000, maxAgeMs: 4_500 })
  /** Raised by every removal: a read that began before one must not be kept after it. */
  #generation = 0

  constructor(db: Db) {
    this.#db = db
  }

  async get(hash: string): Promise<KnownKey | undefined> {
    const known = this.#cache.get(hash)
    if (known) return known
    const generation = this.#generation
    const state = await findKeyState(this.#db, hash)
    if (!state) return undefined
    const allowed = JSON.parse(state.key.allowed_ips) as string[]
    const found: KnownKey = {
      ...state,
      scopes: JSON.parse(state.key.scopes) as string[],
      isAllowed: allowed.length > 0 ? addressList(allowed) : undefined,
    }
    if (generation === this.#generation) this.#cache.set(hash, found)
    return found
  }

  forgetKey(id: string): void {
    this.#forget(({ key }) => key.id === id)
  }

  forgetUser(userId: string): void {
    this.#forget(({ key }) => key.user_id === userId)
  }

  #forget(isMeant: (state: KnownKey) => boolean): void {
    this.#generation++
    for (const state of [...this.#cache.values()]) if (isMeant(state)) this.#cache.delete(state.key.key_hash)
  }
}
