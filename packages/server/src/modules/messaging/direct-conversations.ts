import type { Db } from '../../platform/db/schema.ts'
import type { DirectConversations } from '../people/index.ts'
import { listDirectConversations, listMembershipsById } from './conversations.repository.ts'
import { listLastMessages } from './messages.repository.ts'
import { renderMessages } from './rendering.ts'

/** What the list of friends shows of one's conversations with them. */
export const directConversations: DirectConversations = {
  async list(db: Db, userId: string, otherIds: readonly string[]) {
    const rows = await listDirectConversations(db, userId, otherIds)
    return rows.map((row) => ({
      other_id: row.direct_key?.split(':').find((id) => id !== userId) ?? '',
      conversation_id: row.id,
      unread_count: row.last_number - row.last_read_number,
      last_message_at: row.last_message_at,
    }))
  },
  async lastMessages(db: Db, userId: string, conversationIds: readonly string[]) {
    const rows = await listMembershipsById(db, userId, conversationIds)
    const messages = await renderMessages(db, await listLastMessages(db, rows), userId)
    return new Map(messages.map((message) => [message.conversation_id, message]))
  },
}
