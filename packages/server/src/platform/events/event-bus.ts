import type { Logger } from '../log.ts'

/** A named kind of in-process news with its payload type. */
export interface Topic<Payload> {
  readonly name: string
  /** Carries the type only; never set. */
  readonly payload?: Payload
}

export const defineTopic = <Payload>(name: string): Topic<Payload> => ({ name })

type Listener = (payload: unknown) => void | Promise<void>

/**
 * Tells facts after commit, inside this process. A lost message must be harmless: whoever needs the truth reads SQL.
 * A listener that throws is logged and never reaches the publisher, whose data is already committed.
 */
export class EventBus {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  subscribe<Payload>(topic: Topic<Payload>, listener: (payload: Payload) => void | Promise<void>): () => void {
    const listeners = this.#listeners.get(topic.name) ?? new Set()
    this.#listeners.set(topic.name, listeners.add(listener as Listener))
    return () => listeners.delete(listener as Listener)
  }

  publish<Payload>(topic: Topic<Payload>, payload: Payload): void {
    for (const listener of this.#listeners.get(topic.name) ?? []) {
      try {
        const pending = listener(payload)
        if (pending instanceof Promise) pending.catch((error: unknown) => this.#report(topic.name, error))
      } catch (error) {
        this.#report(topic.name, error)
      }
    }
  }

  #report(topic: string, error: unknown): void {
    this.#log.error({ err: error, topic }, 'event listener failed')
  }
}
