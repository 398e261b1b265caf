import type { List, Message, MessageReaction, Reaction } from '@atrium/client'
import { type InfiniteData, replaceEqualDeep } from '@tanstack/react-query'

/** Some messages in a row, newest first. `page.has_more` says that older ones exist. */
export interface MessagePage extends List<Message> {
  /** There are newer ones, or may be: the page came from the middle of the conversation. */
  has_newer?: boolean
}

/** Where a page was asked for; null is the newest. */
export type PagePlace = { before: number } | { after: number } | { around: number } | { at: string } | null

/** The loaded part of one conversation, from newer pages to older ones: a window of bounded size that moves. */
export type MessagePages = InfiniteData<MessagePage, unknown>

export const pageSize = 40
/** So many pages are held, and shown: beyond them the far end of the window is let go. */
export const mostPages = 6
/** Live messages make the first page longer; from here on it becomes two. */
const longestPage = 2 * pageSize

/** A message in the list: put in at its place, or over an older version of itself. Answers the same list if it is known. */
function placed(messages: Message[], message: Message): Message[] {
  const index = messages.findIndex(({ id }) => id === message.id)
  const known = messages[index]
  if (known) return known.version >= message.version ? messages : messages.with(index, withMine(message, known))
  const place = messages.findIndex(({ seq }) => seq < message.seq)
  return messages.toSpliced(place === -1 ? messages.length : place, 0, message)
}

/** Events are the same for all their receivers: which reactions are one's own is known from before. */
function withMine(message: Message, known: Message): Message {
  if (message.reactions.length === 0 || message.reactions.some(({ mine }) => mine !== undefined)) return message
  return { ...message, reactions: keepMine(message.reactions, known.reactions) }
}

const keepMine = (reactions: readonly Reaction[], known: readonly Reaction[]): Reaction[] =>
  reactions.map((each) => ({ ...each, mine: known.find(({ emoji }) => emoji === each.emoji)?.mine ?? false }))

/** A new or changed message. One outside of what is loaded belongs to a page that comes later. */
export function withMessage(pages: MessagePages, message: Message): MessagePages {
  const [first] = pages.pages
  const newest = first?.data[0]
  if (first?.has_newer && newest && message.seq > newest.seq) return pages
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
  if (data === page.data) return pages
  return target === 0 && data.length > longestPage
    ? split(pages, page, data)
    : { ...pages, pages: pages.pages.with(target, { ...page, data }) }
}

/** The first page has grown: its older part becomes a page of its own, and the oldest one goes when there are too many. */
function split(pages: MessagePages, page: MessagePage, data: Message[]): MessagePages {
  const newer = data.slice(0, pageSize)
  const oldest = newer.at(-1)?.seq ?? 0
  const first = { ...page, data: newer, page: { ...page.page, has_more: true } }
  const second = { ...page, data: data.slice(pageSize), has_newer: true }
  const all = [first, second, ...pages.pages.slice(1)]
  const places = [pages.pageParams[0], { before: oldest }, ...pages.pageParams.slice(1)]
  return { ...pages, pages: all.slice(0, mostPages), pageParams: places.slice(0, mostPages) }
}

function mapMessages(pages: MessagePages, id: string, change: (known: Message) => Message | undefined): MessagePages {
  for (const [index, page] of pages.pages.entries()) {
    const place = page.data.findIndex((each) => each.id === id)
    const known = page.data[place]
    if (!known) continue
    const next = change(known)
    if (next === known) return pages
    const data = next ? page.data.with(place, next) : page.data.toSpliced(place, 1)
    return { ...pages, pages: pages.pages.with(index, { ...page, data }) }
  }
  return pages
}

export const withoutMessage = (pages: MessagePages, id: string): MessagePages => mapMessages(pages, id, () => undefined)

/** A reaction was set or taken back by somebody. */
export function reacted(known: Message, event: MessageReaction, myId: string): Message {
  if (event.version < known.version) return known
  const isMine = (each: Reaction) => event.user_id === myId && each.emoji === event.emoji
  const reactions = keepMine(event.reactions, known.reactions).map((each) =>
    isMine(each) ? { ...each, mine: event.on } : each,
  )
  return { ...known, reactions, version: event.version }
}

export const withReaction = (pages: MessagePages, event: MessageReaction, myId: string): MessagePages =>
  mapMessages(pages, event.message_id, (known) => reacted(known, event, myId))

/** One's own reaction as the server has it: all of them, or without one that was taken back. */
export const withOwnReaction = (
  pages: MessagePages,
  id: string,
  emoji: string,
  all: readonly Reaction[] | undefined,
): MessagePages =>
  mapMessages(pages, id, (known) => ({ ...known, reactions: all ? [...all] : toggled(known.reactions, emoji, false) }))

/** Reactions as they are with one's own set or not. */
export function toggled(reactions: readonly Reaction[], emoji: string, on: boolean): Reaction[] {
  const known = reactions.find((each) => each.emoji === emoji)
  if (!known) return on ? [...reactions, { emoji, count: 1, mine: true }] : [...reactions]
  if ((known.mine ?? false) === on) return [...reactions]
  const count = known.count + (on ? 1 : -1)
  return reactions.flatMap((each) => (each !== known ? each : count > 0 ? { emoji, count, mine: on } : []))
}

/**
 * Messages that are as they were stay the same objects, on whatever page they are: the library compares pages by their
 * place, and takes all messages for others when the window moves.
 */
export function withKnown(before: MessagePages | undefined, after: MessagePages): MessagePages {
  if (!before || before === after) return after
  const known = new Map(before.pages.flatMap(({ data }) => data.map((message) => [message.id, message])))
  const kept = (page: MessagePage): MessagePage =>
    before.pages.includes(page)
      ? page
      : { ...page, data: page.data.map((message) => replaceEqualDeep(known.get(message.id), message)) }
  return { ...after, pages: after.pages.map(kept) }
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
 * What arrived while a page was on its way, which that page may not hold yet. `number` has no holes, so only a message
 * that follows the last one directly is added.
 */
export function withArrivals(page: MessagePage, arrivals: readonly Message[]): MessagePage {
  let data = page.data
  for (const message of arrivals.toSorted((one, other) => one.seq - other.seq)) {
    const last = data[0]
    const isNext = !page.has_newer && (last ? message.number === last.number + 1 : message.number === 1)
    if (isNext || data.some(({ id }) => id === message.id)) data = placed(data, message)
  }
  return data === page.data ? page : { ...page, data }
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
