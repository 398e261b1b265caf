import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { expectedVersion, sendWithVersion } from '../../platform/http/etag.ts'
import { Id, Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import { Conversation, ConversationChange, ConversationQuery, NewConversation } from './conversation.schema.ts'
import { MemberReceipts, ReadAnswer, ReadPosition } from './message.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['conversations']
const Params = Type.Object({ id: Id })
const Ending = Type.Object(
  { for: Type.Optional(Type.Union([Type.Literal('me'), Type.Literal('everyone')], { default: 'me' })) },
  strict,
)

/** Conversations, and how far one has come in them. */
export const conversationRoutes =
  ({ conversations, changes, departures, reading }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/conversations', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listConversations',
        summary: 'The conversations of the caller, newest activity first',
        tags,
        querystring: ConversationQuery,
        response: { 200: pageOf(Conversation, 'ConversationList'), 400: Problem, 401: Problem },
      },
      handler: async ({ actor, query }) => conversations.list(actor, query),
    })

    app.post('/conversations', {
      config: { access: { permission: 'conversations:create' }, idempotency: 'kept' },
      schema: {
        operationId: 'openConversation',
        summary: 'Open the direct conversation with someone (the existing one if there is one), a group or a channel',
        tags,
        body: NewConversation,
        response: { 200: Conversation, 201: Conversation, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const { conversation, created } = await conversations.open(actor, body)
        if (created) reply.header('location', `/api/v1/conversations/${conversation.id}`)
        return reply.code(created ? 201 : 200).send(conversation)
      },
    })

    app.get('/conversations/:id', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'getConversation',
        summary: 'One conversation of the caller',
        tags,
        params: Params,
        response: { 200: Conversation, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params }, reply) => sendWithVersion(reply, await conversations.get(actor, params.id)),
    })

    app.patch('/conversations/:id', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'changeConversation',
        summary: 'Change what all its members share, as an administrator of it, or one’s own view of it',
        tags,
        params: Params,
        body: ConversationChange,
        response: {
          200: Conversation,
          ...{ 403: Problem, 404: Problem, 409: Problem, 412: Problem, 422: Problem },
        },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        await changes.change(actor, params.id, body, expectedVersion(request))
        return sendWithVersion(reply, await conversations.get(actor, params.id))
      },
    })

    app.delete('/conversations/:id', {
      config: { access: { permission: 'conversations:update' } },
      schema: {
        operationId: 'leaveConversation',
        summary: 'Leave a group or channel, put a direct conversation away emptied, or delete for everyone as an owner',
        tags,
        params: Params,
        querystring: Ending,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params, query }, reply) => {
        if (query.for === 'everyone') await departures.endForAll(actor, params.id)
        else await departures.leave(actor, params.id)
        return reply.code(204).send(null)
      },
    })

    app.put('/conversations/:id/read', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'markRead',
        summary: 'Say up to which message the caller has read; it never goes back',
        tags,
        params: Params,
        body: ReadPosition,
        response: { 200: ReadAnswer, 403: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => reading.markRead(actor, params.id, body.seq),
    })

    app.put('/conversations/:id/unread', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'markUnread',
        summary: 'Count the message at seq, and those after it, as unread again',
        tags,
        params: Params,
        body: ReadPosition,
        response: { 200: ReadAnswer, 403: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => reading.markUnread(actor, params.id, body.seq),
    })

    app.get('/conversations/:id/receipts', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listReceipts',
        summary: 'How far the members have read, of those who show it to those who show theirs',
        tags,
        params: Params,
        response: { 200: MemberReceipts, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params }) => ({ data: await reading.receipts(actor, params.id) }),
    })
  }
