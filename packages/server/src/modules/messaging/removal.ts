import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import { listFiles } from '../files/index.ts'
import { deleteAttachment, findMessageWith } from './attachments.repository.ts'
import { attachmentIds, dropAttachments } from './attachments.ts'
import { conversationStream, conversationUpdated } from './conversation.schema.ts'
import { lockConversation, updateConversation } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { messageDeleted, messageUpdated } from './message.schema.ts'
import { deleteMessageParts, updateSearchTerms } from './message-parts.repository.ts'
import { lockMessage, type MessageRow, updateMessage } from './messages.repository.ts'
import { searchTerms } from './search-terms.ts'

/** Takes the words and files of a locked message; that there was one stays. Answers what is to be told. */
export async function removeMessage(
  uow: UnitOfWork,
  { files, now }: Pick<MessagingDependencies, 'files' | 'now'>,
  message: MessageRow,
): Promise<NewEvent[]> {
  const { id, conversation_id, version, deleted_at } = message
  if (deleted_at !== null) return []
  await deleteMessageParts(uow.tx, id)
  await dropAttachments(uow, files, message)
  const gone = { text: '', mentions: null, attachments: null, deleted_at: now().toISOString(), version: version + 1 }
  await updateMessage(uow.tx, id, gone)
  return [{ stream: conversationStream(conversation_id), type: messageDeleted.type, refs: { message_id: id } }]
}

/** How messages and conversations let go of a file that an administrator removes. */
export function addFileHolders(deps: Pick<MessagingDependencies, 'files' | 'database' | 'now'>): void {
  const { files, database, now } = deps
  files.holders.add('message', async (uow, fileId) => {
    const messageId = await findMessageWith(uow.tx, fileId)
    const message = messageId === undefined ? undefined : await lockMessage(uow.tx, database.dialect, messageId)
    if (!message || message.deleted_at !== null) return []
    const left = attachmentIds(message).filter((id) => id !== fileId)
    // Nothing would be left of it to show.
    if (left.length === 0 && message.text === '') return removeMessage(uow, deps, message)
    const { id, conversation_id, version } = message
    await deleteAttachment(uow.tx, fileId)
    const attachments = left.length === 0 ? null : JSON.stringify(left)
    await updateMessage(uow.tx, id, { attachments, version: version + 1 })
    const names = (await listFiles(uow.tx, left)).map(({ name }) => name)
    await updateSearchTerms(uow.tx, id, searchTerms(message, names))
    return [{ stream: conversationStream(conversation_id), type: messageUpdated.type, refs: { message_id: id } }]
  })
  files.holders.add('conversation', async ({ tx }, fileId, conversationId) => {
    const row = await lockConversation(tx, database.dialect, conversationId)
    if (row?.picture_file_id !== fileId) return []
    const updated_at = now().toISOString()
    await updateConversation(tx, row.id, { picture_file_id: null, version: row.version + 1, updated_at })
    const refs = { conversation_id: row.id }
    return [{ stream: conversationStream(row.id), type: conversationUpdated.type, refs }]
  })
}
