import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Id, Problem } from '../../platform/http/schemas.ts'
import type { ErasureReceiptsService } from './erasure-receipts.service.ts'
import { ErasureReceipt } from './erasures.schema.ts'

export interface ErasureRoutesDependencies {
  erasureReceipts: ErasureReceiptsService
}

export const erasureRoutes =
  ({ erasureReceipts }: ErasureRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/erasures/:id', {
      config: { access: { permission: 'users:read' } },
      schema: {
        operationId: 'getErasure',
        summary: 'What was erased with an account, by the id it had, and the proof of it',
        tags: ['admin'],
        params: Type.Object({ id: Id }),
        response: { 200: ErasureReceipt, 401: Problem, 403: Problem, 404: Problem },
      },
      handler: async ({ actor, params }) => erasureReceipts.get(actor, params.id),
    })
  }
