import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import { CacheQuery, CacheStats } from './cache.schema.ts'
import type { CacheService } from './cache.service.ts'

const tags = ['administration']
const problems = { 401: Problem, 403: Problem }

export const cacheRoutes =
  (cache: CacheService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/cache/stats', {
      config: { access: { permission: 'cache:read' } },
      schema: {
        operationId: 'getCacheStats',
        summary: 'What the process that answers keeps in memory, and how often that helped; never what it is',
        tags,
        response: { 200: pageOf(CacheStats, 'CacheStatsList'), ...problems },
      },
      handler: async () => wholeList(cache.stats()),
    })

    app.delete('/admin/cache', {
      config: { access: { permission: 'cache:clear' }, recentAuth: true },
      schema: {
        operationId: 'clearCache',
        summary: 'Empty these memories in every process; they fill again by themselves',
        tags,
        querystring: CacheQuery,
        response: { 204: Type.Null(), ...problems },
      },
      handler: async ({ query }, reply) => {
        await cache.clear(query.prefix ?? '')
        return reply.code(204).send(null)
      },
    })
  }
