import type { Live, Unsubscribe } from '../contract.ts'
import { ApiError } from '../errors.ts'
import type { DataChange } from '../events.ts'
import { spread } from '../http/delays.ts'
import type { RowHandlers } from '../tables.ts'
import { RowSubscription, type Wanted } from './row-subscription.ts'

interface RowSubscriptionsOptions {
  live: Pick<Live, 'state' | 'send' | 'subscribe' | 'onEphemeral'>
  report(error: unknown): void
}

interface Subscribed {
  subscription_id: string
  cursor: string
  /** What came after the cursor is not known any more. */
  reset: boolean
}

/** Told of a subscription whose id is not known yet. */
type Early = { subscription_id: string; deliver: (one: RowSubscription) => void }

/** The tables that the app follows, asked for again on every connection, each from where it had come. */
export class RowSubscriptions {
  readonly #options: RowSubscriptionsOptions
  readonly #open = new Set<RowSubscription>()
  readonly #byId = new Map<string, RowSubscription>()
  /** Grows when a connection ends: the server has forgotten what was asked for on it. */
  #connection = 0
  #asking = 0
  #early: Early[] = []
  readonly #stops: Unsubscribe[]

  constructor(options: RowSubscriptionsOptions) {
    this.#options = options
    const { live } = options
    this.#stops = [
      live.subscribe((state) => (state === 'live' ? this.#askAll() : this.#forget())),
      live.onEphemeral('data.changed', (told) => this.#told(told, (one) => one.take(told satisfies DataChange))),
      live.onEphemeral('data.reset', (told) => this.#told(told, (one) => one.begin(told.cursor))),
      live.onEphemeral('data.ended', (told) => this.#told(told, (one) => this.#end(one, told.reason))),
    ]
  }

  subscribe(wanted: Wanted, handlers: RowHandlers<Record<string, unknown>, string | readonly string[]>): Unsubscribe {
    const { live, report } = this.#options
    const one = new RowSubscription({ wanted, handlers, isLive: () => live.state === 'live', report })
    this.#open.add(one)
    void this.#ask(one)
    return () => this.#close(one)
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const one of this.#open) one.close()
    this.#open.clear()
    this.#forget()
  }

  #askAll(): void {
    for (const one of this.#open) void this.#ask(one)
  }

  #forget(): void {
    this.#connection += 1
    this.#byId.clear()
    this.#early = []
  }

  async #ask(one: RowSubscription): Promise<void> {
    const connection = this.#connection
    if (one.askedOn === connection || this.#options.live.state !== 'live') return
    one.askedOn = connection
    for (let tries = 0; this.#open.has(one) && connection === this.#connection; tries++) {
      this.#asking += 1
      const answer = await this.#request(one)
      this.#asking -= 1
      if (connection !== this.#connection) return
      if (!(answer instanceof Error)) return this.#begin(one, answer)
      if (isFinal(answer)) return this.#end(one, answer.code, answer)
      const retryAfter = answer instanceof ApiError ? answer.retryAfter : undefined
      await one.wait(tries, retryAfter === undefined ? undefined : spread(retryAfter))
    }
  }

  async #request({ wanted, cursor }: RowSubscription): Promise<Subscribed | Error> {
    const input = cursor === undefined ? wanted : { ...wanted, cursor }
    try {
      return await this.#options.live.send<Subscribed>('data.subscribe', input)
    } catch (error) {
      return error as Error
    }
  }

  #begin(one: RowSubscription, { subscription_id: id, cursor, reset }: Subscribed): void {
    if (!this.#open.has(one)) {
      this.#unsubscribe(id)
      return
    }
    this.#byId.set(id, one)
    if (one.cursor === undefined || reset) one.begin(cursor)
    const early = this.#early
    this.#early = this.#asking === 0 ? [] : early.filter(({ subscription_id }) => subscription_id !== id)
    for (const { subscription_id, deliver } of early) if (subscription_id === id) deliver(one)
  }

  #told({ subscription_id }: { subscription_id: string }, deliver: Early['deliver']): void {
    const one = this.#byId.get(subscription_id)
    if (one) deliver(one)
    else if (this.#asking > 0) this.#early.push({ subscription_id, deliver })
  }

  #end(one: RowSubscription, reason: string, error?: ApiError): void {
    this.#leave(one)
    one.end(reason, error)
  }

  #close(one: RowSubscription): void {
    one.close()
    for (const id of this.#leave(one)) this.#unsubscribe(id)
  }

  #leave(one: RowSubscription): string[] {
    this.#open.delete(one)
    const ids = [...this.#byId].filter(([, each]) => each === one).map(([id]) => id)
    for (const id of ids) this.#byId.delete(id)
    return ids
  }

  #unsubscribe(id: string): void {
    // Where it cannot be said, the connection ends, and this with it.
    this.#options.live.send('data.unsubscribe', { subscription_id: id }).catch(() => {})
  }
}

/** Asked again it would be refused again. Who may not be asked who they are any more loses the connection anyway. */
const isFinal = (error: Error): error is ApiError =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)
