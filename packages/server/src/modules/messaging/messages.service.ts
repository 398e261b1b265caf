import type { Actor } from '../../platform/actor.ts'
import { writeAll } from '../../platform/db/at-once.ts'
import { keptLengths } from '../../platform/db/prepared.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError } from '../../platform/errors.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import { Gathering } from '../../platform/gathering.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { isId, newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit } from '../../platform/limits/rate-limiter.ts'
import { accessErrors } from '../../platform/policy.ts'
import { isAdministrator, memberOf, readerOf, visibleMessage } from './access.ts'
import { returnFromArchive } from './archive.ts'
import { insertAttachments } from './attachments.repository.ts'
import { attachmentIds, takeAttachments } from './attachments.ts'
import { conversationStream } from './conversation.schema.ts'
import { findMemberForUpdate, type MemberRow } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { mentionedMembers } from './mentions.ts'
import { type Message, type MessageQuery, messageCreated, messageUpdated, type NewMessage } from './message.schema.ts'
import { insertedSearchTerms, insertMentions, listEdits } from './message-parts.repository.ts'
import {
  bumpMessage,
  findMessage,
  findMessageByClientId,
  insertedMessage,
  listMessages,
  type MessageRow,
  takeNumber,
} from './messages.repository.ts'
import { invalid, messagingErrors, noConversation } from './messaging.errors.ts'
import { noticesOf } from './notices.ts'
import { isPlain, PlainSends, type Send } from './plain-sends.ts'
import { advancedRead } from './reading.repository.ts'
import { renderMessages } from './rendering.ts'
import { searchTerms } from './search-terms.ts'
import { seqAtTime } from './seq-at-time.ts'

const sendLimit: Limit = { name: 'messages', limit: 20, windowSeconds: 10 }

