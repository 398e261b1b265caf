import type { ConversationRow } from './conversations.repository.ts'
import { messageUrl, type Notice } from './dependencies.ts'

/** Mentions and replies; a plain message writes no notice. `@all` is a mark of the conversation, not a notice each. */
export function noticesOf(message: {
  id: string
  conversation: Pick<ConversationRow, 'id'>
  senderId: string
  mentions: readonly string[]
  answeredId?: string | undefined
}): Notice[] {
  const { id, conversation, senderId, mentions, answeredId } = message
  const about = {
    actorId: senderId,
    target: { type: 'message' as const, id, url: messageUrl(conversation.id, id) },
    data: { conversation_id: conversation.id, message_id: id },
  }
  const named = mentions.filter((userId) => userId !== 'all' && userId !== senderId)
  const answered = answeredId === undefined || answeredId === senderId || named.includes(answeredId) ? [] : [answeredId]
  return [
    ...named.map((userId): Notice => ({ userId, type: 'message_mention', ...about })),
    ...answered.map((userId): Notice => ({ userId, type: 'message_reply', ...about })),
  ]
}
