import type { DatabaseHandle } from '../db/database.ts'
import type { Db } from '../db/schema.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { RenderedEvent } from '../events/event-rendering.ts'
import {
  type AppendedEvent,
  listChangedStreams,
  readEvents,
  type StreamAdvance,
  type StreamHead,
  streamsAdvanced,
} from '../events/streams.ts'
import type { Logger } from '../log.ts'
import { EventsInHand } from './events-in-hand.ts'

export interface StreamEmitterOptions<Rendered> {
  /** Where the streams are. */
  database: DatabaseHandle
  bus: EventBus
  rendering: { render(db: Db, events: readonly AppendedEvent[]): Promise<Rendered[]> }
  log: Logger
  /** Whether a socket of this process listens to the stream. */
  hasListeners(stream: string): boolean
  /** Runs in order, before the next event of the stream. */
  emit(event: AppendedEvent, rendered: Rendered): void
  /** Until the next poll. */
  pollMs(): number
}

const batchSize = 200
/** A transaction lives 10 s at most; its heads are seen within twice that. */
const lookBackMs = 20_000

/**
 * Tells the events of each stream to this process's sockets in seq order. News of a commit wakes it; what to tell is read
 * from SQL, so a lost wake-up, or a crash between commit and publish, heals at the next poll. Only the events themselves
 * need not be read where the news, of this process or another one, brought all of those that come next.
 */
export class StreamEmitter<Rendered = RenderedEvent> {
  readonly #options: StreamEmitterOptions<Rendered>
  /** The seq told last, of every stream someone here listens to. */
  readonly #told = new Map<string, number>()
  /** How far each was said to reach. */
  readonly #heads = new Map<string, number>()
  readonly #inHand = new EventsInHand()
  readonly #draining = new Set<string>()
  readonly #again = new Set<string>()
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: StreamEmitterOptions<Rendered>) {
    this.#options = options
    const { bus } = options
    this.#unsubscribe = bus.subscribe(streamsAdvanced, (news) => this.#wake(news))
    this.#schedule()
  }

  /** From now on events after `seq` are told; a stream that is told already keeps its place. */
  track({ stream, seq }: StreamHead): void {
    if (!this.#told.has(stream)) this.#told.set(stream, seq)
  }

  /** Tells what came after `from`, again if need be: whom a stream is opened to may come after those who have heard it. */
  tellFrom(stream: string, from: number): void {
    this.#told.set(stream, Math.min(from, this.#told.get(stream) ?? from))
    void this.#drain(stream)
  }

  forget(stream: string): void {
    this.#told.delete(stream)
    this.#heads.delete(stream)
    this.#inHand.forget(stream)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#isClosed = true
    this.#unsubscribe()
    this.#told.clear()
    this.#heads.clear()
    this.#inHand.clear()
  }

  #wake(news: readonly StreamAdvance[]): void {
    for (const { stream, seq, events } of news) {
      const told = this.#told.get(stream)
      if (told === undefined || told >= seq) continue
      for (const event of events ?? []) if (told < event.seq) this.#inHand.add(event)
      this.#heads.set(stream, Math.max(seq, this.#heads.get(stream) ?? 0))
      void this.#drain(stream)
    }
  }

  #schedule(): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#poll().then(() => this.#schedule()), this.#options.pollMs())
    this.#timer.unref()
  }

  async #poll(): Promise<void> {
    if (this.#told.size === 0) return
    const { database, log } = this.#options
    try {
      this.#wake(await listChangedStreams(database.db, database.dialect, lookBackMs))
    } catch (error) {
      log.warn({ err: error }, 'stream heads could not be read')
    }
  }

  /** One drain per stream at a time; a wake-up during one runs another after it. */
  async #drain(stream: string): Promise<void> {
    if (this.#draining.has(stream)) {
      this.#again.add(stream)
      return
    }
    this.#draining.add(stream)
    try {
      do {
        this.#again.delete(stream)
        while (await this.#tellBatch(stream)) {}
      } while (this.#again.has(stream))
    } catch (error) {
      this.#options.log.warn({ err: error, stream }, 'events could not be told; the next poll tries again')
    } finally {
      this.#draining.delete(stream)
    }
  }

  /** True when there may be more. */
  async #tellBatch(stream: string): Promise<boolean> {
    const { database, rendering, emit, hasListeners } = this.#options
    const told = this.#told.get(stream)
    if (told === undefined) return false
    if (!hasListeners(stream)) {
      this.forget(stream)
      return false
    }
    const inHand = this.#inHand.take(stream, told)
    const events = inHand ?? (await readEvents(database.db, stream, told, batchSize))
    const rendered = await rendering.render(database.db, events)
    // Meanwhile it was forgotten, or is to be told from the start.
    if (this.#told.get(stream) !== told) return true
    events.forEach((event, index) => {
      const shown = rendered[index]
      if (!shown || this.#told.get(stream) === undefined) return
      this.#told.set(stream, event.seq)
      emit(event, shown)
    })
    // There may be more behind what is in hand, and the wake-up for it is the one that is answered here.
    if (inHand) return (this.#heads.get(stream) ?? 0) > (this.#told.get(stream) ?? Number.POSITIVE_INFINITY)
    return events.length === batchSize
  }
}
