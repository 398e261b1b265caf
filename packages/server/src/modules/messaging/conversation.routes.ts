import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf } from '../../platform/http/schemas.ts'
import { Conversation, ConversationQuery, NewConversation } from './conversation.schema.ts'
import { MemberReceipts, ReadAnswer, ReadPosition } from './message.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['conversations']
const Params = Type.Object({ id: Id })

/** Conversations, and how far one has come in them. */
export const conversationRoutes =
  ({ conversations, reading }: Messaging): FastifyPluginAsyncTypebox =>
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
      config: { access: { permission: 'conversations:create' } },
      schema: {
        operationId: 'openConversation',
        summary: 'Open the direct conversation with someone (the existing one if there is one), a group or a channel',
        tags,
        body: NewConversation,
        response: { 200: Conversation, 201: Conversation, 403: Problem, 404: Problem, 422: Problem },
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
      handler: async ({ actor, params }) => conversations.get(actor, params.id),
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
