import type { Conversation, List, Message, ReadPosition, SharedConversation } from '@atrium/client'
import type { InfiniteData } from '@tanstack/react-query'

export type ConversationPages = InfiniteData<List<Conversation>>

const lastSeq = (conversation: Conversation): number => conversation.last_message?.seq ?? 0
const activity = (conversation: Conversation): string =>
  conversation.last_message?.created_at ?? conversation.created_at

/** Nothing of it rings or counts until then. */
export const isMuted = ({ muted_until }: Pick<Conversation, 'muted_until'>, now = Date.now()): boolean =>
  muted_until !== null && Date.parse(muted_until) > now

const byPlace = (one: Conversation, other: Conversation): number =>
  Number(other.pinned) - Number(one.pinned) || activity(other).localeCompare(activity(one))

/** Each conversation once: the pinned ones first, then the one with the newest message. */
export function conversationsOf(pages: ConversationPages | undefined): Conversation[] {
  const byId = new Map<string, Conversation>()
  for (const page of pages?.pages ?? []) for (const each of page.data) byId.set(each.id, each)
  return [...byId.values()].sort(byPlace)
}

export const findConversation = (pages: ConversationPages | undefined, id: string): Conversation | undefined =>
  pages?.pages.flatMap(({ data }) => data).find((each) => each.id === id)

export const unreadTotal = (pages: ConversationPages | undefined): number =>
  conversationsOf(pages).reduce((sum, each) => sum + (isMuted(each) ? each.mention_count : each.unread_count), 0)

/** The conversation as `change` makes it, on whatever page it is. */
function changed(
  pages: ConversationPages,
  id: string,
  change: (known: Conversation) => Conversation,
): ConversationPages {
  for (const [index, page] of pages.pages.entries()) {
    const place = page.data.findIndex((each) => each.id === id)
    const known = page.data[place]
    if (!known) continue
    const next = change(known)
    if (next === known) return pages
    return { ...pages, pages: pages.pages.with(index, { ...page, data: page.data.with(place, next) }) }
  }
  return pages
}

/** Whichever of the two knows more messages decides on the last one and on what is unread. */
export function newerOf(known: Conversation | undefined, fetched: Conversation): Conversation {
  if (!known || lastSeq(known) <= lastSeq(fetched)) return fetched
  const { last_message, unread_count, last_read_seq } = known
  return { ...fetched, last_message, unread_count, last_read_seq }
}

/** A conversation as this person sees it: replaced, or put first when it is new. */
export function withConversation(pages: ConversationPages, fetched: Conversation): ConversationPages {
  if (fetched.archived) return withoutConversation(pages, fetched.id)
  if (findConversation(pages, fetched.id)) return changed(pages, fetched.id, (known) => newerOf(known, fetched))
  const [first, ...rest] = pages.pages
  return first ? { ...pages, pages: [{ ...first, data: [fetched, ...first.data] }, ...rest] } : pages
}

/** A change told to all members alike: what only this person's view has (unread, role) stays. */
export function withSharedChange(pages: ConversationPages, event: SharedConversation): ConversationPages {
  return changed(pages, event.id, (known) => (event.version < known.version ? known : { ...known, ...event }))
}

export function withoutConversation(pages: ConversationPages, id: string): ConversationPages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, data: page.data.filter((each) => each.id !== id) })),
  }
}

/** A message arrived. One's own has been read by writing it; a known one counts no second time. */
export function withLastMessage(pages: ConversationPages, message: Message, myId: string): ConversationPages {
  return changed(pages, message.conversation_id, (known) => {
    if (message.seq <= lastSeq(known)) {
      const isSame = known.last_message?.id === message.id && known.last_message.version < message.version
      return isSame ? { ...known, last_message: message } : known
    }
    if (message.sender.id === myId) {
      return { ...known, last_message: message, unread_count: 0, mention_count: 0, last_read_seq: message.seq }
    }
    const arrived = message.number - (known.last_message?.number ?? 0)
    const isNamed = message.mentions.some((id) => id === myId || id === 'all')
    const mention_count = known.mention_count + (isNamed ? 1 : 0)
    return { ...known, last_message: message, unread_count: known.unread_count + arrived, mention_count }
  })
}

/** The newest message was deleted for this person: its words are not for the list any more. */
export function withoutLastWords(pages: ConversationPages, id: string, messageId: string): ConversationPages {
  return changed(pages, id, (known) => {
    const last = known.last_message
    if (last?.id !== messageId) return known
    return { ...known, last_message: { ...last, text: '', deleted_at: last.deleted_at ?? last.created_at } }
  })
}

/** As the server counts after a message was marked as unread: the one way back. */
export const withUnread = (pages: ConversationPages, id: string, position: ReadPosition): ConversationPages =>
  changed(pages, id, (known) => ({ ...known, ...position }))

/** This person has read up to `last_read_seq`, here or elsewhere; the position never goes back. */
export function withReadPosition(
  pages: ConversationPages,
  id: string,
  position: Omit<ReadPosition, 'mention_count'>,
): ConversationPages {
  return changed(pages, id, (known) => {
    if (position.last_read_seq < known.last_read_seq) return known
    return { ...known, ...position, mention_count: Math.min(known.mention_count, position.unread_count) }
  })
}

/** How many messages come after the read one: their numbers have no holes. Undefined when the read one is not known. */
export function unreadAfter(
  conversation: Conversation,
  readSeq: number,
  messages: readonly Message[],
): number | undefined {
  const last = conversation.last_message
  if (!last || readSeq >= last.seq) return 0
  const read = messages.findLast((message) => message.seq <= readSeq)
  return read ? last.number - read.number : undefined
}
