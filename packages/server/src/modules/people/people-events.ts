import type { Db } from '../../platform/db/schema.ts'
import type { EventRenderer } from '../../platform/events/event-types.ts'
import type { AppendedEvent, NewEvent } from '../../platform/events/streams.ts'
import { listPublicUsers, type PublicUser, userStream } from '../accounts/index.ts'
import { listBlocks } from './blocks.repository.ts'
import { type FriendRequestRow, listRequestsById } from './friends.repository.ts'
import {
  blockChanged,
  type FriendRequest,
  friendRemoved,
  friendRequestAccepted,
  friendRequestCreated,
  friendRequestDeclined,
} from './people.schema.ts'

const requestTypes = [friendRequestCreated, friendRequestAccepted, friendRequestDeclined] as const

/** The same news in the streams of both; `refs.user_id` is whose stream it is. */
export const requestEvents = (
  type: (typeof requestTypes)[number],
  { id, from_id, to_id }: FriendRequestRow,
): NewEvent[] =>
  [from_id, to_id].map((user_id) => ({
    stream: userStream(user_id),
    type: type.type,
    refs: { request_id: id, user_id },
  }))

export const removedEvent = (userId: string, otherId: string): NewEvent => ({
  stream: userStream(userId),
  type: friendRemoved.type,
  refs: { user_id: userId, other_id: otherId },
})

export const removedEvents = (a: string, b: string): NewEvent[] => [removedEvent(a, b), removedEvent(b, a)]

export const blockEvent = (blockerId: string, blockedId: string): NewEvent => ({
  stream: userStream(blockerId),
  type: blockChanged.type,
  refs: { user_id: blockerId, other_id: blockedId },
})

/** As `viewerId` sees it, who is one of the two. */
export function toRequest(row: FriendRequestRow, viewerId: string, user: PublicUser): FriendRequest {
  const { id, status, created_at, decided_at } = row
  return { id, direction: row.to_id === viewerId ? 'incoming' : 'outgoing', status, user, created_at, decided_at }
}

export const otherSide = (row: FriendRequestRow, viewerId: string): string =>
  row.from_id === viewerId ? row.to_id : row.from_id

/** Who may not be seen, or is no more: an id that others still refer to. */
const faceless = (id: string, at: string): PublicUser => ({
  id,
  username: 'departed',
  display_name: null,
  bio: null,
  avatar: null,
  created_at: at,
})

export async function peopleById(db: Db, ids: readonly string[]): Promise<(id: string, at: string) => PublicUser> {
  const known = new Map((await listPublicUsers(db, ids)).map((user) => [user.id, user]))
  return (id, at) => known.get(id) ?? faceless(id, at)
}

const pair = (viewer: unknown, other: unknown): string => `${viewer} ${other}`

/** Who is behind a block of theirs. */
async function hiddenPairs(db: Db, events: readonly AppendedEvent[]): Promise<Set<string>> {
  const blocks = await listBlocks(
    db,
    events.map(({ refs }) => String(refs.user_id)),
  )
  return new Set(blocks.map(({ blocker_id, blocked_id }) => pair(blocked_id, blocker_id)))
}

export const peopleEvents: EventRenderer[] = [
  {
    types: requestTypes,
    async render(db, events) {
      const rows = new Map(
        (
          await listRequestsById(
            db,
            events.map(({ refs }) => String(refs.request_id)),
          )
        ).map((row) => [row.id, row]),
      )
      const [userOf, hidden] = await Promise.all([
        peopleById(
          db,
          [...rows.values()].flatMap((row) => [row.from_id, row.to_id]),
        ),
        hiddenPairs(db, events),
      ])
      return events.map(({ type, refs }) => {
        const row = rows.get(String(refs.request_id))
        if (!row || (type === friendRequestCreated.type && row.status !== 'pending')) return undefined
        const viewerId = String(refs.user_id)
        const otherId = otherSide(row, viewerId)
        if (!hidden.has(pair(viewerId, otherId))) return toRequest(row, viewerId, userOf(otherId, row.created_at))
        // That it is over has to reach them; who it was shows no face any more.
        if (type !== friendRequestDeclined.type) return undefined
        return toRequest(row, viewerId, faceless(otherId, row.created_at))
      })
    },
  },
  {
    types: [friendRemoved, blockChanged],
    async render(db, events) {
      const others = events.map(({ refs }) => String(refs.other_id))
      const [userOf, hidden, blocks] = await Promise.all([
        peopleById(db, others),
        hiddenPairs(db, events),
        listBlocks(db, others),
      ])
      const blocked = new Set(blocks.map(({ blocker_id, blocked_id }) => pair(blocker_id, blocked_id)))
      return events.map(({ type, refs, at }) => {
        const [viewerId, otherId] = [String(refs.user_id), String(refs.other_id)]
        const isHidden = hidden.has(pair(viewerId, otherId))
        const user = isHidden ? faceless(otherId, at) : userOf(otherId, at)
        return type === friendRemoved.type
          ? { user_id: otherId, user }
          : { user_id: otherId, user, blocked: blocked.has(pair(viewerId, otherId)) }
      })
    },
  },
]
