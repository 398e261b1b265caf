import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError, platformErrors } from '../../platform/errors.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import {
  countBlocks,
  deleteBlock,
  deleteBlocksOf,
  insertBlock,
  listBlocksBetween,
  ownBlocks,
} from './blocks.repository.ts'
import {
  decideRequest,
  deleteFriendship,
  deleteFriendshipsOf,
  deleteRequestsOf,
  findOpenRequest,
  listFriendships,
} from './friends.repository.ts'
import { lockPair } from './pair-lock.ts'
import { peopleErrors } from './people.errors.ts'
import { type Block, friendRequestDeclined } from './people.schema.ts'
import type { PeopleService } from './people.service.ts'
import { blockEvent, peopleById, removedEvent, removedEvents, requestEvents } from './people-events.ts'

export interface BlocksDependencies {
  database: DatabaseHandle
  people: PeopleService
  limiter: RateLimiter
  cursors: Cursors
  now: Clock
}

const limit: Limit = { name: 'blocks', limit: 60, windowSeconds: 600 }
const maxBlocks = 1_000
const list = 'blocks'

/** Whom somebody does not want to meet. The other person is never told, and finds as little as of who never was. */
export class BlocksService {
  readonly #deps: BlocksDependencies

  constructor(deps: BlocksDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor, query: { limit?: number; cursor?: string }): Promise<{ data: Block[]; page: Page }> {
    const { database, cursors } = this.#deps
    const size = query.limit ?? 20
    const after = query.cursor === undefined ? undefined : cursors.decode<[string, string]>(list, query.cursor)
    const rows = await ownBlocks(database.db, actor.userId, { after, limit: size + 1 }).execute()
    const shown = rows.slice(0, size)
    const userOf = await peopleById(
      database.db,
      shown.map((row) => row.blocked_id),
    )
    const last = shown.at(-1)
    const hasMore = rows.length > size && last !== undefined
    const next = hasMore ? cursors.encode(list, [last.created_at, last.blocked_id]) : null
    return {
      data: shown.map(({ blocked_id, created_at }) => ({ user: userOf(blocked_id, created_at), created_at })),
      page: { limit: size, next_cursor: next, prev_cursor: null, has_more: hasMore },
    }
  }

  /** Ends friendship and open requests; a repeat changes nothing. Throws not_found, self_reference, state_conflict. */
  async block(actor: Actor, name: string): Promise<void> {
    const { database, people, limiter, now } = this.#deps
    assertAllowed(await limiter.take(limit, actor.userId))
    const otherId = await people.identify(name)
    if (otherId === actor.userId) throw peopleErrors.self_reference()
    await database.unitOfWork(async (uow) => {
      await lockPair(uow.tx, database.dialect, actor.userId, otherId)
      const known = await listBlocksBetween(uow.tx, actor.userId, otherId)
      if (known.some((row) => row.blocker_id === actor.userId)) return
      if ((await countBlocks(uow.tx, actor.userId)) >= maxBlocks) {
        throw platformErrors.state_conflict({ detail: `At most ${maxBlocks} people can be blocked` })
      }
      const at = now().toISOString()
      await insertBlock(uow.tx, { blocker_id: actor.userId, blocked_id: otherId, created_at: at })
      const ended = await endTies(uow, actor.userId, otherId, at)
      await uow.append([blockEvent(actor.userId, otherId), ...ended])
    })
  }

  /** Also for somebody who is not blocked, or whom nobody knows: the outcome is the same. */
  async unblock(actor: Actor, name: string): Promise<void> {
    const { database, people } = this.#deps
    const otherId = await people.identify(name).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'not_found') return undefined
      throw error
    })
    if (otherId === undefined) return
    await database.unitOfWork(async (uow) => {
      if (!(await deleteBlock(uow.tx, actor.userId, otherId))) return
      await uow.append([blockEvent(actor.userId, otherId)])
    })
  }

  /** With the account: friends, requests and blocks of and against it. Answers what its friends are to be told. */
  async forget(tx: UnitOfWork['tx'], userId: string): Promise<NewEvent[]> {
    const friends = await listFriendships(tx, userId)
    await deleteFriendshipsOf(tx, userId)
    await deleteRequestsOf(tx, userId)
    await deleteBlocksOf(tx, userId)
    return friends.map(({ friend_id }) => removedEvent(friend_id, userId))
  }
}

/** What was between the two is over. */
async function endTies({ tx }: UnitOfWork, actorId: string, otherId: string, at: string): Promise<NewEvent[]> {
  const removed = (await deleteFriendship(tx, actorId, otherId)) ? removedEvents(actorId, otherId) : []
  const open = await findOpenRequest(tx, actorId, otherId)
  if (!open) return removed
  await decideRequest(tx, open.id, open.from_id === actorId ? 'withdrawn' : 'declined', at)
  return [...removed, ...requestEvents(friendRequestDeclined, open)]
}
