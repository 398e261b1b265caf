import type { Attachment, Message, MessageFormat, Pending, Quote } from '@atrium/client'

/** One message as the chat shows it: known to the server, or still on its way. */
export interface ChatMessage {
  key: string
  text: string
  isOwn: boolean
  senderId: string
  senderName: string
  at: string
  seq: number | null
  isEdited: boolean
  isRemoved: boolean
  format: MessageFormat
  quote: Quote | null
  attachments: readonly Attachment[]
  /** As the server has it; null while it is on its way. */
  message: Message | null
  pending: Pending | null
}

/** Messages of one person in a row, with no long silence between them. */
export interface MessageGroup {
  key: string
  isOwn: boolean
  senderId: string
  senderName: string
  messages: ChatMessage[]
}

export interface DayOfMessages {
  key: string
  at: string
  groups: MessageGroup[]
}

const longSilence = 5 * 60_000

/** What the server has, oldest first, then what is on its way. A pending message that has arrived is shown once. */
export function chatMessages(
  messages: readonly Message[],
  pending: readonly Pending[],
  me: { id: string; name: string },
  nameOf: (sender: Message['sender']) => string,
): ChatMessage[] {
  const arrived = new Set(messages.filter(({ sender }) => sender.id === me.id).map((message) => message.client_id))
  const known = messages.map((message): ChatMessage => {
    const isOwn = message.sender.id === me.id
    return {
      // The same key before and after sending, so that the bubble stays the same element.
      key: isOwn ? message.client_id : message.id,
      text: message.text,
      isOwn,
      senderId: message.sender.id,
      senderName: nameOf(message.sender),
      at: message.created_at,
      seq: message.seq,
      isEdited: message.edited_at !== null,
      isRemoved: message.deleted_at !== null,
      format: message.format,
      quote: message.reply_to,
      attachments: message.attachments,
      message,
      pending: null,
    }
  })
  const waiting = pending
    .filter(({ clientId }) => !arrived.has(clientId))
    .map(
      (each): ChatMessage => ({
        key: each.clientId,
        text: each.text,
        isOwn: true,
        senderId: me.id,
        senderName: me.name,
        at: each.createdAt,
        seq: null,
        isEdited: false,
        isRemoved: false,
        format: each.format ?? 'plain',
        quote: each.replyTo ?? null,
        attachments: each.attachments ?? [],
        message: null,
        pending: each,
      }),
    )
  return [...known, ...waiting]
}

/** Days, and in them the groups. A group also ends before `dividerKey`, where the unread messages begin. */
export function groupMessages(
  messages: readonly ChatMessage[],
  dayKey: (at: Date) => string,
  dividerKey?: string,
): DayOfMessages[] {
  const days: DayOfMessages[] = []
  let previous: ChatMessage | undefined
  for (const message of messages) {
    const key = dayKey(new Date(message.at))
    let day = days.at(-1)
    if (day?.key !== key) {
      day = { key, at: message.at, groups: [] }
      days.push(day)
      previous = undefined
    }
    const group = day.groups.at(-1)
    if (group && previous && message.key !== dividerKey && belongTogether(previous, message))
      group.messages.push(message)
    else day.groups.push({ ...groupHead(message), messages: [message] })
    previous = message
  }
  return days
}

/** What is as it was `before` is the same object as there, so that it is not rendered again. */
export function keepUnchanged(before: readonly DayOfMessages[], days: readonly DayOfMessages[]): DayOfMessages[] {
  const knownGroups = new Map(before.flatMap(({ groups }) => groups.map((group) => [group.key, group])))
  const knownDays = new Map(before.map((day) => [day.key, day]))
  return days.map((day) => {
    const groups = day.groups.map((group) => {
      const known = knownGroups.get(group.key)
      return known && areSame(known.messages, group.messages, isSameMessage) ? known : group
    })
    const known = knownDays.get(day.key)
    const isSame = known?.at === day.at && areSame(known.groups, groups, (one, other) => one === other)
    return known && isSame ? known : { ...day, groups }
  })
}

export const isSameMessage = (one: ChatMessage, other: ChatMessage): boolean =>
  one.key === other.key && one.message === other.message && one.pending === other.pending

const areSame = <Item>(some: readonly Item[], others: readonly Item[], isSame: (one: Item, other: Item) => boolean) =>
  some.length === others.length &&
  some.every((one, index) => {
    const other = others[index]
    return other !== undefined && isSame(one, other)
  })

const groupHead = ({ key, isOwn, senderId, senderName }: ChatMessage) => ({ key, isOwn, senderId, senderName })

const belongTogether = (previous: ChatMessage, message: ChatMessage): boolean =>
  previous.senderId === message.senderId && Date.parse(message.at) - Date.parse(previous.at) < longSilence

/** The first message of others after what was read. Unknown while everything loaded is unread and there is more before. */
export function firstUnreadKey(
  messages: readonly ChatMessage[],
  readSeq: number | null,
  hasOlder: boolean,
): string | undefined {
  if (readSeq === null) return undefined
  const index = messages.findIndex(({ seq, isOwn }) => seq !== null && seq > readSeq && !isOwn)
  return index === 0 && hasOlder ? undefined : messages[index]?.key
}
