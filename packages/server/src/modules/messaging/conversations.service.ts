import type { Actor } from '../../platform/actor.ts'
import { createStream } from '../../platform/events/streams.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { userStream } from '../accounts/index.ts'
import { peopleErrors } from '../people/index.ts'
import { memberOf } from './access.ts'
import {
  type Conversation,
  type ConversationQuery,
  conversationCreated,
  conversationStream,
  type NewConversation,
} from './conversation.schema.ts'
import { findConversationByKey, insertConversation, listMemberships } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { createGroup } from './group-creation.ts'
import { assertNotTooMany } from './membership.ts'
import { assertExactlyOne, noConversation } from './messaging.errors.ts'
import { renderConversations } from './rendering.ts'

const list = 'conversations'

/** The conversations of a person: finding them, and beginning new ones. */
export class ConversationsService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /**
   * The direct conversation with someone, made if there is none; or a new group or channel. Throws not_found,
   * self_reference, messaging_not_allowed, validation_failed, state_conflict.
   */
  async open(actor: Actor, input: NewConversation): Promise<{ conversation: Conversation; created: boolean }> {
    if (input.kind === 'direct') return this.#openDirect(actor, input)
    return { conversation: await this.get(actor, await createGroup(this.#deps, actor, input)), created: true }
  }

  async #openDirect(actor: Actor, input: NewConversation): Promise<{ conversation: Conversation; created: boolean }> {
    const { database, people } = this.#deps
    assertExactlyOne({ username: input.username, member_ids: input.member_ids?.length === 1 ? [] : undefined })
    const other = await people.get(input.member_ids?.[0] ?? `@${input.username ?? ''}`, actor.userId)
    if (other.id === actor.userId) throw peopleErrors.self_reference()
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
    const row = { id, kind: 'direct', title: null, direct_key: directKey, created_by: userId, member_count: 2 }
    const start = { last_number: 0, last_message_at: null, created_at: at, updated_at: at, version: 1 }
    try {
      await database.unitOfWork(async (uow) => {
        await this.#deps.relations.assertMayMessage(uow.tx, userId, otherId)
        await assertNotTooMany(uow.tx, [userId])
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

  async list(actor: Actor, query: ConversationQuery): Promise<{ data: Conversation[]; page: Page }> {
    const { database, cursors } = this.#deps
    const limit = query.limit ?? 20
    const after = query.cursor === undefined ? undefined : cursors.decode<[string, string]>(list, query.cursor)
    const { archived = false, pinned } = query
    const rows = await listMemberships(database.db, actor.userId, { after, limit: limit + 1, archived, pinned })
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

  /** Throws not_found, not_a_member. */
  async get(actor: Actor, conversationId: string): Promise<Conversation> {
    const { db } = this.#deps.database
    const member = await memberOf(db, conversationId, actor.userId)
    const [conversation] = await renderConversations(db, actor.userId, [member])
    if (!conversation) throw noConversation()
    return conversation
  }
}
