import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { createStream } from '../../platform/events/streams.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { isId, newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { userStream } from '../accounts/index.ts'
import type { PeopleService } from '../people/index.ts'
import { assertExactlyOne, messagingErrors, noConversation } from './messaging.errors.ts'
import {
  advanceRead,
  findConversationByKey,
  findMemberForUpdate,
  findMembership,
  findMessageAt,
  findMessageByClientId,
  insertConversation,
  insertMessage,
  listMemberships,
  listMessages,
  type MembershipRow,
  type MessageRow,
  takeNumber,
} from './messaging.repository.ts'
import {
  type Conversation,
  conversationCreated,
  conversationStream,
  type Message,
  type MessageQuery,
  messageCreated,
  messageReceipt,
  type NewConversation,
  type NewMessage,
  type ReadAnswer,
} from './messaging.schema.ts'
import { renderConversations, renderMessages } from './rendering.ts'

export interface MessagingDependencies {
  database: DatabaseHandle
  people: PeopleService
  limiter: RateLimiter
  cursors: Cursors
  now: Clock
}

const sendLimit: Limit = { name: 'messages', limit: 20, windowSeconds: 10 }
const list = 'conversations'

/** Conversations and their messages; every method asks for membership at the moment of the call. */
export class MessagingService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** The direct conversation with someone, made if there is none. Throws not_found, self_reference. */
  async open(actor: Actor, input: NewConversation): Promise<{ conversation: Conversation; created: boolean }> {
    const { database, people } = this.#deps
    assertExactlyOne({ username: input.username, member_ids: input.member_ids })
    const other = await people.get(input.member_ids?.[0] ?? `@${input.username ?? ''}`)
    if (other.id === actor.userId) throw messagingErrors.self_reference()
    const directKey = [actor.userId, other.id].sort().join(':')
    const known = await findConversationByKey(database.db, directKey)
    const created = known ? undefined : await this.#create(actor.userId, other.id, directKey)
    const id = known?.id ?? created ?? (await findConversationByKey(database.db, directKey))?.id
    if (id === undefined) throw noConversation()
    return { conversation: await this.get(actor, id), created: created !== undefined }
  }

  /** The new id; undefined when the other person opened the same conversation first. */
  async #create(userId: string, otherId: string, directKey: string): Promise<string | undefined> {
    const { database, now } = this.#deps
    const at = now().toISOString()
    const id = newId()
    const common = { conversation_id: id, role: 'member', joined_at: at, visible_from: 0 }
    const unread = { last_read_seq: 0, last_read_number: 0, last_read_at: null }
    const members = [userId, otherId].map((user_id) => ({ ...common, ...unread, user_id }))
    const row = { id, kind: 'direct', title: null, direct_key: directKey, created_by: userId }
    const start = { last_number: 0, last_message_at: null, created_at: at, updated_at: at, version: 1 }
    try {
      await database.unitOfWork(async (uow) => {
        await insertConversation(uow.tx, { ...row, ...start }, members)
        await createStream(uow.tx, conversationStream(id))
        await uow.append(
          members.map(({ user_id }) => ({
            stream: userStream(user_id),
            type: conversationCreated.type,
            refs: { conversation_id: id, user_id },
          })),
        )
      })
      return id
    } catch (error) {
      if (database.dialect.isUniqueViolation(error, 'conversations_direct_key')) return undefined
      throw error
    }
  }

  async list(actor: Actor, page: { limit?: number; cursor?: string }): Promise<{ data: Conversation[]; page: Page }> {
    const { database, cursors } = this.#deps
    const limit = page.limit ?? 20
    const after = page.cursor === undefined ? undefined : cursors.decode<[string, string]>(list, page.cursor)
    const rows = await listMemberships(database.db, actor.userId, { after, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    return {
      data: await renderConversations(database.db, actor.userId, shown),
      page: {
        limit,
        next_cursor: hasMore ? cursors.encode(list, [last.updated_at, last.id]) : null,
        prev_cursor: null,
        has_more: hasMore,
      },
    }
  }

  /** Throws not_found. */
  async get(actor: Actor, conversationId: string): Promise<Conversation> {
    const [conversation] = await renderConversations(this.#deps.database.db, actor.userId, [
      await this.#membership(actor, conversationId),
    ])
    if (!conversation) throw noConversation()
    return conversation
  }

  async #membership(actor: Actor, conversationId: string): Promise<MembershipRow> {
    const row = isId(conversationId) && (await findMembership(this.#deps.database.db, conversationId, actor.userId))
    if (!row) throw noConversation()
    return row
  }

  /** Newest first; with `after` oldest first; with `around` half before and half after, newest first. */
  async messages(actor: Actor, conversationId: string, query: MessageQuery): Promise<{ data: Message[]; page: Page }> {
    const { db } = this.#deps.database
    const { visible_from } = await this.#membership(actor, conversationId)
    const limit = query.limit ?? 20
    const read = (after: number, until: number | undefined, count: number, newestFirst: boolean) =>
      listMessages(db, conversationId, {
        after: Math.max(after, visible_from),
        limit: count,
        newestFirst,
        ...(until === undefined ? {} : { until }),
      })
    let rows: MessageRow[]
    if (query.around !== undefined) {
      const half = Math.ceil(limit / 2)
      const [older, newer] = [
        await read(0, query.around, half, true),
        await read(query.around, undefined, limit - half, false),
      ]
      rows = [...newer.reverse(), ...older]
    } else if (query.after !== undefined) {
      rows = await read(query.after, undefined, limit + 1, false)
    } else {
      rows = await read(0, query.before === undefined ? undefined : query.before - 1, limit + 1, true)
    }
    const data = await renderMessages(db, rows.slice(0, limit))
    return { data, page: { limit, next_cursor: null, prev_cursor: null, has_more: rows.length > limit } }
  }

  /**
   * Stores a message once: a repeat with the same client_id gets the first one back with `deduplicated`.
   * Throws not_found, client_id_reused, rate_limited.
   */
  async send(actor: Actor, conversationId: string, input: NewMessage): Promise<Message> {
    const { database, limiter } = this.#deps
    assertAllowed(await limiter.take(sendLimit, actor.userId))
    if (!isId(conversationId)) throw noConversation()
    try {
      const row = await this.#store(actor.userId, conversationId, input)
      return await this.#rendered(row)
    } catch (error) {
      // The unique index is what decides, so that two sends at once, on two servers too, become one message.
      if (!database.dialect.isUniqueViolation(error, 'messages_sender_id_client_id')) throw error
      return this.#repeated(actor.userId, conversationId, input)
    }
  }

  #store(senderId: string, conversationId: string, input: NewMessage): Promise<MessageRow> {
    const { database, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const member = await findMemberForUpdate(uow.tx, database.dialect, conversationId, senderId)
      if (!member) throw noConversation()
      const at = now().toISOString()
      const id = newId()
      const number = await takeNumber(uow.tx, conversationId, at)
      const [event] = await uow.append([
        { stream: conversationStream(conversationId), type: messageCreated.type, refs: { message_id: id } },
      ])
      const seq = event?.seq ?? 0
      const message: MessageRow = {
        id,
        conversation_id: conversationId,
        seq,
        number,
        sender_id: senderId,
        client_id: input.client_id,
        text: input.text,
        edited_at: null,
        deleted_at: null,
        created_at: at,
        version: 1,
      }
      await insertMessage(uow.tx, message)
      await advanceRead(uow.tx, { conversationId, userId: senderId }, { seq, number, at })
      return message
    })
  }

  async #repeated(senderId: string, conversationId: string, input: NewMessage): Promise<Message> {
    const first = await findMessageByClientId(this.#deps.database.db, senderId, input.client_id)
    const same =
      first && first.conversation_id === conversationId && (first.deleted_at !== null || first.text === input.text)
    if (!same) throw messagingErrors.client_id_reused()
    return { ...(await this.#rendered(first)), deduplicated: true }
  }

  async #rendered(row: MessageRow): Promise<Message> {
    const [message] = await renderMessages(this.#deps.database.db, [row])
    return message as Message
  }

  /** Moves one's read position to the newest message at or before `seq`; it never goes back. */
  async markRead(actor: Actor, conversationId: string, seq: number): Promise<ReadAnswer> {
    const { database, now } = this.#deps
    const before = await this.#membership(actor, conversationId)
    const message = await findMessageAt(database.db, conversationId, seq)
    if (message && message.seq > before.last_read_seq) {
      const position = { seq: message.seq, number: message.number, at: now().toISOString() }
      await database.unitOfWork(async (uow) => {
        if (!(await advanceRead(uow.tx, { conversationId, userId: actor.userId }, position))) return
        const refs = { conversation_id: conversationId, user_id: actor.userId }
        await uow.append([{ stream: userStream(actor.userId), type: messageReceipt.type, refs }])
      })
    }
    const after = await this.#membership(actor, conversationId)
    return { last_read_seq: after.last_read_seq, unread_count: after.last_number - after.last_read_number }
  }
}
