import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import { Emoji, Message, ReactionsAnswer } from './message.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['messages']
const MessageAndEmoji = Type.Object({ id: Id, emoji: Emoji })
const PinParams = Type.Object({ id: Id, message_id: Id })
const BookmarkParams = Type.Object({ message_id: Id })
const Messages = Type.Object({ data: Type.Array(Message) }, { title: 'Messages' })

/** Reactions, pins and bookmarks. */
export const markRoutes =
  ({ marks }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.put('/messages/:id/reactions/:emoji', {
      config: { access: { permission: 'messages:send' } },
      schema: {
        operationId: 'addReaction',
        summary: 'React with an emoji; a second time changes nothing',
        tags,
        params: MessageAndEmoji,
        response: { 200: ReactionsAnswer, 404: Problem, 410: Problem, 422: Problem },
      },
      handler: async ({ actor, params }) => ({
        reactions: await marks.react(actor, params.id, params.emoji, true),
      }),
    })

    app.delete('/messages/:id/reactions/:emoji', {
      config: { access: { permission: 'messages:send' } },
      schema: {
        operationId: 'removeReaction',
        summary: 'Take one’s reaction back',
        tags,
        params: MessageAndEmoji,
        response: { 204: Type.Null(), 404: Problem, 410: Problem, 422: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await marks.react(actor, params.id, params.emoji, false)
        return reply.code(204).send(null)
      },
    })

    app.get('/conversations/:id/pins', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listPins',
        summary: 'The pinned messages, newest pin first',
        tags,
        params: Type.Object({ id: Id }),
        response: { 200: Messages, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params }) => ({ data: await marks.pins(actor, params.id) }),
    })

    for (const [method, on] of [
      ['PUT', true],
      ['DELETE', false],
    ] as const) {
      app.route({
        method,
        url: '/conversations/:id/pins/:message_id',
        config: { access: { permission: 'messages:send' } },
        schema: {
          operationId: on ? 'pinMessage' : 'unpinMessage',
          summary: on ? 'Pin a message for all members' : 'Take a pin away',
          tags,
          params: PinParams,
          response: { 204: Type.Null(), 403: Problem, 404: Problem, 410: Problem, 422: Problem },
        },
        handler: async ({ actor, params }, reply) => {
          await marks.pin(actor, params.id, params.message_id, on)
          return reply.code(204).send(null)
        },
      })

      app.route({
        method,
        url: '/bookmarks/:message_id',
        config: { access: { permission: 'messages:send' } },
        schema: {
          operationId: on ? 'addBookmark' : 'removeBookmark',
          summary: on ? 'Keep a message for oneself' : 'Keep it no more',
          tags,
          params: BookmarkParams,
          response: { 204: Type.Null(), 404: Problem, 422: Problem },
        },
        handler: async ({ actor, params }, reply) => {
          await marks.bookmark(actor, params.message_id, on)
          return reply.code(204).send(null)
        },
      })
    }

    app.get('/bookmarks', {
      config: { access: { permission: 'messages:read' } },
      schema: {
        operationId: 'listBookmarks',
        summary: 'The messages one keeps, newest first',
        tags,
        response: { 200: Messages, 401: Problem },
      },
      handler: async ({ actor }) => ({ data: await marks.bookmarks(actor) }),
    })
  }
