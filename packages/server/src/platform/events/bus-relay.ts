import { createHmac, timingSafeEqual } from 'node:crypto'
import { newId } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { Carrier, EventBus } from './event-bus.ts'

/** A way to say a text to all processes of the installation, this one included. Some may be lost, none waits. */
export interface Channel {
  send(text: string): void
  onText(listener: (text: string) => void): void
  readonly isUp: boolean
}

export interface BusRelayOptions {
  channel: Channel
  bus: EventBus
  /** The same for all processes of the installation, and nobody else's. */
  key: Buffer
  log: Logger
}

/** News are heads and ids; what is larger is not news. */
const maxLength = 256 * 1024
const macLength = 22

/**
 * Takes what is published on shared topics to the other processes, and delivers here what they published. Who can
 * write to the channel is not trusted for it: a message counts only with the mark of the installation's key.
 */
export class BusRelay implements Carrier {
  readonly #options: BusRelayOptions
  readonly #processId = newId()
  /** How what this process has said begins, behind its mark. */
  readonly #own = `{"from":"${this.#processId}"`

  constructor(options: BusRelayOptions) {
    this.#options = options
    options.channel.onText((text) => this.#receive(text))
    options.bus.carryBy(this)
  }

  get isUp(): boolean {
    return this.#options.channel.isUp
  }

  send(topic: string, payload: unknown): void {
    const text = JSON.stringify({ from: this.#processId, topic, payload })
    if (text.length > maxLength) {
      this.#options.log.warn(
        { topic, length: text.length },
        'too much to tell other processes; they find out by polling',
      )
      return
    }
    this.#options.channel.send(this.#mark(text) + text)
  }

  #receive(marked: string): void {
    if (marked.length > maxLength + macLength || marked.startsWith(this.#own, macLength)) return
    const text = marked.slice(macLength)
    if (!isSame(marked.slice(0, macLength), this.#mark(text))) return
    // With our mark it is what `send` wrote, in this version or in the one before or after it.
    const { topic, payload } = JSON.parse(text) as { topic: unknown; payload: unknown }
    if (typeof topic === 'string') this.#options.bus.deliver(topic, payload)
  }

  #mark(text: string): string {
    return createHmac('sha256', this.#options.key).update(text).digest('base64url').slice(0, macLength)
  }
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
