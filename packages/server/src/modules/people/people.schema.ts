import { type Static, type TSchema, Type } from 'typebox'
import { defineEvent } from '../../platform/events/event-types.ts'
import { Id, nullable, strict, Time } from '../../platform/http/schemas.ts'
import { PublicUser } from '../accounts/index.ts'

const Status = Type.String({ description: 'pending, accepted, declined or withdrawn' })

/** A request as one of its two sides sees it. */
export const FriendRequest = Type.Object(
  {
    id: Id,
    direction: Type.Union([Type.Literal('incoming'), Type.Literal('outgoing')]),
    status: Status,
    user: PublicUser,
    created_at: Time,
    decided_at: nullable(Time),
  },
  { title: 'FriendRequest' },
)
export type FriendRequest = Static<typeof FriendRequest>

export const NewFriendRequest = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 64 }) },
  { ...strict, title: 'NewFriendRequest' },
)
export type NewFriendRequest = Static<typeof NewFriendRequest>

export const FriendRequestCount = Type.Object(
  { incoming: Type.Integer(), outgoing: Type.Integer() },
  { title: 'FriendRequestCount' },
)
export type FriendRequestCount = Static<typeof FriendRequestCount>

/** What a message looks like is said by the room of messages, which stands above this one. */
export const friendSchema = (message: TSchema) =>
  Type.Object(
    {
      user: PublicUser,
      since: Time,
      conversation_id: nullable(Id),
      last_message: Type.Union([message, Type.Null()]),
      unread_count: Type.Integer(),
    },
    { title: 'Friend' },
  )

export interface Friend {
  user: PublicUser
  since: string
  conversation_id: string | null
  last_message: unknown
  unread_count: number
}

export const Block = Type.Object({ user: PublicUser, created_at: Time }, { title: 'Block' })
export type Block = Static<typeof Block>

const RemovedFriend = Type.Object({ user_id: Id, user: PublicUser }, { title: 'RemovedFriend' })
const BlockChange = Type.Object({ user_id: Id, user: PublicUser, blocked: Type.Boolean() }, { title: 'BlockChange' })

export const friendRequestCreated = defineEvent('friend_request.created', FriendRequest)
export const friendRequestAccepted = defineEvent('friend_request.accepted', FriendRequest)
/** By the other side, or taken back by whoever asked: `status` says which. */
export const friendRequestDeclined = defineEvent('friend_request.declined', FriendRequest)
export const friendRemoved = defineEvent('friend.removed', RemovedFriend)
/** For the other devices of who blocked; the other person is told nothing. */
export const blockChanged = defineEvent('block.changed', BlockChange)

export const PersonParams = Type.Object({ user: Type.String({ maxLength: 65, description: 'An id, or @username' }) })
export const IdParams = Type.Object({ id: Id })
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
}
