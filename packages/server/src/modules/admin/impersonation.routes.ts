import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { accessErrors } from '../../platform/policy.ts'
import { type SessionDoorkeeper, sessionErrors, TokenAnswer } from '../sessions/index.ts'
import { Reason, UserParams } from './admin-users.schema.ts'
import type { ImpersonationService } from './impersonation.service.ts'

const tags = ['admin']

export const impersonationRoutes =
  (impersonation: ImpersonationService, door: SessionDoorkeeper): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/admin/users/:id/impersonate', {
      config: { access: { permission: 'users:impersonate' }, recentAuth: true },
      schema: {
        operationId: 'impersonate',
        summary: 'Act as somebody else for an hour at most; they are told, and credentials stay out of reach',
        tags,
        params: UserParams,
        body: Reason,
        response: { 200: TokenAnswer, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem },
      },
      handler: async ({ actor, params, body, client }, reply) =>
        door.deliver(reply, await impersonation.begin(actor, params.id, body.reason, client)),
    })

    app.post('/auth/impersonation/end', {
      config: { access: 'optional', sessionOnly: true },
      schema: {
        operationId: 'endImpersonation',
        summary: 'Stop acting as somebody else and go on as oneself',
        tags,
        response: { 200: TokenAnswer, 401: Problem, 409: Problem },
      },
      handler: async ({ visitor, client }, reply) => {
        if (!visitor) throw accessErrors.authentication_required()
        const own = await impersonation.end(visitor, client)
        if (own) return door.deliver(reply, own)
        door.clear(reply)
        throw sessionErrors.session_revoked()
      },
    })
  }
