import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Problem } from '../../platform/http/schemas.ts'
import { SyncAnswer, SyncRequest } from './sync.schema.ts'
import type { SyncService } from './sync.service.ts'

export const syncRoutes =
  (sync: SyncService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/sync', {
      config: { access: { permission: 'events:read' } },
      schema: {
        operationId: 'sync',
        summary: 'What happened in the streams of the caller since the positions sent',
        tags: ['sync'],
        body: SyncRequest,
        response: { 200: SyncAnswer, 401: Problem, 422: Problem },
      },
      handler: async ({ actor, body }, reply) => {
        reply.header('cache-control', 'no-store')
        return sync.sync(actor, body)
      },
    })
  }
