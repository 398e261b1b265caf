import type { Db } from '../../platform/db/schema.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import { userStream } from '../accounts/index.ts'
import { conversationUpdated } from './conversation.schema.ts'
import { type ConversationRow, unarchiveAll } from './conversations.repository.ts'

/** A direct conversation that somebody put away is back with its next message. */
export async function returnFromArchive(tx: Db, conversation: ConversationRow): Promise<NewEvent[]> {
  const userIds = await unarchiveAll(tx, conversation.id)
  return userIds.map((user_id) => ({
    stream: userStream(user_id),
    type: conversationUpdated.type,
    refs: { conversation_id: conversation.id, user_id },
  }))
}
