import { type Static, Type } from 'typebox'
import type { Db } from '../db/schema.ts'
import { Time } from '../http/schemas.ts'
import type { EventRenderer, EventType } from './event-types.ts'
import type { AppendedEvent } from './streams.ts'

/** A durable event as clients get it, live and from sync alike. */
export const EventEnvelope = Type.Object(
  {
    stream: Type.String(),
    seq: Type.Integer(),
    type: Type.String({ description: 'A name of the events page, or "skipped" for what this receiver may not see' }),
    at: Time,
    data: Type.Optional(Type.Unknown()),
  },
  { title: 'EventEnvelope' },
)
export type EventEnvelope = Static<typeof EventEnvelope>

/** An event with those of its readers who may not see it. */
export interface RenderedEvent {
  envelope: EventEnvelope
  hiddenFrom: ReadonlySet<string>
}

const nobody: ReadonlySet<string> = new Set()

/** Told without content, so that the receiver's position stays without holes. */
export const skipped = ({ stream, seq, at }: Pick<EventEnvelope, 'stream' | 'seq' | 'at'>): EventEnvelope => ({
  stream,
  seq,
  type: 'skipped',
  at,
})

/** Stored events → envelopes, with one call per renderer however many events there are. */
export class EventRendering {
  readonly #renderers: EventRenderer[]

  constructor(renderers: readonly EventRenderer[]) {
    this.#renderers = [...renderers]
  }

  /** Before anything is told. */
  add(renderer: EventRenderer): void {
    this.#renderers.push(renderer)
  }

  /** Every kind of event that is told. */
  get types(): EventType[] {
    return this.#renderers.flatMap(({ types }) => [...types])
  }

  async render(db: Db, events: readonly AppendedEvent[]): Promise<RenderedEvent[]> {
    const data = new Map<AppendedEvent, unknown>()
    const hidden = new Map<AppendedEvent, ReadonlySet<string>>()
    await Promise.all(
      this.#renderers.map(async (renderer) => {
        const names = new Set(renderer.types.map(({ type }) => type))
        const own = events.filter((event) => names.has(event.type))
        if (own.length === 0) return
        const [rendered, hiddenFrom] = await Promise.all([renderer.render(db, own), renderer.hiddenFrom?.(db, own)])
        for (const [index, event] of own.entries()) {
          data.set(event, rendered[index])
          hidden.set(event, hiddenFrom?.[index] ?? nobody)
        }
      }),
    )
    return events.map((event) => {
      const { stream, seq, type, at } = event
      const content = data.get(event)
      const envelope = content === undefined ? skipped(event) : { stream, seq, type, at, data: content }
      return { envelope, hiddenFrom: hidden.get(event) ?? nobody }
    })
  }

  /** The same as one reader may see it. */
  async renderFor(db: Db, events: readonly AppendedEvent[], readerId: string): Promise<EventEnvelope[]> {
    const rendered = await this.render(db, events)
    return rendered.map(({ envelope, hiddenFrom }) => (hiddenFrom.has(readerId) ? skipped(envelope) : envelope))
  }
}
