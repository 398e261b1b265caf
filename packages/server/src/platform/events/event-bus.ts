import type { Logger } from '../log.ts'

/** A named kind of news with its payload type. */
export interface Topic<Payload> {
  readonly name: string
  /** What is told in one process is told in every other one, where there is a way there. Its payload is JSON. */
  readonly shared: boolean
  /** Carries the type only; never set. */
  readonly payload?: Payload
}

export const defineTopic = <Payload>(name: string, { shared = false } = {}): Topic<Payload> => ({ name, shared })

/** Takes shared news to the other processes of the installation. It may lose some, and never waits. */
export interface Carrier {
  send(topic: string, payload: unknown): void
  /** Whether news sent now would arrive, as far as one can know. */
  readonly isUp: boolean
}

type Listener = (payload: unknown) => void | Promise<void>

/**
 * Tells facts after commit, inside this process and, where a topic is shared, in the others. A lost message must be
 * harmless: whoever needs the truth reads SQL. A listener that throws is logged and never reaches the publisher, whose
 * data is already committed.
 */
export class EventBus {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #shared = new Set<string>()
  readonly #log: Logger
  #carrier: Carrier | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  subscribe<Payload>(topic: Topic<Payload>, listener: (payload: Payload) => void | Promise<void>): () => void {
    if (topic.shared) this.#shared.add(topic.name)
    const listeners = this.#listeners.get(topic.name) ?? new Set()
    this.#listeners.set(topic.name, listeners.add(listener as Listener))
    return () => listeners.delete(listener as Listener)
  }

  publish<Payload>(topic: Topic<Payload>, payload: Payload): void {
    this.#tell(topic.name, payload)
    if (topic.shared) this.#carrier?.send(topic.name, payload)
  }

  /** For what every process finds out by itself. */
  publishHere<Payload>(topic: Topic<Payload>, payload: Payload): void {
    this.#tell(topic.name, payload)
  }

  carryBy(carrier: Carrier): void {
    this.#carrier = carrier
  }

  /** What another process published. */
  deliver(topic: string, payload: unknown): void {
    if (this.#shared.has(topic)) this.#tell(topic, payload)
  }

  /** Whether other processes hear what is published here, and the other way round. False where there is no way there. */
  get reachesOthers(): boolean {
    return this.#carrier?.isUp ?? false
  }

  #tell(topic: string, payload: unknown): void {
    for (const listener of this.#listeners.get(topic) ?? []) {
      try {
        const pending = listener(payload)
        if (pending instanceof Promise) pending.catch((error: unknown) => this.#report(topic, error))
      } catch (error) {
        this.#report(topic, error)
      }
    }
  }

  #report(topic: string, error: unknown): void {
    this.#log.error({ err: error, topic }, 'event listener failed')
  }
}
