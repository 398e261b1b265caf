import type { Db } from '../../platform/db/schema.ts'
import type { EventRenderer } from '../../platform/events/event-types.ts'
import type { AppendedEvent } from '../../platform/events/streams.ts'
import {
  conversationCreated,
  conversationMember,
  conversationRemoved,
  conversationUpdated,
} from './conversation.schema.ts'
import { listConversationsById, listMembershipsById, type MembershipRow } from './conversations.repository.ts'
import { listReactions } from './marks.repository.ts'
import { listNewcomers } from './members.repository.ts'
import {
  type Message,
  messageCreated,
  messageDeleted,
  messageReaction,
  messageReceipt,
  messageUpdated,
} from './message.schema.ts'
import { listMessagesById } from './messages.repository.ts'
import { listReceiptsOf } from './reading.repository.ts'
import { departed, peopleById, renderConversations, renderMessages, renderShared } from './rendering.ts'
import { type AskBlocks, isOwnStream, ref, ToldMessages } from './told-messages.ts'

/** What the room tells, rendered from today's rows. */
export const messagingEvents = (askBlocks: AskBlocks): EventRenderer[] => [
  messageEvents(new ToldMessages(askBlocks, { withSenders: true })),
  reactionEvents(new ToldMessages(askBlocks, { withSenders: false })),
  {
    types: [conversationCreated, conversationUpdated],
    async render(db, events) {
      const views = await listViews(db, events.filter(isOwnStream))
      const shared = await listConversationsById(
        db,
        events.filter((event) => !isOwnStream(event)).map((event) => ref(event, 'conversation_id')),
      )
      return events.map((event) => {
        const id = ref(event, 'conversation_id')
        if (isOwnStream(event)) return views.get(`${ref(event, 'user_id')} ${id}`)
        const row = shared.find((each) => each.id === id)
        return row && renderShared(row)
      })
    },
  },
  {
    types: [conversationRemoved],
    render: async (_db, events) => events.map((event) => ({ conversation_id: ref(event, 'conversation_id') })),
  },
  {
    types: [conversationMember],
    async render(db, events) {
      const [people, conversations] = await Promise.all([
        peopleById(
          db,
          events.map((event) => ref(event, 'user_id')),
        ),
        listConversationsById(
          db,
          events.map((event) => ref(event, 'conversation_id')),
        ),
      ])
      return events.map((event) => {
        const userId = ref(event, 'user_id')
        const conversation = conversations.find(({ id }) => id === ref(event, 'conversation_id'))
        return (
          conversation && {
            conversation_id: conversation.id,
            user: people.get(userId) ?? departed(userId, event.at),
            action: ref(event, 'action'),
            by: ref(event, 'by') || null,
            role: ref(event, 'role') || null,
            member_count: conversation.member_count,
          }
        )
      })
    },
  },
  {
    types: [messageReceipt],
    async render(db, events) {
      const members = events.map((event) => ({
        conversationId: ref(event, 'conversation_id'),
        userId: ref(event, 'user_id'),
      }))
      const rows = await listReceiptsOf(db, members)
      return members.map(({ conversationId, userId }) => {
        const row = rows.find((each) => each.conversation_id === conversationId && each.user_id === userId)
        return (
          row && {
            conversation_id: conversationId,
            user_id: userId,
            delivered_seq: row.delivered_seq,
            read_seq: row.last_read_seq,
            at: row.last_read_at,
          }
        )
      })
    },
  },
]

const messageEvents = (told: ToldMessages): EventRenderer => ({
  types: [messageCreated, messageUpdated, messageDeleted],
  async render(db, events) {
    const { rows, senders } = await told.of(db, events)
    const rendered = await withoutOlderQuotes(db, await renderMessages(db, rows, undefined, senders))
    const messages = new Map(rendered.map((message) => [message.id, message]))
    return events.map((event) => {
      const message = messages.get(ref(event, 'message_id'))
      const isHidden = message && isOwnStream(event) && event.type === messageDeleted.type
      return isHidden ? { ...message, text: '', reactions: [], mentions: [], deleted_at: event.at } : message
    })
  },
  hiddenFrom: (db, events) => hiddenFrom(db, events, told),
})

