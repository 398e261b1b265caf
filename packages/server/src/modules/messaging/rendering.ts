import type { Db } from '../../platform/db/schema.ts'
import type { EventRenderer } from '../../platform/events/event-types.ts'
import { listPublicUsers, type PublicUser } from '../accounts/index.ts'
import {
  findMembership,
  findReceipt,
  listLastMessages,
  listMembers,
  listMessagesById,
  type MembershipRow,
  type MessageRow,
} from './messaging.repository.ts'
import {
  type Conversation,
  conversationCreated,
  type Message,
  messageCreated,
  messageReceipt,
} from './messaging.schema.ts'

/** Messages with their senders, in the order given; one query for all senders. */
export async function renderMessages(db: Db, rows: readonly MessageRow[]): Promise<Message[]> {
  const people = await byId(
    db,
    rows.map((row) => row.sender_id),
  )
  return rows.map(({ sender_id, ...row }) => ({
    ...row,
    text: row.deleted_at === null ? row.text : '',
    sender: people.get(sender_id) ?? departed(sender_id, row.created_at),
  }))
}

/** Conversations as one member sees them, in the order given. */
export async function renderConversations(
  db: Db,
  userId: string,
  rows: readonly MembershipRow[],
): Promise<Conversation[]> {
  const [members, lastMessages] = await Promise.all([
    listMembers(
      db,
      rows.map((row) => row.id),
    ),
    listLastMessages(db, rows).then((messages) => renderMessages(db, messages)),
  ])
  const others = members.filter((member) => member.user_id !== userId)
  const people = await byId(
    db,
    others.map((member) => member.user_id),
  )
  return rows.map((row) => ({
    id: row.id,
    kind: 'direct',
    title: row.title,
    members_preview: others
      .filter((member) => member.conversation_id === row.id)
      .slice(0, 5)
      .map((member) => people.get(member.user_id) ?? departed(member.user_id, row.created_at)),
    last_message: lastMessages.find((message) => message.conversation_id === row.id) ?? null,
    unread_count: row.last_number - row.last_read_number,
    my_role: row.role,
    last_read_seq: row.last_read_seq,
    created_at: row.created_at,
    updated_at: row.updated_at,
    version: row.version,
  }))
}

async function byId(db: Db, ids: readonly string[]): Promise<Map<string, PublicUser>> {
  return new Map((await listPublicUsers(db, ids)).map((user) => [user.id, user]))
}

/** What someone wrote outlives the account. */
const departed = (id: string, at: string): PublicUser => ({
  id,
  username: 'departed',
  display_name: null,
  bio: null,
  created_at: at,
})

export const messagingEvents: EventRenderer[] = [
  {
    types: [messageCreated],
    async render(db, events) {
      const rows = await listMessagesById(
        db,
        events.map((event) => String(event.refs.message_id)),
      )
      const messages = new Map((await renderMessages(db, rows)).map((message) => [message.id, message]))
      return events.map((event) => messages.get(String(event.refs.message_id)))
    },
  },
  {
    types: [conversationCreated],
    render: (db, events) =>
      Promise.all(
        events.map(async ({ refs }) => {
          const row = await findMembership(db, String(refs.conversation_id), String(refs.user_id))
          return row && (await renderConversations(db, String(refs.user_id), [row]))[0]
        }),
      ),
  },
  {
    types: [messageReceipt],
    render: (db, events) =>
      Promise.all(
        events.map(async ({ refs }) => {
          const row = await findReceipt(db, String(refs.conversation_id), String(refs.user_id))
          return (
            row && {
              conversation_id: row.conversation_id,
              user_id: row.user_id,
              delivered_seq: row.last_read_seq,
              read_seq: row.last_read_seq,
              at: row.last_read_at,
            }
          )
        }),
      ),
  },
]
