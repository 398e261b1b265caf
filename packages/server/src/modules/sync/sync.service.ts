import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { readEpoch } from '../../platform/db/installation.ts'
import type { EventRendering } from '../../platform/events/event-rendering.ts'
import type { ReadableStream, StreamSource } from '../../platform/events/readable-stream.ts'
import { readEventsAfter, type StreamHead } from '../../platform/events/streams.ts'
import type { DataCatchUp, DataPosition } from '../tables/index.ts'
import type { SyncAnswer, SyncRequest } from './sync.schema.ts'

export interface SyncDependencies {
  database: DatabaseHandle
  sources: readonly StreamSource[]
  rendering: EventRendering
  tables: { catchUp(actor: Actor, positions: readonly DataPosition[], limit: number): Promise<DataCatchUp[]> }
}

type Place = 'current' | 'behind' | 'reset'

/** What a reconnecting client missed, by the positions it holds and today's permissions (api.md 10.1). */
export class SyncService {
  readonly #deps: SyncDependencies
  readonly #sources: StreamSource[]

  constructor(deps: SyncDependencies) {
    this.#deps = deps
    this.#sources = [...deps.sources]
  }

  /** Another room's streams, before anybody is asked. */
  follow(source: StreamSource): void {
    this.#sources.push(source)
  }

  /** Every stream the person may read today. */
  async streams(userId: string): Promise<ReadableStream[]> {
    const { db } = this.#deps.database
    return (await Promise.all(this.#sources.map((source) => source(db, userId)))).flat()
  }

  async sync(actor: Actor, request: SyncRequest): Promise<SyncAnswer> {
    const { database, rendering } = this.#deps
    const limit = request.limit ?? 200
    const [epoch, readable] = await Promise.all([readEpoch(database.db), this.streams(actor.userId)])
    const streams = new Map(readable.map((stream) => [stream.stream, stream]))
    const sameEpoch = request.epoch === undefined || request.epoch === epoch

    const heads: Record<string, number> = {}
    const behind: StreamHead[] = []
    const reset: string[] = []
    const removed: string[] = []
    for (const [name, position] of Object.entries(request.streams)) {
      const stream = streams.get(name)
      if (!stream) {
        removed.push(name)
        continue
      }
      const place = sameEpoch ? placeOf(stream, position) : 'reset'
      if (place === 'current') continue
      heads[name] = stream.head
      if (place === 'reset') reset.push(name)
      else behind.push({ stream: name, seq: position })
    }
    const added = request.only ? [] : readable.filter(({ stream }) => !Object.hasOwn(request.streams, stream))
    for (const { stream, head } of added) heads[stream] = head

    const events = await readEventsAfter(database.db, database.dialect, behind, limit + 1)
    const tables = request.tables && (await this.#deps.tables.catchUp(actor, request.tables, limit))
    return {
      epoch,
      events: await rendering.renderFor(database.db, events.slice(0, limit), actor.userId),
      heads,
      added: added.map(({ stream }) => stream),
      removed: request.only ? [] : removed,
      reset,
      ...(tables ? { tables } : {}),
      more: events.length > limit,
    }
  }
}

/** Too old, or ahead of us (a restored database), can only be answered by starting over. */
function placeOf({ head, tail, visibleFrom }: ReadableStream, position: number): Place {
  if (position === head) return 'current'
  return position > head || position < tail - 1 || position < visibleFrom ? 'reset' : 'behind'
}
