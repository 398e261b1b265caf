import type { Actor } from '../../platform/actor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { accessErrors } from '../../platform/policy.ts'
import { listJoined, listPublicChannels } from './channels.repository.ts'
import type { Channel, ChannelQuery } from './conversation.schema.ts'
import { findMember, lockConversation } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import { findBan } from './members.repository.ts'
import { admit } from './membership.ts'
import { noConversation } from './messaging.errors.ts'
import { renderShared } from './rendering.ts'

const list = 'channels'

/** Public channels: finding them, and joining. */
export class ChannelsService {
  readonly #deps: MessagingDependencies

  constructor(deps: MessagingDependencies) {
    this.#deps = deps
  }

  /** By title. Throws bad_cursor. */
  async list(actor: Actor, query: ChannelQuery): Promise<{ data: Channel[]; page: Page }> {
    const { database, cursors } = this.#deps
    const { db } = database
    const limit = query.limit ?? 20
    const search = query.search?.trim() || undefined
    const after = query.cursor === undefined ? undefined : cursors.decode<[string, string]>(list, query.cursor)
    const found = await listPublicChannels(db, { search, after, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const joined = await listJoined(
      db,
      actor.userId,
      rows.map(({ id }) => id),
    )
    const last = rows.at(-1)
    const has_more = found.length > limit && last !== undefined
    const next_cursor = has_more ? cursors.encode(list, [last.title, last.id]) : null
    return {
      data: rows.map((row) => ({ ...renderShared(row), joined: joined.includes(row.id) })),
      page: { limit, next_cursor, prev_cursor: null, has_more },
    }
  }

  /** A public one; a second time changes nothing. Throws not_found, forbidden, state_conflict. */
  async join(actor: Actor, conversationId: string): Promise<void> {
    const { database } = this.#deps
    const { userId } = actor
    await database.unitOfWork(async (uow) => {
      const conversation = await lockConversation(uow.tx, database.dialect, conversationId)
      const isMember = conversation && (await findMember(uow.tx, conversationId, userId))
      if (isMember) return
      if (conversation?.is_public !== 1) throw noConversation()
      if (await findBan(uow.tx, conversationId, userId)) {
        throw accessErrors.forbidden({ detail: 'You were banned from this channel' })
      }
      await admit(uow, this.#deps, conversation, { userId, role: 'member', action: 'joined', by: null })
    })
  }
}
