import type { Db } from '../../platform/db/schema.ts'
import { findConversation, findMembership } from './conversations.repository.ts'
import { findMessage } from './messages.repository.ts'

/** What somebody may report. What a blocked person wrote counts: they saw it before they blocked. */
export const reportable = {
  async message(db: Db, messageId: string, viewerId: string) {
    const message = await findMessage(db, messageId)
    if (!message || message.deleted_at !== null) return undefined
    const member = await findMembership(db, message.conversation_id, viewerId)
    if (!member || message.seq <= member.visible_from) return undefined
    return { senderId: message.sender_id, conversationId: message.conversation_id, text: message.text }
  },
  async conversation(db: Db, conversationId: string, viewerId: string) {
    if (await findMembership(db, conversationId, viewerId)) return true
    return (await findConversation(db, conversationId))?.is_public === 1
  },
}
