import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem, pageOf } from '../../platform/http/schemas.ts'
import { AdminFileList, AdminFileParams, AdminFileQuery, OwnerUsage, OwnerUsageQuery } from './admin-files.schema.ts'
import type { AdminFiles } from './admin-files.service.ts'

const tags = ['admin']
const problems = { 401: Problem, 403: Problem }

export const adminFileRoutes =
  (files: AdminFiles): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/files', {
      config: { access: { permission: 'storage:read' } },
      schema: {
        operationId: 'listAllFiles',
        summary: 'Everybody’s files: what is known of them, not what is in them',
        tags,
        querystring: AdminFileQuery,
        response: { 200: AdminFileList, 400: Problem, ...problems, 422: Problem },
      },
      handler: async ({ actor, query }) => files.list(actor, query),
    })

    app.get('/admin/files/usage', {
      config: { access: { permission: 'storage:read' } },
      schema: {
        operationId: 'listFileUsage',
        summary: 'Who takes how much room, the most first',
        tags,
        querystring: OwnerUsageQuery,
        response: { 200: pageOf(OwnerUsage, 'OwnerUsageList'), 400: Problem, ...problems, 422: Problem },
      },
      handler: async ({ actor, query }) => files.listUsage(actor, query),
    })

    app.delete('/admin/files/:id', {
      config: { access: { permission: 'storage:remove' }, recentAuth: true },
      schema: {
        operationId: 'removeAnyFile',
        summary: 'Remove a file of anybody for good, from what shows it too',
        tags,
        params: AdminFileParams,
        response: { 204: Type.Null(), ...problems, 404: Problem, 503: Problem },
      },
      handler: async ({ actor, params }, reply) => {
        await files.remove(actor, params.id)
        return reply.code(204).send(null)
      },
    })
  }
