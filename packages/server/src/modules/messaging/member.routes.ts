import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, strict } from '../../platform/http/schemas.ts'
import { BanList, Member, MemberList, MemberQuery, NewMember, PlaceQuery, RoleChange } from './conversation.schema.ts'
import type { Messaging } from './messaging.service.ts'

const tags = ['conversations']
const Params = Type.Object({ id: Id })
const MemberParams = Type.Object({ id: Id, user: Id })
const Removal = Type.Object({ ban: Type.Optional(Type.Boolean({ default: false })) }, strict)

/** Who is in a group or channel. */
export const memberRoutes =
  ({ members }: Messaging): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/conversations/:id/members', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listMembers',
        summary: 'The members of a conversation of the caller',
        tags,
        params: Params,
        querystring: MemberQuery,
        response: { 200: MemberList, 400: Problem, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params, query }) => members.list(actor, params.id, query),
    })

    app.post('/conversations/:id/members', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'addMember',
        summary: 'Add somebody to a group or channel, as an administrator of it',
        tags,
        params: Params,
        body: NewMember,
        response: { 201: Member, 403: Problem, 404: Problem, 409: Problem, 422: Problem, 429: Problem },
      },
      handler: async ({ actor, params, body }, reply) => {
        const member = await members.add(actor, params.id, body)
        reply.header('location', `/api/v1/conversations/${params.id}/members/${body.user_id}`)
        return reply.code(201).send(member)
      },
    })

    app.patch('/conversations/:id/members/:user', {
      config: { access: { permission: 'conversations:update' }, idempotency: 'kept' },
      schema: {
        operationId: 'changeMemberRole',
        summary: 'Give a member another role, below one’s own; owners give every role',
        tags,
        params: MemberParams,
        body: RoleChange,
        response: { 200: Member, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body }) => members.changeRole(actor, params.id, params.user, body.role),
    })

    app.delete('/conversations/:id/members/:user', {
      config: { access: { permission: 'conversations:update' } },
      schema: {
        operationId: 'removeMember',
        summary: 'Remove a member with a lower role, and with `ban` keep them out; oneself: leave',
        tags,
        params: MemberParams,
        querystring: Removal,
        response: { 204: Type.Null(), 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params, query }, reply) => {
        await members.remove(actor, params.id, params.user, query.ban ?? false)
        return reply.code(204).send(null)
      },
    })

    app.get('/conversations/:id/bans', {
      config: { access: { permission: 'conversations:read' } },
      schema: {
        operationId: 'listBans',
        summary: 'Who is banned from a conversation, for its administrators',
        tags,
        params: Params,
        querystring: PlaceQuery,
        response: { 200: BanList, 400: Problem, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params, query }) => members.bans(actor, params.id, query),
    })

    app.delete('/conversations/:id/bans/:user', {
      config: { access: { permission: 'conversations:update' } },
      schema: {
        operationId: 'liftBan',
        summary: 'Let somebody come in again',
        tags,
        params: MemberParams,
        response: { 204: Type.Null(), 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await members.liftBan(actor, params.id, params.user)
        return reply.code(204).send(null)
      },
    })
  }
