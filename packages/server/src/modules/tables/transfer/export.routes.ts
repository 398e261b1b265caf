import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../../platform/http/schemas.ts'
import { TableParams } from '../data.schema.ts'
import { readParameters } from '../query/list-request.ts'
import type { ExportService } from './export.service.ts'
import { ExportQueryString } from './transfer.schema.ts'

const tags = ['data']
const refusals = { 400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 503: Problem, 504: Problem }
const file = { schema: Type.String() }

export const exportRoute =
  (exporting: ExportService): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/data/:table/export', {
      config: { access: { permission: 'data:read' } },
      schema: {
        operationId: 'exportRows',
        summary: 'All rows that the filter leaves, as a file',
        description:
          'In CSV null is an empty cell and the empty text `""`; text that a spreadsheet would run begins with an apostrophe. JSON is an array of rows, NDJSON a row on each line. An answer that breaks off is not the whole of it.',
        tags,
        params: TableParams,
        querystring: ExportQueryString,
        response: {
          200: {
            description: 'The rows',
            content: { 'text/csv': file, 'application/json': file, 'application/x-ndjson': file },
          },
          ...refusals,
          429: Problem,
        },
      },
      handler: async (request, reply) => {
        const { format = 'csv', sort, search, fields } = request.query
        const { short, ...filter } = readParameters(
          request.query as Record<string, unknown>,
          ['format'],
          ['filter', 'search', 'sort', 'fields'],
        )
        const { type, name, text } = await exporting.export(request.actor, {
          table: request.params.table,
          format,
          query: { ...filter, short, sort, search, fields },
          exactAsText: /\bnumbers=string\b/.test([request.headers.prefer ?? []].flat().join(',')),
        })
        reply.header('content-disposition', `attachment; filename="${name}"`).type(type)
        if (request.method === 'HEAD') await text.return()
        return reply.send(Readable.from(text, { objectMode: false, highWaterMark: 64 * 1024 }) as never)
      },
    })
  }
