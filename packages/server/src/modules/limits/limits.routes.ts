import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import { RateLimitBlock } from './limits.schema.ts'
import type { LimitsService } from './limits.service.ts'

const tags = ['administration']

export const limitRoutes =
  (limits: LimitsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/rate-limits', {
      config: { access: { permission: 'limits:read' } },
      schema: {
        operationId: 'listRateLimits',
        summary: 'Who is refused right now because of a limit, at most 1,000',
        tags,
        response: { 200: pageOf(RateLimitBlock, 'RateLimitBlockList'), 401: Problem, 403: Problem },
      },
      handler: async ({ actor }) => wholeList(await limits.list(actor)),
    })

    app.delete('/admin/rate-limits/:key', {
      config: { access: { permission: 'limits:update' } },
      schema: {
        operationId: 'liftRateLimit',
        summary: 'Let somebody who is refused begin anew',
        tags,
        params: Type.Object({ key: Type.String({ maxLength: 100 }) }),
        response: { 204: Type.Null(), 401: Problem, 403: Problem, 404: Problem },
      },
      handler: async ({ params }, reply) => {
        await limits.lift(params.key)
        return reply.code(204).send(null)
      },
    })
  }