/** Writing and reading messages; every method asks for membership at the moment of the call. */
export class MessagesService {
  readonly #deps: MessagingDependencies
  readonly #plain: PlainSends
  readonly #plainSends: Gathering<Send, Message | undefined>

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
    this.#plain = new PlainSends(deps)
    this.#plainSends = new Gathering({
      run: (sends) => this.#sendTogether(sends),
      // Where one transaction writes at a time, a second batch would only wait, and be small.
      lanes: Math.min(2, deps.database.pool.max),
      sizes: keptLengths,
    })
  }

  /** Newest first; with `after` oldest first; with `around` and `at` half before and half after, newest first. */
  async list(actor: Actor, conversationId: string, query: MessageQuery): Promise<{ data: Message[]; page: Page }> {
    const { database, listBlocks } = this.#deps
    const { db } = database
    const member = await memberOf(db, conversationId, actor.userId)
    const reader = await readerOf(db, listBlocks, actor.userId, member)
    const limit = query.limit ?? 20
    const read = (after: number, until: number | undefined, count: number, newestFirst: boolean) =>
      listMessages(db, database.dialect, conversationId, reader, {
        after,
        limit: count,
        newestFirst,
        thread: query.thread,
        ...(until === undefined ? {} : { until }),
      })
    const around =
      query.around ?? (query.at === undefined ? undefined : await seqAtTime(db, member, new Date(query.at)))
    let rows: MessageRow[]
    let hasMore: boolean
    if (around !== undefined) {
      const half = Math.ceil(limit / 2)
      const [older, newer] = await Promise.all([
        read(0, around, half + 1, true),
        read(around, undefined, limit - half, false),
      ])
      hasMore = older.length > half
      rows = [...newer.reverse(), ...older.slice(0, half)]
    } else {
      const isForward = query.after !== undefined
      const until = query.before === undefined ? undefined : query.before - 1
      const found = await read(query.after ?? 0, until, limit + 1, !isForward)
      hasMore = found.length > limit
      rows = found.slice(0, limit)
    }
    const data = await renderMessages(db, rows, actor.userId)
    return { data, page: { limit, next_cursor: null, prev_cursor: null, has_more: hasMore } }
  }

  /** Throws not_found. */
  async get(actor: Actor, messageId: string): Promise<Message> {
    const { database, listBlocks } = this.#deps
    const { message } = await visibleMessage(database.db, listBlocks, messageId, actor.userId)
    return this.#rendered(message, actor.userId)
  }

  /**
   * Stores a message once: a repeat with the same client_id gets the first one back with `deduplicated`.
   * Throws not_found, not_a_member, client_id_reused, messaging_not_allowed, forbidden, rate_limited.
   */
  async send(actor: Actor, conversationId: string, input: NewMessage): Promise<Message> {
    const { limiter } = this.#deps
    assertAllowed(await limiter.take(sendLimit, actor.userId))
    if (!isId(conversationId)) throw noConversation()
    assertNotEmpty(input)
    const stored = isPlain(input)
      ? await this.#plainSends.add({ senderId: actor.userId, conversationId, input })
      : undefined
    return stored ?? this.#sendAlone(actor, conversationId, input)
  }

  /** Undefined for what has to be sent alone. */
  async #sendTogether(sends: readonly Send[]): Promise<(Message | undefined)[]> {
    const { database } = this.#deps
    try {
      const { rows, senders } = await this.#plain.store(sends)
      const known = rows.filter((row) => row !== undefined)
      const messages = await renderMessages(database.db, known, undefined, senders)
      const byId = new Map(messages.map((message) => [message.id, message]))
      return rows.map((row) => row && byId.get(row.id))
    } catch (error) {
      if (database.dialect.isUnavailable(error) || error instanceof AppError) throw error
      // Another server stored one of them meanwhile. Nothing of this was kept; each finds out for itself.
      return sends.map(() => undefined)
    }
  }

  async #sendAlone(actor: Actor, conversationId: string, input: NewMessage): Promise<Message> {
    const { database } = this.#deps
    try {
      const row = await this.#store(actor.userId, conversationId, input)
      return await this.#rendered(row)
    } catch (error) {
      // The unique index is what decides, so that two sends at once, on two servers too, become one message.
      if (database.dialect.isUniqueViolation(error, 'messages_sender_id_client_id')) {
        return this.#repeated(actor.userId, conversationId, input)
      }
      if (database.dialect.isUniqueViolation(error, 'message_attachments_pkey')) throw fileInUse()
      if (error === notMember) await memberOf(database.db, conversationId, actor.userId)
      throw error === notMember ? noConversation() : error
    }
  }

  #store(senderId: string, conversationId: string, input: NewMessage): Promise<MessageRow> {
    const { database, now, notify, files } = this.#deps
    const { text = '', attachment_ids: fileIds = [] } = input
    return database.unitOfWork(async (uow) => {
      const member = await findMemberForUpdate(uow.tx, database.dialect, conversationId, senderId)
      if (!member) throw notMember
      const at = now().toISOString()
      const id = newId()
      const answered = await this.#answered(uow, member, input.reply_to)
      const threadId = answered && (answered.thread_id ?? answered.id)
      if (threadId) await bumpMessage(uow.tx, threadId, 1)
      const mentions = await mentionedMembers(uow.tx, conversationId, text)
      const attached = await takeAttachments(uow, files, fileIds, { senderId, conversationId })
      const conversation = await takeNumber(uow.tx, conversationId, at)
      if (!conversation) throw noConversation()
      const { last_number: number, direct_key, posting } = conversation
      const otherId = direct_key?.split(':').find((each) => each !== senderId)
      if (otherId !== undefined) await this.#deps.relations.assertMayMessage(uow.tx, senderId, otherId)
      if (posting === 'admins' && !isAdministrator(member)) throw onlyAdmins()

      const stream = conversationStream(conversationId)
      const notices = noticesOf({ id, conversation, senderId, mentions, answeredId: answered?.sender_id })
      const told = await notify(uow, notices)
      const back: NewEvent[] =
        conversation.has_archived && direct_key ? await returnFromArchive(uow.tx, conversation) : []
      const [event] = await uow.append([
        { stream, type: messageCreated.type, refs: { message_id: id } },
        ...(threadId ? [{ stream, type: messageUpdated.type, refs: { message_id: threadId } }] : []),
        ...told,
        ...back,
      ])
      const seq = event?.seq ?? 0
      const message: MessageRow = {
        id,
        conversation_id: conversationId,
        seq,
        number,
        sender_id: senderId,
        client_id: input.client_id,
        text,
        format: input.format ?? 'plain',
        reply_to_id: answered?.id ?? null,
        thread_id: threadId ?? null,
        reply_count: 0,
        mentions: mentions.length === 0 ? null : JSON.stringify(mentions),
        attachments: fileIds.length === 0 ? null : JSON.stringify(fileIds),
        edited_at: null,
        deleted_at: null,
        created_at: at,
        version: 1,
      }
      const names = attached.map(({ name }) => name)
      await writeAll(uow.tx, [
        insertedMessage.written(uow.tx, message),
        insertedSearchTerms.written(uow.tx, { messageId: id, terms: searchTerms(message, names) }),
        advancedRead.written(uow.tx, { conversationId, userId: senderId, seq, number, at }),
      ])
      if (fileIds.length > 0) await insertAttachments(uow.tx, id, fileIds)
      await insertMentions(uow.tx, message, mentions)
      return message
    })
  }

  /** The message that is answered: one that the sender can see in the same conversation. */
  async #answered(uow: UnitOfWork, member: MemberRow, id: string | undefined): Promise<MessageRow | undefined> {
    if (id === undefined) return undefined
    const message = await findMessage(uow.tx, id)
    const isVisible = message?.conversation_id === member.conversation_id && message.seq > member.visible_from
    if (!isVisible) throw invalid('/reply_to', 'not_found', 'There is no such message in this conversation')
    return message
  }

  async #repeated(senderId: string, conversationId: string, input: NewMessage): Promise<Message> {
    const first = await findMessageByClientId(this.#deps.database.db, senderId, input.client_id)
    const isSame =
      first &&
      first.conversation_id === conversationId &&
      (first.deleted_at !== null || (await this.#saidTheSame(first, input))) &&
      first.reply_to_id === (input.reply_to ?? null)
    if (!isSame) throw messagingErrors.client_id_reused()
    return { ...(await this.#rendered(first)), deduplicated: true }
  }

  async #saidTheSame(message: MessageRow, { text = '', attachment_ids = [] }: NewMessage): Promise<boolean> {
    const files = attachmentIds(message)
    const isSame = files.length === attachment_ids.length && files.every((id, index) => id === attachment_ids[index])
    return isSame && (await this.#firstText(message)) === text
  }

  /** What it said when it was sent: a repeat of a message that was edited meanwhile is still a repeat. */
  async #firstText(message: MessageRow): Promise<string> {
    if (message.edited_at === null) return message.text
    const [first] = await listEdits(this.#deps.database.db, message.id, 1)
    return first?.text ?? message.text
  }

  async #rendered(row: MessageRow, viewerId?: string): Promise<Message> {
    const [message] = await renderMessages(this.#deps.database.db, [row], viewerId)
    return message as Message
  }
}

function assertNotEmpty({ text = '', attachment_ids = [] }: NewMessage): void {
  const isBlank = text.trim() === ''
  if (!isBlank || (text === '' && attachment_ids.length > 0)) return
  throw invalid('/text', 'required', 'Write something, or attach a file')
}

const fileInUse = () => invalid('/attachment_ids', 'used', 'Each file can be in one message only; upload it again')

/** Decided inside the transaction, explained outside of it. */
const notMember = new Error('Not a member')

const onlyAdmins = () => accessErrors.forbidden({ detail: 'Only its administrators write in this conversation' })
