import type { Actor } from '../../platform/actor.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { accessErrors } from '../../platform/policy.ts'
import { userStream } from '../accounts/index.ts'
import { listFiles } from '../files/index.ts'
import { isAdministrator, visibleMessage } from './access.ts'
import { attachmentIds } from './attachments.ts'
import { conversationStream } from './conversation.schema.ts'
import { findMemberForUpdate, type MemberRow } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { mentionedMembers } from './mentions.ts'
import { type DeleteFor, type Message, type MessageVersion, messageDeleted, messageUpdated } from './message.schema.ts'
import {
  deleteMentions,
  insertEdit,
  insertHide,
  insertMentions,
  listEdits,
  updateSearchTerms,
} from './message-parts.repository.ts'
import { findMessage, lockMessage, type MessageRow, updateMessage } from './messages.repository.ts'
import { messagingErrors, noMessage } from './messaging.errors.ts'
import { noticesOf } from './notices.ts'
import { removeMessage } from './removal.ts'
import { renderMessages } from './rendering.ts'
import { searchTerms } from './search-terms.ts'

const historyLength = 100

/** Changing what was written: edits with their history, deletions for oneself or for everyone, removal by moderators. */
export class EditingService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** Throws not_found, forbidden, message_deleted, edit_window_over. */
  async edit(actor: Actor, messageId: string, text: string): Promise<Message> {
    const { database, now, notify, editMinutes } = this.#deps
    await this.#visible(actor, messageId)
    await database.unitOfWork(async (uow) => {
      const { message } = await this.#held(uow, messageId, actor.userId)
      if (message.sender_id !== actor.userId)
        throw accessErrors.forbidden({ detail: 'Only its author edits a message' })
      if (message.deleted_at !== null) throw messagingErrors.message_deleted()
      const age = now().getTime() - new Date(message.created_at).getTime()
      const minutes = editMinutes()
      if (minutes > 0 && age > minutes * 60_000) throw messagingErrors.edit_window_over()
      if (message.text === text) return
      const edited_at = now().toISOString()
      const { id, version, conversation_id } = message
      const mentions = await mentionedMembers(uow.tx, conversation_id, text)
      const before = mentionsOf(message)
      await insertEdit(uow.tx, { message_id: id, version, text: message.text, edited_at })
      await updateMessage(uow.tx, id, {
        text,
        edited_at,
        version: version + 1,
        mentions: mentions.length === 0 ? null : JSON.stringify(mentions),
      })
      const files = await listFiles(uow.tx, attachmentIds(message))
      const names = files.map(({ name }) => name)
      await updateSearchTerms(uow.tx, id, searchTerms({ ...message, text }, names))
      await deleteMentions(uow.tx, id)
      await insertMentions(uow.tx, message, mentions)
      // Whoever was named before knows already.
      const added = mentions.filter((userId) => !before.includes(userId))
      const notices = noticesOf({ id, conversation: { id: conversation_id }, senderId: actor.userId, mentions: added })
      const told = await notify(uow, notices)
      await uow.append([
        { stream: conversationStream(conversation_id), type: messageUpdated.type, refs: { message_id: id } },
        ...told,
      ])
    })
    return this.#rendered(messageId, actor.userId)
  }

  /** What a message said before, oldest first, for those who see it. Throws not_found. */
  async history(actor: Actor, messageId: string): Promise<MessageVersion[]> {
    await this.#visible(actor, messageId)
    const edits = await listEdits(this.#deps.database.db, messageId, historyLength)
    return edits.map(({ version, text, edited_at }) => ({ version, text, edited_at }))
  }

  /** For everyone by its author, or by an administrator of the conversation. Throws not_found, forbidden. */
  async delete(actor: Actor, messageId: string, target: DeleteFor): Promise<void> {
    const { message } = await this.#visible(actor, messageId)
    if (target === 'me') return this.#hide(message, actor.userId)
    await this.#deps.database.unitOfWork(async (uow) => {
      const { message: held, member } = await this.#held(uow, messageId, actor.userId)
      if (held.sender_id !== actor.userId && !isAdministrator(member)) {
        throw accessErrors.forbidden({ detail: 'Only its author or an administrator deletes a message for everyone' })
      }
      await this.#remove(uow, held)
    })
  }

  /** By a moderator, whoever wrote it and wherever. Throws not_found. */
  async removeByModerator(messageId: string, reason: string): Promise<void> {
    const { database, audit } = this.#deps
    await database.unitOfWork(async (uow) => {
      const message = await lockMessage(uow.tx, database.dialect, messageId)
      if (!message) throw noMessage()
      const detail = { reason, conversation_id: message.conversation_id }
      const resource = { type: 'message', id: messageId }
      await audit.record(uow.tx, { type: 'message_removed', userId: message.sender_id, resource, detail })
      await this.#remove(uow, message)
    })
  }

  async #hide({ id, conversation_id }: MessageRow, userId: string): Promise<void> {
    const { database } = this.#deps
    const refs = { message_id: id, conversation_id, user_id: userId }
    const hidden = database.unitOfWork(async (uow) => {
      await insertHide(uow.tx, userId, id)
      await uow.append([{ stream: userStream(userId), type: messageDeleted.type, refs }])
    })
    await hidden.catch((error: unknown) => {
      // It is hidden already, by another device at the same moment.
      if (!database.dialect.isUniqueViolation(error, 'message_hides_pkey')) throw error
    })
  }

  async #remove(uow: UnitOfWork, message: MessageRow): Promise<void> {
    const told = await removeMessage(uow, this.#deps, message)
    if (told.length > 0) await uow.append(told)
  }

  #visible(actor: Actor, messageId: string) {
    return visibleMessage(this.#deps.database.db, this.#deps.listBlocks, messageId, actor.userId)
  }

  /** Member and message, locked: nobody is removed and nothing is edited between look and write. */
  async #held(uow: UnitOfWork, messageId: string, userId: string): Promise<{ message: MessageRow; member: MemberRow }> {
    const { dialect } = this.#deps.database
    const known = await findMessage(uow.tx, messageId)
    const member = known && (await findMemberForUpdate(uow.tx, dialect, known.conversation_id, userId))
    const message = member && (await lockMessage(uow.tx, dialect, messageId))
    if (!message || !member) throw noMessage()
    return { message, member }
  }

  async #rendered(messageId: string, viewerId: string): Promise<Message> {
    const { db } = this.#deps.database
    const row = await findMessage(db, messageId)
    if (!row) throw noMessage()
    const [message] = await renderMessages(db, [row], viewerId)
    return message as Message
  }
}

const mentionsOf = ({ mentions }: MessageRow): string[] => (mentions === null ? [] : (JSON.parse(mentions) as string[]))
