import type { MemberReceipt, Receipt } from '@atrium/client'
import type { QueryClient } from '@tanstack/react-query'
import { changeQueries } from '../../../app/late-answers.ts'
import { type ConversationPages, conversationsOf } from '../conversation-cache.ts'
import { receiptsQuery } from '../queries.ts'

/** Somebody else has come further. Positions never go back here, as ticks that vanish would only puzzle. */
export function takeReceipt(cache: QueryClient, receipt: Receipt): void {
  const { queryKey } = receiptsQuery(receipt.conversation_id)
  changeQueries<MemberReceipt[]>(cache, { queryKey, exact: true }, (known) => {
    const { user_id, delivered_seq, read_seq, at } = receipt
    const before = known.find((each) => each.user_id === user_id)
    const next: MemberReceipt = {
      user_id,
      delivered_seq: Math.max(delivered_seq, before?.delivered_seq ?? 0),
      read_seq: Math.max(read_seq, before?.read_seq ?? 0),
      read_at: at ?? before?.read_at ?? null,
    }
    return before ? known.map((each) => (each === before ? next : each)) : [...known, next]
  })
}

export type Reached = 'sent' | 'delivered' | 'read'

/** So far everyone else in the conversation has come. */
export interface Reach {
  delivered: number
  read: number
}

export function reachOf(others: readonly MemberReceipt[]): Reach | null {
  if (others.length === 0) return null
  return {
    delivered: Math.min(...others.map((each) => Math.max(each.delivered_seq, each.read_seq))),
    read: Math.min(...others.map(({ read_seq }) => read_seq)),
  }
}

/** How far a message of one's own has come. */
export function reachedOf(seq: number, reach: Reach | null): Reached {
  if (!reach || seq > reach.delivered) return 'sent'
  return seq > reach.read ? 'delivered' : 'read'
}

const pauseMs = 500

/** Tells the server what has arrived on this device: the newest of each conversation, one after the other. */
export class Deliveries {
  readonly #send: (conversationId: string, seq: number) => Promise<unknown>
  readonly #due = new Map<string, number>()
  readonly #told = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(send: (conversationId: string, seq: number) => Promise<unknown>) {
    this.#send = send
  }

  add(conversationId: string, seq: number): void {
    if (seq <= (this.#told.get(conversationId) ?? 0)) return
    this.#due.set(conversationId, Math.max(seq, this.#due.get(conversationId) ?? 0))
    this.#timer ??= setTimeout(() => this.#next(), pauseMs)
  }

  /** What came while this device was away. */
  addAll(pages: ConversationPages | undefined): void {
    for (const { id, unread_count, last_message } of conversationsOf(pages)) {
      if (unread_count > 0 && last_message) this.add(id, last_message.seq)
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#due.clear()
  }

  #next(): void {
    this.#timer = undefined
    const [first] = this.#due
    if (!first) return
    const [id, seq] = first
    this.#due.delete(id)
    this.#told.set(id, seq)
    // What is not heard now is said again after the next reconnection.
    this.#send(id, seq).catch(() => this.#told.delete(id))
    if (this.#due.size > 0) this.#timer = setTimeout(() => this.#next(), pauseMs)
  }
}
