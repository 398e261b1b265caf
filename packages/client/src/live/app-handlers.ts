import type { EphemeralData, EphemeralType, EventHandler, EventType, LiveEvent, StreamHandlers } from '../events.ts'
import { Listeners } from '../listeners.ts'
import type { Envelope } from '../types.ts'
import type { StreamSink } from './stream-engine.ts'

type AnyHandler = (event: LiveEvent) => void | Promise<void>

/** The app's side of the live data: its handlers, run one after the other, their errors reported. */
export class AppHandlers implements StreamSink {
  readonly #events = new Map<string, Set<AnyHandler>>()
  readonly #ephemeral = new Map<string, Listeners<[unknown]>>()
  readonly #streams = new Set<StreamHandlers>()
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  on<Type extends EventType>(type: Type, handler: EventHandler<Type>): () => void {
    const handlers = this.#events.get(type) ?? new Set()
    const entry: AnyHandler = (event) => handler(event as LiveEvent<Type>)
    this.#events.set(type, handlers.add(entry))
    return () => {
      handlers.delete(entry)
    }
  }

  onEphemeral<Type extends EphemeralType>(type: Type, handler: (data: EphemeralData[Type]) => void): () => void {
    const listeners = this.#ephemeral.get(type) ?? new Listeners<[unknown]>(this.#report)
    this.#ephemeral.set(type, listeners)
    return listeners.add((data) => handler(data as EphemeralData[Type]))
  }

  /** Something without a stream: for whoever listens now. */
  tell(name: string, data: unknown): void {
    this.#ephemeral.get(name)?.tell(data)
  }

  onStreams(handlers: StreamHandlers): () => void {
    const entry = { ...handlers }
    this.#streams.add(entry)
    return () => {
      this.#streams.delete(entry)
    }
  }

  async apply(event: Envelope): Promise<void> {
    for (const handler of [...(this.#events.get(event.type) ?? [])]) await this.#run(() => handler(event as LiveEvent))
  }

  async added(stream: string, head: number): Promise<void> {
    for (const { added } of [...this.#streams]) await this.#run(() => added?.(stream, head))
  }

  async reset(stream: string, head: number): Promise<void> {
    for (const { reset } of [...this.#streams]) await this.#run(() => reset?.(stream, head))
  }

  async removed(stream: string): Promise<void> {
    for (const { removed } of [...this.#streams]) await this.#run(() => removed?.(stream))
  }

  async #run(work: () => void | Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#report(error)
    }
  }
}
