import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Problem, pageOf, wholeList } from '../../../platform/http/schemas.ts'
import { DataRow, RowParams } from '../data.schema.ts'
import { RevisionParams, RowRevision } from './revisions.schema.ts'
import type { RevisionsService } from './revisions.service.ts'

const tags = ['data']
const refusals = { 400: Problem, 401: Problem, 403: Problem, 404: Problem, 503: Problem, 504: Problem }

export const revisionRoutes =
  (revisions: RevisionsService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/data/:table/:key/revisions', {
      config: { access: { permission: 'data:read' }, inside: true },
      schema: {
        operationId: 'listRowRevisions',
        summary: 'What a row was like before, newest first; as far as one may see it today',
        tags,
        params: RowParams,
        response: { 200: pageOf(RowRevision, 'RowRevisionList'), ...refusals },
      },
      handler: async (request) => {
        const { actor, params } = request
        return wholeList(await revisions.list(actor, params.table, keyOf(request), isExact(request)))
      },
    })

    app.post('/data/:table/:key/revisions/:rev/revert', {
      config: { access: { permission: 'data:write' }, inside: true },
      schema: {
        operationId: 'revertRow',
        summary: 'Make a row again what it was; an update like any other, and a new revision',
        tags,
        params: RevisionParams,
        response: { 200: DataRow, ...refusals, 409: Problem, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, headers } = request
        const options = { ifMatch: headers['if-match'], exactAsText: isExact(request) }
        const row = await revisions.revert(actor, params.table, keyOf(request), params.rev, options)
        if (row.etag !== undefined) reply.header('etag', row.etag)
        return reply.type('application/json; charset=utf-8').send((row.json ?? '{}') as never)
      },
    })
  }

/** As it was sent: decoded, a comma inside a part would look like one between parts. */
const keyOf = ({ raw }: FastifyRequest): string => {
  const parts = (raw.url ?? '').split('?', 1)[0]?.split('/') ?? []
  return parts[parts.lastIndexOf('revisions') - 1] ?? ''
}

const isExact = ({ headers }: FastifyRequest): boolean =>
  /\bnumbers=string\b/.test([headers.prefer ?? []].flat().join(','))
