import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf, strict } from '../../platform/http/schemas.ts'
import {
  DeleteFor,
  Message,
  MessageEdit,
  MessageHistory,
  MessageHitList,
  MessageQuery,
  NewMessage,
  SearchQuery,
} from './message.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['messages']
const Params = Type.Object({ id: Id })

/** Writing, reading, changing and finding messages. */
export const messageRoutes =
  ({ messages, editing, search }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/conversations/:id/messages', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listMessages',
        summary: 'Messages, newest first; with after= oldest first',
        tags,
        params: Params,
        querystring: MessageQuery,
        response: { 200: pageOf(Message, 'MessageList'), 403: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, params, query }) => messages.list(actor, params.id, query),
    })

    app.post('/conversations/:id/messages', {
      config: { access: { permission: 'messages:send' }, idempotency: 'repeatable' },
      schema: {
        operationId: 'sendMessage',
        summary: 'Send a message once: the same client_id again answers the first one',
        tags,
        params: Params,
        body: NewMessage,
        response: { 200: Message, 201: Message, 403: Problem, 404: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, params, body }, reply) => {
        const message = await messages.send(actor, params.id, body)
        return reply.code(message.deduplicated ? 200 : 201).send(message)
      },
    })

    app.get('/messages/:id', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'getMessage',
        summary: 'One message that the caller can see',
        tags,
        params: Params,
        response: { 200: Message, 404: Problem },
      },
      handler: async ({ actor, params }) => messages.get(actor, params.id),
    })

    app.patch('/messages/:id', {
      config: { access: { permission: 'messages:send' }, idempotency: 'kept' },
      schema: {
        operationId: 'editMessage',
        summary: 'Change the words of one’s own message; what it said before is kept',
        tags,
        params: Params,
        body: MessageEdit,
        response: { 200: Message, 403: Problem, 404: Problem, 410: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => editing.edit(actor, params.id, body.text),
    })

    app.get('/messages/:id/history', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listMessageVersions',
        summary: 'What a message said before it was edited, oldest first',
        tags,
        params: Params,
        response: { 200: MessageHistory, 404: Problem },
      },
      handler: async ({ actor, params }) => ({ data: await editing.history(actor, params.id) }),
    })

    app.delete('/messages/:id', {
      config: { access: { permission: 'messages:send' } },
      schema: {
        operationId: 'deleteMessage',
        summary: 'Delete a message for everyone, or for=me only',
        tags,
        params: Params,
        querystring: Type.Object({ for: Type.Optional(DeleteFor) }, strict),
        response: { 204: Type.Null(), 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params, query }, reply) => {
        await editing.delete(actor, params.id, query.for ?? 'everyone')
        return reply.code(204).send(null)
      },
    })

    app.post('/admin/messages/:id/remove', {
      config: { access: { permission: 'moderation:remove' }, idempotency: 'kept' },
      schema: {
        operationId: 'removeMessage',
        summary: 'Remove anybody’s message, with a reason for the audit log',
        tags,
        params: Params,
        body: Type.Object(
          { reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) },
          { ...strict, title: 'MessageRemoval' },
        ),
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ params, body }, reply) => {
        await editing.removeByModerator(params.id, body.reason)
        return reply.code(204).send(null)
      },
    })

    app.get('/search/messages', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'searchMessages',
        summary: 'Find messages that hold all words of q (harb* also finds harbour), newest first',
        tags,
        querystring: SearchQuery,
        response: { 200: MessageHitList, 400: Problem, 404: Problem, 422: Problem },
      },
      handler: async ({ actor, query }) => search.search(actor, query),
    })
  }
