import { type Static, Type } from 'typebox'
import type { Db } from '../db/schema.ts'
import { Time } from '../http/schemas.ts'
import type { EventRenderer } from './event-types.ts'
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

/** Stored events → envelopes, with one call per renderer however many events there are. */
export class EventRendering {
  readonly #renderers: readonly EventRenderer[]

  constructor(renderers: readonly EventRenderer[]) {
    this.#renderers = renderers
  }

  async render(db: Db, events: readonly AppendedEvent[]): Promise<EventEnvelope[]> {
    const data = new Map<AppendedEvent, unknown>()
    await Promise.all(
      this.#renderers.map(async (renderer) => {
        const names = new Set(renderer.types.map(({ type }) => type))
        const own = events.filter((event) => names.has(event.type))
        if (own.length === 0) return
        const rendered = await renderer.render(db, own)
        for (const [index, event] of own.entries()) data.set(event, rendered[index])
      }),
    )
    return events.map((event) => {
      const { stream, seq, type, at } = event
      const content = data.get(event)
      // Told without content, so that the receiver's position stays without holes.
      return content === undefined ? { stream, seq, type: 'skipped', at } : { stream, seq, type, at, data: content }
    })
  }
}
