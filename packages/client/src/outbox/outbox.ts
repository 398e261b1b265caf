import type { Outbox, OutboxStorage, Pending, SendOptions, Unsubscribe } from '../contract.ts'
import { ApiError } from '../errors.ts'
import { backoff, spread } from '../http/delays.ts'
import { Listeners } from '../listeners.ts'
import type { Locks } from '../session/renewal.ts'
import type { Message, MessageFormat } from '../types.ts'
import { Entries } from './entries.ts'

export interface OutboxOptions {
  storage: OutboxStorage
  /** Shared by the tabs that share the storage: one of them sends to a conversation at a time. */
  locks: Locks | undefined
  post(conversationId: string, message: NewMessage): Promise<Message>
  report(error: unknown): void
}

interface NewMessage {
  client_id: string
  text: string
  format?: MessageFormat
  reply_to?: string
  attachment_ids?: string[]
}

const firstDelayMs = 1_000
const longestDelayMs = 30_000

/** Messages until the server has them: kept over reloads, sent one after the other per conversation, each once. */
export class OutboxQueue implements Outbox {
  readonly #options: OutboxOptions
  readonly #changes: Listeners<[]>
  readonly #sent: Listeners<[Message]>
  /** The signed-in person's; others' stay in the storage until they come back. */
  #entries: Entries | undefined
  #userId: string | undefined
  /** Conversations with a message under way. */
  readonly #busy = new Set<string>()
  #tries = 0
  #pause: ReturnType<typeof setTimeout> | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#changes = new Listeners(options.report)
    this.#sent = new Listeners(options.report)
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#changes.add(listener)
  }

  onSent(listener: (message: Message) => void): Unsubscribe {
    return this.#sent.add(listener)
  }

  pending(conversationId: string): readonly Pending[] {
    return this.#entries?.of(conversationId) ?? none
  }

  send(conversationId: string, text: string, options: SendOptions = {}): Pending {
    if (!this.#entries) throw new Error('Nobody is signed in')
    const clientId = crypto.randomUUID()
    const createdAt = new Date().toISOString()
    const entry: Pending = { clientId, conversationId, text, ...options, createdAt, state: 'sending' }
    this.#entries.put(entry)
    this.#changed()
    return entry
  }

  retry(clientId: string): void {
    const entry = this.#entries?.find(clientId)
    if (entry?.state !== 'failed') return
    const { error: _, ...rest } = entry
    this.#entries?.put({ ...rest, state: 'sending' })
    this.#changed()
  }

  discard(clientId: string): void {
    if (this.#entries?.remove(clientId)) this.#changed()
  }

  enter(userId: string): void {
    if (this.#userId === userId) {
      this.resume()
      return
    }
    this.leave()
    this.#userId = userId
    this.#entries = new Entries(userId, this.#options.storage)
    this.#changed()
  }

  leave(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#tries = 0
    this.#entries = undefined
    this.#userId = undefined
    this.#busy.clear()
    this.#changes.tell()
  }

  /** The server is back: no reason to wait any longer. */
  resume(): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    this.#pump()
  }

  /** Another tab wrote to the storage. */
  stored(key: string | null): void {
    if (!this.#entries || (key !== null && key !== this.#entries.key)) return
    this.#entries.reload()
    this.#changed()
  }

  /** A message came live; if it is one of ours, its answer was lost or is late. */
  arrived(message: Message): void {
    if (message.sender.id === this.#userId && this.#entries) this.#done(this.#entries, message)
  }

  #changed(): void {
    this.#changes.tell()
    this.#pump()
  }

  #pump(): void {
    const entries = this.#entries
    if (!entries || this.#pause !== undefined) return
    for (const entry of entries.all) {
      if (entry.state === 'sending' && !this.#busy.has(entry.conversationId)) {
        this.#busy.add(entry.conversationId)
        void this.#deliver(entries, entry)
      }
    }
  }

  async #deliver(entries: Entries, pending: Pending): Promise<void> {
    const { clientId, conversationId } = pending
    try {
      await this.#alone(`${entries.key}.${conversationId}`, async () => {
        entries.reload()
        if (!entries.find(clientId)) return
        const message = await this.#options.post(conversationId, newMessage(pending))
        this.#tries = 0
        this.#done(entries, message)
      })
    } catch (error) {
      this.#refused(entries, clientId, error)
    }
    if (this.#entries !== entries) return
    this.#busy.delete(conversationId)
    this.#pump()
  }

  #alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { locks } = this.#options
    return locks ? locks.request(name, work) : work()
  }

  #done(entries: Entries, message: Message): void {
    if (!entries.remove(message.client_id)) return
    this.#sent.tell(message)
    this.#changed()
  }

  #refused(entries: Entries, clientId: string, error: unknown): void {
    if (isFinal(error)) {
      const entry = entries.find(clientId)
      if (entry) entries.put({ ...entry, state: 'failed', error: error.problem })
      if (this.#entries === entries) this.#changed()
      return
    }
    if (this.#entries !== entries || this.#pause !== undefined) return
    const asked = error instanceof ApiError ? error.retryAfter : undefined
    const wait = asked === undefined ? backoff(this.#tries, firstDelayMs, longestDelayMs) : spread(asked)
    this.#tries += 1
    this.#pause = setTimeout(() => this.resume(), wait)
  }
}

const newMessage = ({ clientId, text, format, replyTo, attachments }: Pending): NewMessage => ({
  client_id: clientId,
  text,
  ...(format ? { format } : {}),
  ...(replyTo ? { reply_to: replyTo.id } : {}),
  ...(attachments?.length ? { attachment_ids: attachments.map(({ id }) => id) } : {}),
})

const none: readonly Pending[] = []
const passing = new Set([401, 408, 425, 429])

/** The server understood and will never take it. A session that ended, or a busy server, may still come back. */
const isFinal = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.status < 500 && !passing.has(error.status) && !error.code.startsWith('csrf_')
