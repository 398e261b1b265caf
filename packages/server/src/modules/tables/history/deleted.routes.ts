import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Problem, pageOf } from '../../../platform/http/schemas.ts'
import { DataRow, RowParams, TableParams, WriteQuery } from '../data.schema.ts'
import { DeletedQuery, DeletedRow, PurgeQuery } from './deleted.schema.ts'
import type { DeletedRowsService } from './deleted-rows.service.ts'

const refusals = { 401: Problem, 403: Problem, 404: Problem, 503: Problem }

export const deletedRoutes =
  (deleted: DeletedRowsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post('/data/:table/:key/restore', {
      config: { access: { permission: 'data:write' }, inside: true, idempotency: 'rows' },
      schema: {
        operationId: 'restoreRow',
        summary: 'Bring back a row that was deleted, where the table keeps such rows',
        tags: ['data'],
        params: RowParams,
        querystring: WriteQuery,
        response: { 200: DataRow, ...refusals, 400: Problem, 409: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, query } = request
        const options = { exactAsText: isExactText(request), dryRun: query.dry_run }
        const row = await deleted.restore(actor, params.table, keyOf(request), options)
        if (row.etag !== undefined) reply.header('etag', row.etag)
        return reply.type('application/json; charset=utf-8').send((row.json ?? '{}') as never)
      },
    })

    app.get('/admin/data/tables/:table/deleted', {
      config: { access: { permission: 'data:manage' } },
      schema: {
        operationId: 'listDeletedRows',
        summary: 'Rows of a table that were deleted and can be restored, newest first',
        tags: ['administration'],
        params: TableParams,
        querystring: DeletedQuery,
        response: { 200: pageOf(DeletedRow, 'DeletedRowList'), ...refusals, 400: Problem },
      },
      handler: (request) => {
        const { actor, params, query } = request
        return deleted.list(actor, params.table, { ...query, exactAsText: isExactText(request) })
      },
    })

    app.delete('/admin/data/tables/:table/deleted', {
      config: { access: { permission: 'data:manage' }, recentAuth: true },
      schema: {
        operationId: 'purgeDeletedRows',
        summary: 'Forget deleted rows for good: one, or all of a table',
        tags: ['administration'],
        params: TableParams,
        querystring: PurgeQuery,
        response: { 204: Type.Null(), ...refusals },
      },
      handler: async ({ actor, params, query }, reply) => {
        await deleted.purge(actor, params.table, query.key)
        return reply.code(204).send(null)
      },
    })
  }

const isExactText = ({ headers }: FastifyRequest): boolean =>
  /\bnumbers=string\b/.test([headers.prefer ?? []].flat().join(','))

/** As it was sent: decoded, a comma inside a part would look like one between parts. */
const keyOf = ({ raw }: FastifyRequest): string => (raw.url ?? '').split('?', 1)[0]?.split('/').at(-2) ?? ''
