import type { Actor } from '../../platform/actor.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { accessErrors } from '../../platform/policy.ts'
import { isAdministrator, memberOf, readerOf, visibleMessage } from './access.ts'
import { conversationStream } from './conversation.schema.ts'
import { findMemberForUpdate } from './conversations.repository.ts'
import { type MessagingDependencies, messageUrl, type Notice } from './dependencies.ts'
import { isEmoji } from './emoji.ts'
import {
  countBookmarks,
  countPins,
  countReactions,
  deleteBookmark,
  deletePin,
  deleteReaction,
  insertBookmark,
  insertPin,
  insertReaction,
  listBookmarked,
  listPinned,
} from './marks.repository.ts'
import { type Message, messageReaction, messageUpdated, type Reaction } from './message.schema.ts'
import { bumpMessage, findMessage, lockMessage, type MessageRow } from './messages.repository.ts'
import { invalid, messagingErrors, noMessage } from './messaging.errors.ts'
import { renderMessages } from './rendering.ts'

/** Of each kind per message, so that no message grows without end. */
const mostEmoji = 20
const mostPins = 50
const mostBookmarks = 500

/** What one does to a message that stays as it is: reactions, pins for all, bookmarks for oneself. */
export class MarksService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** Sets or takes back one's reaction; the same twice changes nothing. Throws not_found, message_deleted. */
  async react(actor: Actor, messageId: string, emoji: string, on: boolean): Promise<Reaction[]> {
    const { database, now, notify } = this.#deps
    if (!isEmoji(emoji)) throw invalid('/emoji', 'not_an_emoji', 'Send one emoji')
    const { message } = await this.#visible(actor, messageId)
    const { userId } = actor
    await database.unitOfWork(async (uow) => {
      const held = await this.#held(uow, message, userId)
      const reaction = { message_id: messageId, emoji, user_id: userId }
      if (on && (await countReactions(uow.tx, messageId, emoji)) >= mostEmoji) {
        throw invalid('/emoji', 'too_many', `A message has at most ${mostEmoji} kinds of reactions`)
      }
      const changed = on
        ? await insertReaction(uow.tx, { ...reaction, created_at: now().toISOString() })
        : await deleteReaction(uow.tx, reaction)
      if (!changed) return
      await bumpMessage(uow.tx, messageId)
      const told = on && held.sender_id !== userId ? await notify(uow, [reactionNotice(held, userId, emoji)]) : []
      const refs = { message_id: messageId, user_id: userId, emoji, on: on ? 1 : 0 }
      await uow.append([
        { stream: conversationStream(held.conversation_id), type: messageReaction.type, refs },
        ...told,
      ])
    })
    const row = await findMessage(database.db, messageId)
    const [rendered] = await renderMessages(database.db, row ? [row] : [], userId)
    return rendered?.reactions ?? []
  }

  /** For all members; in groups and channels by administrators. Throws not_found, forbidden, message_deleted. */
  async pin(actor: Actor, conversationId: string, messageId: string, on: boolean): Promise<void> {
    const { database, now } = this.#deps
    const { message, member } = await this.#visible(actor, messageId)
    if (message.conversation_id !== conversationId) throw noMessage()
    if (member.kind !== 'direct' && !isAdministrator(member)) {
      throw accessErrors.forbidden({ detail: 'Only administrators of the conversation pin messages' })
    }
    await database.unitOfWork(async (uow) => {
      await this.#held(uow, message, actor.userId)
      const pin = { conversation_id: conversationId, message_id: messageId }
      const changed = on
        ? await insertPin(uow.tx, { ...pin, pinned_by: actor.userId, created_at: now().toISOString() })
        : await deletePin(uow.tx, pin)
      if (!changed) return
      // After it: what is pinned already may be pinned again.
      if (on && (await countPins(uow.tx, conversationId)) > mostPins) {
        throw invalid('/message_id', 'too_many', `At most ${mostPins} messages are pinned at a time`)
      }
      await bumpMessage(uow.tx, messageId)
      const stream = conversationStream(conversationId)
      await uow.append([{ stream, type: messageUpdated.type, refs: { message_id: messageId } }])
    })
  }

  /** Newest pin first. Throws not_found. */
  async pins(actor: Actor, conversationId: string): Promise<Message[]> {
    const { database, listBlocks } = this.#deps
    const member = await memberOf(database.db, conversationId, actor.userId)
    const { blockedIds, visibleFrom } = await readerOf(database.db, listBlocks, actor.userId, member)
    const rows = await listPinned(database.db, conversationId, mostPins)
    const shown = rows.filter((row) => row.seq > visibleFrom && !blockedIds.includes(row.sender_id))
    return renderMessages(database.db, shown, actor.userId)
  }

  /** Throws not_found. */
  async bookmark(actor: Actor, messageId: string, on: boolean): Promise<void> {
    const { database, now } = this.#deps
    const { userId } = actor
    if (on) await this.#visible(actor, messageId)
    const change = database.unitOfWork(async ({ tx }) => {
      if (!on) return deleteBookmark(tx, userId, messageId)
      await insertBookmark(tx, { user_id: userId, message_id: messageId, created_at: now().toISOString() })
      if ((await countBookmarks(tx, userId)) > mostBookmarks) {
        throw invalid('/message_id', 'too_many', `At most ${mostBookmarks} messages are kept`)
      }
    })
    await change.catch((error: unknown) => {
      // It is kept already: that is what was asked for.
      if (!database.dialect.isUniqueViolation(error, 'bookmarks_pkey')) throw error
    })
  }

  /** Newest bookmark first; what one cannot see any more is left out. */
  async bookmarks(actor: Actor): Promise<Message[]> {
    const { database, listBlocks } = this.#deps
    const { blockedIds } = await readerOf(database.db, listBlocks, actor.userId, { visible_from: 0 })
    const rows = await listBookmarked(database.db, actor.userId, mostBookmarks)
    const shown = rows.filter(({ sender_id }) => !blockedIds.includes(sender_id))
    return renderMessages(database.db, shown, actor.userId)
  }

  #visible(actor: Actor, messageId: string) {
    return visibleMessage(this.#deps.database.db, this.#deps.listBlocks, messageId, actor.userId)
  }

  /** Member and message, locked. */
  async #held(uow: UnitOfWork, { id, conversation_id }: MessageRow, userId: string): Promise<MessageRow> {
    const { dialect } = this.#deps.database
    const member = await findMemberForUpdate(uow.tx, dialect, conversation_id, userId)
    const message = member && (await lockMessage(uow.tx, dialect, id))
    if (!message) throw noMessage()
    if (message.deleted_at !== null) throw messagingErrors.message_deleted()
    return message
  }
}

const reactionNotice = (message: MessageRow, actorId: string, emoji: string): Notice => ({
  userId: message.sender_id,
  type: 'message_reaction',
  actorId,
  target: { type: 'message', id: message.id, url: messageUrl(message.conversation_id, message.id) },
  data: { conversation_id: message.conversation_id, message_id: message.id, emoji },
})
