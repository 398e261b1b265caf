import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { NotificationsService } from '../notifications/index.ts'
import {
  countFriends,
  countRequests,
  type Direction,
  decideRequest,
  deleteDecidedRequests,
  type FriendRequestRow,
  findFriendship,
  findOpenRequest,
  findRequest,
  insertFriendship,
  insertRequest,
  openKeyOf,
  openRequests,
} from './friends.repository.ts'
import type { FriendsService } from './friends.service.ts'
import { lockPair } from './pair-lock.ts'
import { noSuchPerson, peopleErrors } from './people.errors.ts'
import {
  type Friend,
  type FriendRequest,
  type FriendRequestCount,
  friendRequestAccepted,
  friendRequestCreated,
  friendRequestDeclined,
} from './people.schema.ts'
import type { PeopleService } from './people.service.ts'
import { otherSide, peopleById, requestEvents, toRequest } from './people-events.ts'
import type { Relations } from './relations.ts'

export interface FriendRequestsDependencies {
  database: DatabaseHandle
  people: PeopleService
  friends: FriendsService
  relations: Relations
  limiter: RateLimiter
  cursors: Cursors
  notifications: NotificationsService
  now: Clock
}

const limit: Limit = { name: 'friend-requests', limit: 30, windowSeconds: 3600 }
const maxFriends = 1_000
const maxOutgoing = 100
const list = 'friend-requests'
/** How long one that was decided is kept: its events are told from it. */
const keptDays = 30

export class FriendRequestsService {
  readonly #deps: FriendRequestsDependencies

  constructor(deps: FriendRequestsDependencies) {
    this.#deps = deps
  }

  async list(
    actor: Actor,
    query: { direction?: Direction; limit?: number; cursor?: string },
  ): Promise<{ data: FriendRequest[]; page: Page }> {
    const { database, cursors } = this.#deps
    const size = query.limit ?? 20
    const direction = query.direction ?? 'incoming'
    const [before] = query.cursor === undefined ? [] : cursors.decode<[string]>(`${list} ${direction}`, query.cursor)
    const rows = await openRequests(database.db, actor.userId, direction, { before, limit: size + 1 }).execute()
    const shown = rows.slice(0, size)
    const last = shown.at(-1)
    const hasMore = rows.length > size && last !== undefined
    const next = hasMore ? cursors.encode(`${list} ${direction}`, [last.id]) : null
    return {
      data: await this.#render(actor.userId, shown),
      page: { limit: size, next_cursor: next, prev_cursor: null, has_more: hasMore },
    }
  }

  async count(actor: Actor): Promise<FriendRequestCount> {
    const { db } = this.#deps.database
    const [incoming, outgoing] = await Promise.all([
      countRequests(db, actor.userId, 'incoming'),
      countRequests(db, actor.userId, 'outgoing'),
    ])
    return { incoming, outgoing }
  }

  /**
   * Asks somebody; who has been asked by them becomes a friend at once. Throws not_found, also where a block stands
   * between the two, self_reference, already_friends, request_exists, state_conflict, rate_limited.
   */
  async request(actor: Actor, username: string): Promise<FriendRequest> {
    const { database, people, limiter } = this.#deps
    assertAllowed(await limiter.take(limit, actor.userId))
    const other = await people.get(`@${username.trim().replace(/^@/, '')}`, actor.userId)
    if (other.id === actor.userId) throw peopleErrors.self_reference()
    const row = await database.unitOfWork((uow) => this.#request(uow, actor.userId, other.id))
    return toRequest(row, actor.userId, other)
  }

  async #request(uow: UnitOfWork, fromId: string, toId: string): Promise<FriendRequestRow> {
    const { database, relations, now } = this.#deps
    const { tx } = uow
    await lockPair(tx, database.dialect, fromId, toId)
    if (await relations.isBlocked(tx, fromId, toId)) throw noSuchPerson()
    if (await findFriendship(tx, fromId, toId)) throw peopleErrors.already_friends()
    const open = await findOpenRequest(tx, fromId, toId)
    if (open?.from_id === fromId) throw peopleErrors.request_exists()
    if (open) return this.#befriend(uow, open)
    if ((await countRequests(tx, fromId, 'outgoing')) >= maxOutgoing) {
      throw platformErrors.state_conflict({ detail: `At most ${maxOutgoing} people can be asked at a time` })
    }
    const row: FriendRequestRow = {
      ...{ id: newId(), from_id: fromId, to_id: toId, open_key: openKeyOf(fromId, toId), status: 'pending' },
      ...{ created_at: now().toISOString(), decided_at: null },
    }
    await insertRequest(tx, row)
    const told = await this.#tell(uow, { type: 'friend_request', userId: toId, actorId: fromId, requestId: row.id })
    await uow.append([...requestEvents(friendRequestCreated, row), ...told])
    return row
  }

