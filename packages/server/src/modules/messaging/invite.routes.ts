import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import {
  ChannelList,
  ChannelQuery,
  Conversation,
  CreatedInvite,
  InviteList,
  InvitePreview,
  NewInvite,
} from './conversation.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['conversations']
const Params = Type.Object({ id: Id })
const CodeParams = Type.Object({ code: Type.String({ maxLength: 64 }) })

/** Ways into groups and channels: invitations, and channels that everyone may join. */
export const inviteRoutes =
  ({ conversations, invites, channels }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/conversations/:id/invites', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'secret' },
      schema: {
        operationId: 'createInvite',
        summary: 'Make a link that lets people in; its code is answered this once',
        tags,
        params: Params,
        body: NewInvite,
        response: { 201: CreatedInvite, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }, reply) => {
        const invite = await invites.create(actor, params.id, body)
        reply.headers({
          location: `/api/v1/conversations/${params.id}/invites/${invite.id}`,
          'cache-control': 'no-store',
        })
        return reply.code(201).send(invite)
      },
    })

    app.get('/conversations/:id/invites', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listInvites',
        summary: 'The invitations to a conversation, for its administrators',
        tags,
        params: Params,
        response: { 200: InviteList, 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params }) => ({ data: await invites.list(actor, params.id) }),
    })

    app.delete('/conversations/:id/invites/:invite_id', {
      config: { access: { permission: 'conversations:update' } },
      schema: {
        operationId: 'withdrawInvite',
        summary: 'Withdraw an invitation',
        tags,
        params: Type.Object({ id: Id, invite_id: Id }),
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await invites.withdraw(actor, params.id, params.invite_id)
        return reply.code(204).send(null)
      },
    })

    app.get('/invites/:code', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'previewInvite',
        summary: 'What an invitation leads to',
        tags,
        params: CodeParams,
        response: { 200: InvitePreview, 410: Problem, 429: Problem },
      },
      handler: async ({ actor, params }) => invites.preview(actor, params.code),
    })

    app.post('/invites/:code/join', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'joinByInvite',
        summary: 'Come in with an invitation; who is a member already changes nothing',
        tags,
        params: CodeParams,
        response: { 200: Conversation, 409: Problem, 410: Problem, 429: Problem },
      },
      handler: async ({ actor, params }) => conversations.get(actor, await invites.join(actor, params.code)),
    })

    app.get('/channels', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listChannels',
        summary: 'The channels that everyone may join, by title',
        tags,
        querystring: ChannelQuery,
        response: { 200: ChannelList, 400: Problem },
      },
      handler: async ({ actor, query }) => channels.list(actor, query),
    })

    app.post('/conversations/:id/join', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'joinChannel',
        summary: 'Join a public channel',
        tags,
        params: Params,
        response: { 200: Conversation, 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params }) => {
        await channels.join(actor, params.id)
        return conversations.get(actor, params.id)
      },
    })
  }