const reactionEvents = (told: ToldMessages): EventRenderer => ({
  types: [messageReaction],
  async render(db, events) {
    const ids = events.map((event) => ref(event, 'message_id'))
    const [rows, reactions] = await Promise.all([listMessagesById(db, ids), listReactions(db, ids)])
    return events.map((event) => {
      const row = rows.find(({ id }) => id === ref(event, 'message_id'))
      return (
        row && {
          message_id: row.id,
          conversation_id: row.conversation_id,
          user_id: ref(event, 'user_id'),
          emoji: ref(event, 'emoji'),
          on: event.refs.on === 1,
          reactions: reactions
            .filter(({ message_id }) => message_id === row.id)
            .map(({ emoji, count }) => ({ emoji, count })),
          version: row.version,
        }
      )
    })
  },
  hiddenFrom: (db, events) => hiddenFrom(db, events, told),
})

/** One telling is for all: where somebody came after what is quoted, its words are for who asks for them. */
async function withoutOlderQuotes(db: Db, messages: readonly Message[]): Promise<Message[]> {
  const quoting = messages.filter(({ reply_to }) => reply_to !== null)
  const newcomers = await listNewcomers(
    db,
    [...new Set(quoting.map(({ conversation_id }) => conversation_id))],
    Math.min(...quoting.map(({ reply_to }) => reply_to?.seq ?? 0)),
  )
  return messages.map((message) => {
    const { reply_to, conversation_id } = message
    const isOlder = newcomers.some(
      (each) => reply_to !== null && each.conversation_id === conversation_id && each.visible_from >= reply_to.seq,
    )
    return reply_to && isOlder ? { ...message, reply_to: { ...reply_to, text: '', attachments: [] } } : message
  })
}

/** Conversations as their receivers see them, by `<user> <conversation>`: one rendering per receiver. */
async function listViews(db: Db, events: readonly AppendedEvent[]) {
  const byUser = new Map<string, Set<string>>()
  for (const event of events) {
    const userId = ref(event, 'user_id')
    byUser.set(userId, (byUser.get(userId) ?? new Set()).add(ref(event, 'conversation_id')))
  }
  const views = await Promise.all(
    [...byUser].map(async ([userId, ids]) => {
      const rows: MembershipRow[] = await listMembershipsById(db, userId, [...ids])
      return (await renderConversations(db, userId, rows)).map((view) => [`${userId} ${view.id}`, view] as const)
    }),
  )
  return new Map(views.flat())
}

/** Who blocked the author, who deleted the message for themselves, and who came later and sees nothing older. */
async function hiddenFrom(
  db: Db,
  events: readonly AppendedEvent[],
  told: ToldMessages,
): Promise<ReadonlySet<string>[]> {
  const { rows, blocks, hides } = await told.of(db, events)
  const placeOf = new Map(rows.map((row) => [row.id, row]))
  // A new message is told to nobody before whose time it is; what changes an older one could be.
  const changed = events.filter((event) => event.type !== messageCreated.type && !isOwnStream(event))
  const changedRows = changed.flatMap((event) => placeOf.get(ref(event, 'message_id')) ?? [])
  const newcomers = await listNewcomers(
    db,
    [...new Set(changedRows.map(({ conversation_id }) => conversation_id))],
    Math.min(...changedRows.map(({ seq }) => seq)),
  )
  return events.map((event) => {
    const messageId = ref(event, 'message_id')
    const message = placeOf.get(messageId)
    const author = message?.sender_id
    const isChange = message !== undefined && changed.includes(event)
    return new Set([
      ...(isChange
        ? newcomers
            .filter(({ conversation_id }) => conversation_id === message.conversation_id)
            .filter(({ visible_from }) => visible_from >= message.seq)
            .map(({ user_id }) => user_id)
        : []),
      ...blocks.filter(({ blocked_id }) => blocked_id === author).map(({ blocker_id }) => blocker_id),
      ...(isOwnStream(event)
        ? []
        : hides.filter(({ message_id }) => message_id === messageId).map(({ user_id }) => user_id)),
    ])
  })
}
