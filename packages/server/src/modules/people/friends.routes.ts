import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type TSchema, Type } from 'typebox'
import { Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import type { FriendRequestsService } from './friend-requests.service.ts'
import type { FriendsService } from './friends.service.ts'
import {
  FriendRequest,
  FriendRequestCount,
  friendSchema,
  IdParams,
  NewFriendRequest,
  PageQuery,
  PersonParams,
} from './people.schema.ts'

const tags = ['people']
const problems = { 401: Problem, 403: Problem, 404: Problem }

export interface FriendRoutesDependencies {
  friends: FriendsService
  friendRequests: FriendRequestsService
  /** What the newest message of a friend looks like. */
  message: TSchema
}

export const friendRoutes = ({
  friends,
  friendRequests,
  message,
}: FriendRoutesDependencies): FastifyPluginAsyncTypebox => {
  const Friend = friendSchema(message)
  return async (app) => {
    app.get('/friends', {
      config: { access: { permission: 'friends:read' } },
      schema: {
        operationId: 'listFriends',
        summary: 'Friends: those with unread messages first, then by the newest message',
        tags,
        querystring: Type.Object(PageQuery, strict),
        response: { 200: pageOf(Friend, 'FriendList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ actor, query }) => friends.list(actor, query),
    })

    app.delete('/friends/:user', {
      config: { access: { permission: 'friends:update' } },
      schema: {
        operationId: 'removeFriend',
        summary: 'Be friends no longer; by id or @username',
        tags,
        params: PersonParams,
        response: { 204: Type.Null(), ...problems },
      },
      handler: async ({ actor, params }, reply) => {
        await friends.remove(actor, params.user)
        return reply.code(204).send(null)
      },
    })

    app.get('/friend-requests', {
      config: { access: { permission: 'friends:read' } },
      schema: {
        operationId: 'listFriendRequests',
        summary: 'Open requests to the caller, or by the caller, the newest first',
        tags,
        querystring: Type.Object(
          {
            direction: Type.Optional(
              Type.Union([Type.Literal('incoming'), Type.Literal('outgoing')], { default: 'incoming' }),
            ),
            ...PageQuery,
          },
          strict,
        ),
        response: { 200: pageOf(FriendRequest, 'FriendRequestList'), 400: Problem, 401: Problem, 403: Problem },
      },
      handler: async ({ actor, query }) => friendRequests.list(actor, query),
    })

    app.get('/friend-requests/count', {
      config: { access: { permission: 'friends:read' } },
      schema: {
        operationId: 'countFriendRequests',
        summary: 'How many requests are open, each way',
        tags,
        response: { 200: FriendRequestCount, 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => friendRequests.count(actor),
    })

    app.post('/friend-requests', {
      config: { access: { permission: 'friends:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'createFriendRequest',
        summary: 'Ask somebody to be friends; who has asked the caller already is a friend at once',
        tags,
        body: NewFriendRequest,
        response: { 201: FriendRequest, ...problems, 409: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, body }, reply) =>
        reply.code(201).send(await friendRequests.request(actor, body.username)),
    })

    app.post('/friend-requests/:id/accept', {
      config: { access: { permission: 'friends:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'acceptFriendRequest',
        summary: 'Become friends with who asked',
        tags,
        params: IdParams,
        response: { 200: Friend, ...problems, 409: Problem },
      },
      handler: async ({ actor, params }) => friendRequests.accept(actor, params.id),
    })

    app.post('/friend-requests/:id/decline', {
      config: { access: { permission: 'friends:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'declineFriendRequest',
        summary: 'Turn a request down',
        tags,
        params: IdParams,
        response: { 204: Type.Null(), ...problems, 409: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await friendRequests.decline(actor, params.id)
        return reply.code(204).send(null)
      },
    })

    app.delete('/friend-requests/:id', {
      config: { access: { permission: 'friends:update' } },
      schema: {
        operationId: 'withdrawFriendRequest',
        summary: 'Take one’s own request back',
        tags,
        params: IdParams,
        response: { 204: Type.Null(), ...problems, 409: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await friendRequests.withdraw(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
}
