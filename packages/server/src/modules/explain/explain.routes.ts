import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { DenialParams, Explanation, PastDenial, Question } from './explain.schema.ts'
import type { ExplainService } from './explain.service.ts'

const tags = ['administration']
const config = { access: { permission: 'access:explain' } }
const refusals = { 401: Problem, 403: Problem, 404: Problem }

export const explainRoutes =
  (explaining: ExplainService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/admin/explain', {
      config,
      schema: {
        operationId: 'explainAccess',
        summary: 'Why somebody may do something, or may not; nothing is done',
        tags,
        body: Question,
        response: { 200: Explanation, ...refusals, 422: Problem },
      },
      handler: async ({ actor, body }) => explaining.explain(actor, body, app.guardedRoutes),
    })

    app.get('/admin/explain/:explain_id', {
      config,
      schema: {
        operationId: 'explainDenial',
        summary: 'Why a call of the last hour was refused, by the explain_id of its problem',
        tags,
        params: DenialParams,
        response: { 200: PastDenial, ...refusals },
      },
      handler: async ({ actor, params }) => explaining.past(actor, params.explain_id),
    })
  }
