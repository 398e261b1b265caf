import type { AppendedEvent } from '../events/streams.ts'

/** Of one stream. Who is further behind reads. */
const most = 200

/** Events that have just been committed, here or elsewhere: what would be read, without reading it. */
export class EventsInHand {
  /** By stream, ascending. */
  readonly #events = new Map<string, AppendedEvent[]>()

  /** Commits of one stream come one after the other; news of them need not. */
  add(event: AppendedEvent): void {
    const events = this.#events.get(event.stream) ?? []
    this.#events.set(event.stream, events)
    if (events.length === most) events.length = 0
    const place = events.findLastIndex(({ seq }) => seq < event.seq) + 1
    if (events[place]?.seq !== event.seq) events.splice(place, 0, event)
  }

  /** All that come after `told`; undefined where there are none, or where one is missing between them. They are gone then. */
  take(stream: string, told: number): AppendedEvent[] | undefined {
    const events = this.#events.get(stream)
    if (!events) return undefined
    this.#events.delete(stream)
    const following = events.filter(({ seq }) => seq > told)
    const isWhole = following.every(({ seq }, index) => seq === told + 1 + index)
    return following.length > 0 && isWhole ? following : undefined
  }

  forget(stream: string): void {
    this.#events.delete(stream)
  }

  clear(): void {
    this.#events.clear()
  }
}
