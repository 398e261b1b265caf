import { io, type Socket } from 'socket.io-client'
import type { Message } from '../../../src/modules/messaging/message.schema.ts'
import type { SyncAnswer } from '../../../src/modules/sync/sync.schema.ts'
import type { EventEnvelope } from '../../../src/platform/events/event-rendering.ts'
import type { Heard, History } from './history.ts'
import { type Person, readMessages } from './person.ts'
import { pause, until } from './waiting.ts'

const answerLimitMs = 5_000
const gapPatienceMs = 200
const prefix = 'conversation:'

interface HeldStream {
  /** The seq applied last. */
  position: number
  /** Messages by seq. */
  messages: Map<number, Message>
}

/** A client that follows the rules for clients (api.md 10.1) and nothing else: what it shows is what they promise. */
export class Reader {
  readonly name: string
  readonly person: Person
  readonly socket: Socket
  readonly #origin: string
  readonly #history: History
  readonly #held = new Map<string, HeldStream>()
  /** Streams in which two messages claimed one place. */
  readonly conflicts: string[] = []
  #epoch: string | undefined
  #connection = 0
  #wanted = false
  #syncing = false
  #hasSynced = false

  constructor(name: string, origin: string, person: Person, history: History) {
    this.name = name
    this.person = person
    this.#origin = origin
    this.#history = history
    this.socket = io(origin, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token: person.token },
      reconnectionDelay: 50,
      reconnectionDelayMax: 400,
    })
    this.socket.on('session.ready', () => {
      this.#connection++
      this.#sync()
    })
    this.socket.onAny((_name: string, event?: EventEnvelope) => {
      if (event?.stream) this.#take(event, 'push')
    })
    // Socket.IO comes back by itself, but not when the server ended the connection or refused it.
    const comeBack = () => this.socket.active || setTimeout(() => this.socket.connect(), 200)
    this.socket.on('disconnect', (reason) => reason === 'io client disconnect' || comeBack())
    this.socket.on('connect_error', comeBack)
  }

  async open(): Promise<this> {
    await until(
      () => this.#hasSynced,
      15_000,
      () => `${this.name} could not connect and sync`,
    )
    return this
  }

  holds(conversation: string): boolean {
    return this.#held.has(prefix + conversation)
  }

  position(conversation: string): number {
    return this.#held.get(prefix + conversation)?.position ?? 0
  }

  /** What this client shows of a conversation, in the order it shows it. */
  messages(conversation: string): Message[] {
    const held = this.#held.get(prefix + conversation)
    return [...(held?.messages ?? [])].sort(([a], [b]) => a - b).map(([, message]) => message)
  }

  close(): void {
    this.socket.disconnect()
  }

  #take({ stream, seq, type, data }: EventEnvelope, via: Heard['via']): void {
    const message = type === 'message.created' ? (data as Message) : undefined
    if (message) this.#hear(message, via)
    const held = this.#held.get(stream)
    if (!held || seq <= held.position) return
    if (seq > held.position + 1) {
      setTimeout(() => held.position < seq && this.#sync(), gapPatienceMs)
      return
    }
    held.position = seq
    if (message) this.#keep(held, message)
  }

  #keep(held: HeldStream, message: Message): void {
    const other = held.messages.get(message.seq)
    if (other && other.id !== message.id) this.conflicts.push(`${message.seq}: ${other.id}, then ${message.id}`)
    held.messages.set(message.seq, message)
  }

  #hear({ conversation_id, client_id, seq, id }: Message, via: Heard['via']): void {
    const heard = { connection: this.#connection, via, conversation: conversation_id, seq, id }
    this.#history.note(this.name, client_id, { op: 'hear', phase: 'ok', result: heard })
  }

  /** One at a time; asked for during one, another follows. */
  #sync(): void {
    this.#wanted = true
    if (!this.#syncing) void this.#syncAll()
  }

  async #syncAll(): Promise<void> {
    this.#syncing = true
    while (this.#wanted && this.socket.connected) {
      this.#wanted = false
      try {
        while (await this.#syncPage()) {}
        this.#hasSynced = true
      } catch {
        // The connection was lost, and the next one asks again; or the answer was, and then this one must.
        await pause(gapPatienceMs)
        this.#wanted = true
      }
    }
    this.#syncing = false
  }

  /** True when there is more. */
  async #syncPage(): Promise<boolean> {
    const streams = Object.fromEntries([...this.#held].map(([name, { position }]) => [name, position]))
    const input = { streams, limit: 200, ...(this.#epoch ? { epoch: this.#epoch } : {}) }
    const { ok, data, error } = await this.socket.timeout(answerLimitMs).emitWithAck('sync', input)
    if (!ok) throw new Error(error.code)
    const answer = data as SyncAnswer
    this.#epoch = answer.epoch
    for (const stream of answer.removed) this.#held.delete(stream)
    for (const stream of [...answer.added, ...answer.reset]) await this.#load(stream, answer.heads[stream] ?? 0)
    for (const event of answer.events) this.#take(event, 'sync')
    return answer.more
  }

  /** The position first, so that what comes meanwhile is not missed; without the content it would be a lie. */
  async #load(stream: string, head: number): Promise<void> {
    const held: HeldStream = { position: head, messages: new Map() }
    this.#held.set(stream, held)
    if (!stream.startsWith(prefix)) return
    try {
      const messages = await readMessages(this.#origin, this.person, stream.slice(prefix.length))
      for (const message of messages) {
        this.#hear(message, 'rest')
        this.#keep(held, message)
      }
    } catch (error) {
      this.#held.delete(stream)
      throw error
    }
  }
}
