import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { deleteFriendship, type FriendshipRow, findFriendship, listFriendships } from './friends.repository.ts'
import { lockPair } from './pair-lock.ts'
import { noSuchPerson } from './people.errors.ts'
import type { Friend } from './people.schema.ts'
import type { PeopleService } from './people.service.ts'
import { peopleById, removedEvents } from './people-events.ts'

/** What the room of messages, which stands above this one, tells of friends. */
export interface DirectConversations {
  /** The conversations a person has with these others alone. */
  list(db: Db, userId: string, otherIds: readonly string[]): Promise<DirectConversation[]>
  /** The newest message of each, as this person sees it, by conversation. */
  lastMessages(db: Db, userId: string, conversationIds: readonly string[]): Promise<Map<string, unknown>>
}

export interface DirectConversation {
  other_id: string
  conversation_id: string
  unread_count: number
  last_message_at: string | null
}

export interface FriendsDependencies {
  database: DatabaseHandle
  people: PeopleService
  conversations: DirectConversations
  cursors: Cursors
}

const listName = 'friends'

type Place = readonly [unread: number, at: string, friendId: string]
type Entry = { row: FriendshipRow; conversation: DirectConversation | undefined; place: Place }

export class FriendsService {
  readonly #deps: FriendsDependencies

  constructor(deps: FriendsDependencies) {
    this.#deps = deps
  }

  /** Those with unread messages first, then by the newest message. Nobody has more friends than one query reads. */
  async list(actor: Actor, query: { limit?: number; cursor?: string }): Promise<{ data: Friend[]; page: Page }> {
    const { database, conversations, cursors } = this.#deps
    const limit = query.limit ?? 20
    const after =
      query.cursor === undefined ? undefined : cursors.decode<[number, string, string]>(listName, query.cursor)
    const rows = await listFriendships(database.db, actor.userId)
    const talks = await conversations.list(
      database.db,
      actor.userId,
      rows.map((row) => row.friend_id),
    )
    const talkWith = new Map(talks.map((talk) => [talk.other_id, talk]))
    const sorted = rows
      .map((row) => toEntry(row, talkWith.get(row.friend_id)))
      .sort((a, b) => compare(a.place, b.place))
      .filter(({ place }) => after === undefined || compare(place, after) > 0)
    const shown = sorted.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = sorted.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(listName, last.place) : null
    return {
      data: await this.#render(actor.userId, shown),
      page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore },
    }
  }

  /** One of them. Throws not_found. */
  async get(userId: string, friendId: string): Promise<Friend> {
    const { database, conversations } = this.#deps
    const row = await findFriendship(database.db, userId, friendId)
    if (!row) throw noSuchPerson()
    const [talk] = await conversations.list(database.db, userId, [friendId])
    const [friend] = await this.#render(userId, [toEntry(row, talk)])
    return friend as Friend
  }

  /** Throws not_found for whoever is not a friend. */
  async remove(actor: Actor, name: string): Promise<void> {
    const { database, people } = this.#deps
    const friendId = await people.identify(name)
    await database.unitOfWork(async (uow) => {
      await lockPair(uow.tx, database.dialect, actor.userId, friendId)
      if (!(await deleteFriendship(uow.tx, actor.userId, friendId))) throw noSuchPerson()
      await uow.append(removedEvents(actor.userId, friendId))
    })
  }

  async #render(userId: string, entries: readonly Entry[]): Promise<Friend[]> {
    const { database, conversations } = this.#deps
    const [userOf, messages] = await Promise.all([
      peopleById(
        database.db,
        entries.map(({ row }) => row.friend_id),
      ),
      conversations.lastMessages(
        database.db,
        userId,
        entries.flatMap(({ conversation }) => conversation?.conversation_id ?? []),
      ),
    ])
    return entries.map(({ row, conversation }) => ({
      user: userOf(row.friend_id, row.since),
      since: row.since,
      conversation_id: conversation?.conversation_id ?? null,
      last_message: (conversation && messages.get(conversation.conversation_id)) ?? null,
      unread_count: conversation?.unread_count ?? 0,
    }))
  }
}

function toEntry(row: FriendshipRow, conversation: DirectConversation | undefined): Entry {
  const isUnread = (conversation?.unread_count ?? 0) > 0
  const at = conversation?.last_message_at ?? row.since
  return { row, conversation, place: [isUnread ? 1 : 0, at, row.friend_id] }
}

/** Greater places come first. */
function compare(a: Place, b: Place): number {
  const differing = a.findIndex((part, index) => part !== b[index])
  if (differing < 0) return 0
  return (a[differing] as string) > (b[differing] as string) ? -1 : 1
}
