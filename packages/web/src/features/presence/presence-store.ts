import type { Presence } from '@atrium/client'
import { client } from '../../app/client.ts'

/** As many as the server tells one page of. */
const most = 200

/** How the people are who are on the screen, told live. One subscription for the whole page. */
class PresenceStore {
  readonly #known = new Map<string, Presence>()
  /** How many places show each of them; those that came last stand last. */
  readonly #watched = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = ''

  start(): () => void {
    const stops = [
      client.live.onEphemeral('presence.changed', (presence) => this.#take([presence])),
      client.live.subscribe((state) => {
        if (state !== 'live') return
        this.#asked = ''
        this.#ask()
      }),
    ]
    return () => {
      for (const stop of stops) stop()
      clearTimeout(this.#timer)
      this.#known.clear()
      this.#asked = ''
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  of(userId: string): Presence | undefined {
    return this.#known.get(userId)
  }

  watch(userId: string): () => void {
    const count = this.#watched.get(userId) ?? 0
    this.#watched.delete(userId)
    this.#watched.set(userId, count + 1)
    this.#ask()
    return () => {
      const left = (this.#watched.get(userId) ?? 1) - 1
      if (left > 0) this.#watched.set(userId, left)
      else this.#watched.delete(userId)
      this.#ask()
    }
  }

  /** Once for all that appear or go at the same moment. */
  #ask(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#subscribe(), 60)
  }

  async #subscribe(): Promise<void> {
    const user_ids = [...this.#watched.keys()].slice(-most)
    const asked = user_ids.join()
    if (asked === this.#asked || client.live.state !== 'live') return
    this.#asked = asked
    try {
      const { data } = await client.live.send<{ data: Presence[] }>('presence.subscribe', { user_ids })
      this.#take(data)
    } catch {
      // Without it nobody has a dot; the next connection asks again.
      if (this.#asked === asked) this.#asked = ''
    }
  }

  #take(told: readonly Presence[]): void {
    for (const presence of told) this.#known.set(presence.user_id, presence)
    for (const listener of this.#listeners) listener()
  }
}

export const presences = new PresenceStore()