  /** The two are locked. */
  async #befriend(uow: UnitOfWork, row: FriendRequestRow): Promise<FriendRequestRow> {
    const { now } = this.#deps
    const { from_id, to_id, id } = row
    const at = now().toISOString()
    for (const userId of [from_id, to_id]) {
      if ((await countFriends(uow.tx, userId)) >= maxFriends) {
        throw platformErrors.state_conflict({ detail: `Nobody can have more than ${maxFriends} friends` })
      }
    }
    if (!(await decideRequest(uow.tx, id, 'accepted', at))) throw decided()
    await insertFriendship(uow.tx, from_id, to_id, at)
    const told = await this.#tell(uow, { type: 'friend_accepted', userId: from_id, actorId: to_id, requestId: id })
    await uow.append([...requestEvents(friendRequestAccepted, row), ...told])
    return { ...row, status: 'accepted', decided_at: at }
  }

  #tell(
    uow: UnitOfWork,
    {
      requestId,
      ...who
    }: { type: 'friend_request' | 'friend_accepted'; userId: string; actorId: string; requestId: string },
  ) {
    const target = { type: 'friend_request', id: requestId, url: '/people' }
    return this.#deps.notifications.notify(uow, [{ ...who, target, data: { request_id: requestId } }])
  }

  /** Throws not_found for a request that is not to the actor, state_conflict for one that was decided. */
  async accept(actor: Actor, id: string): Promise<Friend> {
    const row = await this.#decide(actor, id, 'incoming', (uow, open) => this.#befriend(uow, open))
    return this.#deps.friends.get(actor.userId, row.from_id)
  }

  async decline(actor: Actor, id: string): Promise<void> {
    await this.#decide(actor, id, 'incoming', (uow, open) => this.#end(uow, open, 'declined'))
  }

  /** Who asked takes it back. */
  async withdraw(actor: Actor, id: string): Promise<void> {
    await this.#decide(actor, id, 'outgoing', (uow, open) => this.#end(uow, open, 'withdrawn'))
  }

  async #end(uow: UnitOfWork, row: FriendRequestRow, status: 'declined' | 'withdrawn'): Promise<FriendRequestRow> {
    const at = this.#deps.now().toISOString()
    if (!(await decideRequest(uow.tx, row.id, status, at))) throw decided()
    await uow.append(requestEvents(friendRequestDeclined, row))
    return { ...row, status, decided_at: at }
  }

  async #decide(
    actor: Actor,
    id: string,
    direction: Direction,
    act: (uow: UnitOfWork, row: FriendRequestRow) => Promise<FriendRequestRow>,
  ): Promise<FriendRequestRow> {
    const { database } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await findRequest(uow.tx, id)
      const own = direction === 'incoming' ? row?.to_id : row?.from_id
      if (!row || own !== actor.userId) throw platformErrors.not_found({ detail: 'There is no such request' })
      await lockPair(uow.tx, database.dialect, row.from_id, row.to_id)
      return act(uow, row)
    })
  }

  async #render(viewerId: string, rows: readonly FriendRequestRow[]): Promise<FriendRequest[]> {
    const userOf = await peopleById(
      this.#deps.database.db,
      rows.map((row) => otherSide(row, viewerId)),
    )
    return rows.map((row) => toRequest(row, viewerId, userOf(otherSide(row, viewerId), row.created_at)))
  }

  /** Answers how many decided ones went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = isoAfter(now(), -keptDays * 86_400)
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteDecidedRequests(tx, before, limit)))
  }
}

const decided = () => platformErrors.state_conflict({ detail: 'This request was answered or taken back already' })
