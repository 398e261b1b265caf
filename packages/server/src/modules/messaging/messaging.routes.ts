import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import {
  Conversation,
  Message,
  MessageQuery,
  NewConversation,
  NewMessage,
  ReadAnswer,
  ReadPosition,
} from './messaging.schema.ts'
import type { MessagingService } from './messaging.service.ts'

const tags = ['messaging']
const Params = Type.Object({ id: Id })

export const messagingRoutes =
  (messaging: MessagingService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/conversations', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listConversations',
        summary: 'The conversations of the caller, newest activity first',
        tags,
        querystring: Type.Object(
          {
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
            cursor: Type.Optional(Type.String({ maxLength: 500 })),
          },
          strict,
        ),
        response: { 200: pageOf(Conversation, 'ConversationList'), 400: Problem, 401: Problem },
      },
      handler: async ({ actor, query }) => messaging.list(actor, query),
    })

    app.post('/conversations', {
      config: { access: { permission: 'conversations:create' } },
      schema: {
        operationId: 'openConversation',
        summary: 'Open the direct conversation with someone; answers the existing one if there is one',
        tags,
        body: NewConversation,
        response: { 200: Conversation, 201: Conversation, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        const { conversation, created } = await messaging.open(actor, body)
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
        response: { 200: Conversation, 404: Problem },
      },
      handler: async ({ actor, params }) => messaging.get(actor, params.id),
    })

    app.get('/conversations/:id/messages', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listMessages',
        summary: 'Messages, newest first; with after= oldest first',
        tags,
        params: Params,
        querystring: MessageQuery,
        response: { 200: pageOf(Message, 'MessageList'), 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, query }) => messaging.messages(actor, params.id, query),
    })

    app.post('/conversations/:id/messages', {
      config: { access: { permission: 'messages:send' } },
      schema: {
        operationId: 'sendMessage',
        summary: 'Send a message once: the same client_id again answers the first one',
        tags,
        params: Params,
        body: NewMessage,
        response: { 200: Message, 201: Message, 404: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, params, body }, reply) => {
        const message = await messaging.send(actor, params.id, body)
        return reply.code(message.deduplicated ? 200 : 201).send(message)
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
        response: { 200: ReadAnswer, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => messaging.markRead(actor, params.id, body.seq),
    })
  }
