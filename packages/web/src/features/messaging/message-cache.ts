import type { List, Message } from '@atrium/client'
import type { InfiniteData } from '@tanstack/react-query'

/** The loaded part of one conversation: pages from the newest to older ones, each newest first. */
export type MessagePages = InfiniteData<List<Message>>

/** A message in the list: put in at its place, or over an older version of itself. Answers the same list if it is known. */
function placed(messages: Message[], message: Message): Message[] {
  const index = messages.findIndex(({ id }) => id === message.id)
  const known = messages[index]
  if (known) return known.version >= message.version ? messages : messages.with(index, message)
  const place = messages.findIndex(({ seq }) => seq < message.seq)
  return messages.toSpliced(place === -1 ? messages.length : place, 0, message)
}

/** A new or changed message. One that is older than everything loaded belongs to a page that comes later. */
export function withMessage(pages: MessagePages, message: Message): MessagePages {
  const index = pages.pages.findIndex(({ data }) => {
    const oldest = data.at(-1)
    return oldest !== undefined && message.seq >= oldest.seq
  })
  const last = pages.pages.at(-1)
  const isBeginning = index === -1 && last !== undefined && !last.page.has_more
  const target = isBeginning ? pages.pages.length - 1 : index
  const page = pages.pages[target]
  if (!page) return pages
  const data = placed(page.data, message)
  return data === page.data ? pages : { ...pages, pages: pages.pages.with(target, { ...page, data }) }
}

/** Oldest first, each once. */
export function messagesOf(pages: MessagePages | undefined): Message[] {
  const byId = new Map<string, Message>()
  for (const page of pages?.pages ?? []) {
    for (const message of page.data) {
      const known = byId.get(message.id)
      if (!known || known.version < message.version) byId.set(message.id, message)
    }
  }
  return [...byId.values()].sort((one, other) => one.seq - other.seq)
}

/**
 * What arrived while the newest page was on its way, which that page may not hold yet. `number` has no holes, so only
 * a message that follows the last one directly is added.
 */
export function withArrivals(newest: List<Message>, arrivals: readonly Message[]): List<Message> {
  let data = newest.data
  for (const message of arrivals.toSorted((one, other) => one.seq - other.seq)) {
    const last = data[0]
    const isNext = last ? message.number === last.number + 1 : message.number === 1
    if (isNext || data.some(({ id }) => id === message.id)) data = placed(data, message)
  }
  return data === newest.data ? newest : { ...newest, data }
}

/** The newest arrivals of all conversations, for `withArrivals`. */
export class Arrivals {
  readonly #limit: number
  #messages: Message[] = []

  constructor(limit = 500) {
    this.#limit = limit
  }

  add(message: Message): void {
    this.#messages = [...this.#messages.slice(1 - this.#limit), message]
  }

  of(conversationId: string): Message[] {
    return this.#messages.filter((message) => message.conversation_id === conversationId)
  }

  clear(): void {
    this.#messages = []
  }
}
