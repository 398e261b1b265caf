import type { Channel } from '../events/bus-relay.ts'
import { newId } from '../ids.ts'
import type { Logger } from '../log.ts'
import { connectLimitMs, type RedisClient, reasonOf, redisClient, silenceLimitMs } from './redis-client.ts'
import type { RedisAddress } from './redis-url.ts'

export interface RedisChannelOptions {
  address: RedisAddress
  /** The same for all processes of the installation, and nobody else's. */
  name: string
  log: Logger
}

const beatMs = 1_000
/** So many beats may be late before the channel counts as broken. */
const downAfterMs = 3 * beatMs
/** What Redis has not taken by then is not sent: it would come late, and memory is bounded. */
const maxPending = 1_000
const flushLimitMs = 500

/**
 * A channel through Redis, with two connections of its own: one that says and one that hears. A beat that goes out by
 * the one has to come in by the other; so it is known whether others hear us, not only whether Redis answers.
 */
export class RedisChannel implements Channel {
  readonly #name: string
  readonly #echo: string
  readonly #log: Logger
  readonly #out: RedisClient
  readonly #in: RedisClient
  readonly #listeners: ((text: string) => void)[] = []
  readonly #heardFirst = Promise.withResolvers<void>()
  #beat: NodeJS.Timeout | undefined
  #pending = 0
  #heardAt = Number.NEGATIVE_INFINITY
  #openedAt = 0
  #wasUp: boolean | undefined
  #reason = 'no answer yet'

  constructor({ address, name, log }: RedisChannelOptions) {
    this.#name = name
    this.#echo = `${name}:${newId()}`
    this.#log = log
    this.#out = redisClient(address)
    this.#in = redisClient(address)
    for (const client of [this.#out, this.#in]) {
      client.on('error', (error: Error) => {
        this.#reason = reasonOf(error)
      })
    }
    this.#in.on('ready', () => {
      this.#openedAt = performance.now()
      this.#in.subscribe(this.#name, this.#echo).then(
        () => this.#sendBeat(),
        (error: Error) => {
          this.#reason = reasonOf(error)
        },
      )
    })
    this.#in.on('message', (channel: string, text: string) => {
      if (channel === this.#echo) return this.#hearBeat()
      for (const listener of this.#listeners) listener(text)
    })
    for (const client of [this.#out, this.#in]) client.on('close', () => this.#onClose())
  }

  /** Resolves once messages arrive or Redis is known to be away, within two seconds; never throws. */
  async open(): Promise<void> {
    this.#openedAt = performance.now()
    this.#beat = setInterval(() => this.#onBeat(), beatMs)
    this.#beat.unref()
    const lost = Promise.all([this.#out, this.#in].map((client) => client.connect())).then(
      () => this.#heardFirst.promise,
      () => {},
    )
    const patience = new Promise<void>((resolve) => setTimeout(resolve, 2 * connectLimitMs).unref())
    await Promise.race([this.#heardFirst.promise, lost, patience])
    this.#judge()
  }

  onText(listener: (text: string) => void): void {
    this.#listeners.push(listener)
  }

  get isUp(): boolean {
    return this.#in.status === 'ready' && this.#out.status === 'ready' && this.#silence < downAfterMs
  }

  send(text: string): void {
    this.#publish(this.#name, text)
  }

  /** Waits a moment for what was sent last. */
  async close(): Promise<void> {
    clearInterval(this.#beat)
    this.#wasUp = undefined
    const end = performance.now() + flushLimitMs
    while (this.#pending > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
    this.#out.disconnect()
    this.#in.disconnect()
  }

  get #silence(): number {
    return performance.now() - this.#heardAt
  }

  #publish(channel: string, text: string): void {
    if (this.#out.status !== 'ready' || this.#pending >= maxPending) return
    this.#pending++
    this.#out
      .publish(channel, text)
      .catch((error: Error) => {
        this.#reason = reasonOf(error)
      })
      .finally(() => {
        this.#pending--
      })
  }

  #sendBeat(): void {
    this.#publish(this.#echo, '')
  }

  /** What was heard before says nothing of a new connection: it is ready before it listens. */
  #onClose(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY
    this.#judge()
  }

  #hearBeat(): void {
    this.#heardAt = performance.now()
    this.#heardFirst.resolve()
    this.#judge()
  }

  #onBeat(): void {
    this.#judge()
    this.#sendBeat()
    // Told of another primary while it connects, the library gives up instead of trying again.
    for (const client of [this.#out, this.#in]) if (client.status === 'end') client.connect().catch(() => {})
    // The end that only hears asks for nothing, so nothing else notices when it is dead.
    const since = Math.max(this.#heardAt, this.#openedAt)
    if (this.#in.status === 'ready' && performance.now() - since > silenceLimitMs) {
      this.#openedAt = performance.now()
      this.#reason = 'no answer'
      this.#in.disconnect(true)
    }
  }

  /** One line when it breaks and one when it is whole again. */
  #judge(): void {
    if (this.#beat === undefined || this.isUp === this.#wasUp) return
    const before = this.#wasUp
    this.#wasUp = this.isUp
    if (this.#wasUp) this.#log.info('instances hear of each other through Redis')
    else if (before !== false) {
      this.#log.warn(
        { reason: this.#reason },
        'instances do not hear of each other through Redis; they poll the database',
      )
    }
  }
}
