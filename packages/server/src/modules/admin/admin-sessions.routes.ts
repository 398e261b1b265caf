import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf } from '../../platform/http/schemas.ts'
import { AdminSession, AdminSessionParams, AdminSessionQuery } from './admin-sessions.schema.ts'
import type { AdminSessions } from './admin-sessions.service.ts'

const tags = ['admin']
const problems = { 401: Problem, 403: Problem }

export const adminSessionRoutes =
  (sessions: AdminSessions): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/sessions', {
      config: { access: { permission: 'users:read' } },
      schema: {
        operationId: 'listAllSessions',
        summary: 'Where everybody is signed in, the newest first',
        tags,
        querystring: AdminSessionQuery,
        response: { 200: pageOf(AdminSession, 'AdminSessionList'), 400: Problem, ...problems },
      },
      handler: async ({ actor, query }) => sessions.list(actor, query),
    })

    app.delete('/admin/sessions/:id', {
      config: { access: { permission: 'users:update' }, recentAuth: true },
      schema: {
        operationId: 'revokeAnySession',
        summary: 'End one session of anybody; all of an account: POST /admin/users/{id}/revoke-sessions',
        tags,
        params: AdminSessionParams,
        response: { 204: Type.Null(), ...problems, 404: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await sessions.revoke(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
