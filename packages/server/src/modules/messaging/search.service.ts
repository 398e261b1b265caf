import type { Actor } from '../../platform/actor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { readerOf } from './access.ts'
import { listMembershipIds } from './conversations.repository.ts'
import type { MessagingDependencies } from './dependencies.ts'
import type { MessageHit, SearchQuery } from './message.schema.ts'
import { invalid } from './messaging.errors.ts'
import { renderMessages } from './rendering.ts'
import type { SearchBeginnings } from './search-beginnings.ts'
import { findHits } from './search-hits.ts'
import { marksIn, searchGroups } from './search-terms.ts'

const list = 'search'
/** A search looks through so many conversations, the ones with the newest messages. */
const mostConversations = 1_000

/** Finding messages by their words, among what the reader may see now. */
export class SearchService {
  readonly #deps: MessagingDependencies
  readonly #beginnings: SearchBeginnings

  constructor(deps: MessagingDependencies, beginnings: SearchBeginnings) {
    this.#deps = deps
    this.#beginnings = beginnings
  }

  /** Newest first. Throws bad_cursor; a conversation that is not the reader's has no hits. */
  async search(actor: Actor, query: SearchQuery): Promise<{ data: MessageHit[]; page: Page }> {
    const { database, cursors, listBlocks, people } = this.#deps
    const { db } = database
    const limit = query.limit ?? 20
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string | number]>(list, query.cursor)
    const mine = await listMembershipIds(db, actor.userId, mostConversations)
    const conversationIds =
      query.conversation_id === undefined ? mine : mine.filter((id) => id === query.conversation_id)
    const senderId = query.from === undefined ? undefined : (await people.get(query.from, actor.userId)).id
    const text = query.q ?? ''
    if (text === '' && query.has === undefined) throw invalid('/q', 'required', 'Say what to look for')
    const beginnings = await this.#beginnings.areComplete()
    const groups = searchGroups({ text, senderId, withFile: query.has === 'file', beginnings })
    const { blockedIds } = await readerOf(db, listBlocks, actor.userId, { visible_from: 0 })
    const rows =
      groups.length === 0 || conversationIds.length === 0
        ? []
        : await findHits(db, database.dialect, {
            groups,
            conversationIds,
            reader: { userId: actor.userId, blockedIds },
            before,
            from: query.after && new Date(query.after).toISOString(),
            until: query.before && new Date(query.before).toISOString(),
            limit: limit + 1,
          })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const messages = await renderMessages(
      db,
      shown.map(({ place: _, ...row }) => row),
      actor.userId,
    )
    return {
      data: messages.map((message) => ({ message, marks: marksIn(message.text, text) })),
      page: {
        limit,
        next_cursor: hasMore ? cursors.encode(list, [last.place]) : null,
        prev_cursor: null,
        has_more: hasMore,
      },
    }
  }
}
