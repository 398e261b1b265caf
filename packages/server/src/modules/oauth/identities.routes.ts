import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem, pageOf } from '../../platform/http/schemas.ts'
import type { IdentitiesService } from './identities.service.ts'
import { LinkedIdentity } from './oauth.schema.ts'

const tags = ['oauth']

export const identityRoutes =
  (identities: IdentitiesService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/users/me/identities', {
      config: { access: 'user' },
      schema: {
        operationId: 'listIdentities',
        summary: 'The identities at providers that open the account of the caller',
        tags,
        response: { 200: pageOf(LinkedIdentity, 'LinkedIdentityList'), 401: Problem },
      },
      handler: async ({ actor }) => {
        const data = await identities.list(actor)
        return { data, page: { limit: data.length, next_cursor: null, prev_cursor: null, has_more: false } }
      },
    })

    app.delete('/users/me/identities/:identity_id', {
      config: { access: 'user', recentAuth: true },
      schema: {
        operationId: 'unlinkIdentity',
        summary: 'Unlink an identity; the last way into the account stays',
        tags,
        params: Type.Object({ identity_id: Id }),
        response: { 204: Type.Null(), 401: Problem, 403: Problem, 404: Problem, 409: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await identities.unlink(actor, params.identity_id)
        return reply.code(204).send(null)
      },
    })
  }
