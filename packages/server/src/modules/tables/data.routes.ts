import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { linkPages } from '../../platform/http/page-links.ts'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import {
  Affected,
  AggregateQueryString,
  CreateQuery,
  DataPage,
  DataRow,
  ListBody,
  ListQueryString,
  NewRows,
  RowBody,
  RowParams,
  SetQueryString,
  ShapeQuery,
  TableParams,
  WriteQuery,
} from './data.schema.ts'
import { aggregateQueryOf, conflictOf, listQueryOf, setOptions, setQueryOf } from './query/asked.ts'
import type { AggregateService } from './rows/aggregate.service.ts'
import type { ReadingService } from './rows/reading.service.ts'
import { names } from './rows/row-etag.ts'
import type { SetChangesService } from './rows/set-changes.service.ts'
import type { UpsertService } from './rows/upsert.service.ts'
import type { WritingService } from './rows/writing.service.ts'
import type { WrittenRow } from './rows/written-rows.ts'
import { DataTable, DataTableSchema } from './tables.schema.ts'
import type { TablesService } from './tables.service.ts'

const tags = ['data']
const reads = { access: { permission: 'data:read' }, inside: true }
const writes = { access: { permission: 'data:write' }, inside: true }
/** What it does, and its answer, are kept in the tables' own database. */
const changes = { ...writes, idempotency: 'rows' as const }
const refusals = { 400: Problem, 401: Problem, 403: Problem, 404: Problem, 503: Problem, 504: Problem }
const writeRefusals = { ...refusals, 409: Problem, 422: Problem }

export interface DataRoutesDependencies {
  tables: TablesService
  reading: ReadingService
  writing: WritingService
  upserts: UpsertService
  sets: SetChangesService
  aggregates: AggregateService
}

export const dataRoutes =
  ({ tables, reading, writing, upserts, sets, aggregates }: DataRoutesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/data', {
      config: reads,
      schema: {
        operationId: 'listTables',
        summary: 'The tables one may use, and what one may do with each',
        tags,
        response: { 200: pageOf(DataTable, 'DataTableList'), ...refusals },
      },
      handler: async ({ actor }) => wholeList(await tables.list(actor)),
    })

    app.get('/data/:table/schema', {
      config: reads,
      schema: {
        operationId: 'getTableSchema',
        summary: 'Columns, key and relations of a table, as far as one sees them',
        tags,
        params: TableParams,
        response: { 200: DataTableSchema, ...refusals },
      },
      handler: ({ actor, params }) => tables.schema(actor, params.table),
    })

    app.get('/data/:table/aggregate', {
      config: reads,
      schema: {
        operationId: 'aggregateRows',
        summary: 'Count, sum, average, least and most, by group',
        description: 'Tests on the results are written `having[sum_price][gte]=10`.',
        tags,
        params: TableParams,
        querystring: AggregateQueryString,
        response: { 200: DataPage, ...refusals },
      },
      handler: async (request, reply) => {
        const asked = aggregateQueryOf(request.query)
        return sendJson(
          reply,
          await aggregates.aggregate(request.actor, request.params.table, asked, preferences(request).exactAsText),
        )
      },
    })

    app.get('/data/:table', {
      config: reads,
      schema: {
        operationId: 'listRows',
        summary: 'Rows of a table',
        description: 'Filter, sort, page, and bring related rows along. A short filter: `filter[price][gte]=10`.',
        tags,
        params: TableParams,
        querystring: ListQueryString,
        response: { 200: DataPage, ...refusals },
      },
      handler: async (request, reply) => {
        const query = listQueryOf(request.query)
        const { json, page } = await reading.list(request.actor, request.params.table, query, preferences(request))
        linkPages(request, reply, page)
        return sendJson(reply, json)
      },
    })

    app.post('/data/:table/query', {
      config: reads,
      schema: {
        operationId: 'queryRows',
        summary: 'Rows of a table; the same as the list, asked for in a body',
        tags,
        params: TableParams,
        body: ListBody,
        response: { 200: DataPage, ...refusals, 422: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body } = request
        return sendJson(reply, (await reading.list(actor, params.table, body, preferences(request))).json)
      },
    })

    app.post('/data/:table', {
      config: changes,
      schema: {
        operationId: 'createRows',
        summary: 'Add a row, or up to 1,000 at once: all or none; with `on_conflict`, change those that are there',
        description: 'An upsert answers 201 where a row was added, else 200, and takes If-Match for a single row.',
        tags,
        params: TableParams,
        querystring: CreateQuery,
        body: NewRows,
        response: { 200: DataRow, 201: DataRow, ...writeRefusals, 412: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, body, query } = request
        const { isMinimal, exactAsText } = preferences(request)
        const options = { exactAsText, dryRun: query.dry_run }
        const conflict = conflictOf(query)
        const { rows, isNew } = conflict
          ? await upserts.upsert(actor, params.table, body, {
              ...{ ...options, ...conflict },
              ifMatch: request.headers['if-match'],
            })
          : { rows: await writing.create(actor, params.table, body, options), isNew: true }
        reply.code(query.dry_run || !isNew ? 200 : 201)
        const [first] = rows
        if (Array.isArray(body)) {
          return isMinimal
            ? sendJson(reply, '')
            : sendJson(reply, `{"data":[${rows.map(({ json }) => json ?? '{}').join(',')}]}`)
        }
        if (first?.path !== undefined) {
          reply.header('location', `/api/v1/data/${encodeURIComponent(params.table)}/${first.path}`)
        }
        return sendRow(reply, first, isMinimal)
      },
    })

    app.get('/data/:table/:key', {
      config: reads,
      schema: {
        operationId: 'getRow',
        summary: 'A row',
        tags,
        params: RowParams,
        querystring: ShapeQuery,
        response: { 200: DataRow, 304: Type.Null(), ...refusals },
      },
      handler: async (request, reply) => {
        const { exactAsText } = preferences(request)
        const { json, etag, isWhole } = await reading.get(request.actor, request.params.table, keyOf(request), {
          ...request.query,
          exactAsText,
        })
        reply.headers({ etag, 'cache-control': 'private, no-cache' })
        const known = request.headers['if-none-match']
        // What is brought along is not in the ETag.
        if (isWhole && known !== undefined && names(known, etag)) return reply.code(304).send(null)
        return sendJson(reply, json)
      },
    })

    for (const method of ['put', 'patch'] as const) {
      app[method]('/data/:table/:key', {
        config: method === 'patch' ? changes : writes,
        schema: {
          operationId: method === 'put' ? 'replaceRow' : 'updateRow',
          summary:
            method === 'put'
              ? 'Replace a row: what is left out becomes its default, or null'
              : 'Change a row; `{"count":{"$inc":1}}` counts on from what is there',
          tags,
          params: RowParams,
          querystring: WriteQuery,
          body: RowBody,
          response: { 200: DataRow, 204: Type.Null(), ...writeRefusals, 412: Problem },
        },
        handler: async (request, reply) => {
          const { actor, params, body, query } = request
          const { isMinimal, exactAsText } = preferences(request)
          const options = { exactAsText, dryRun: query.dry_run, ifMatch: request.headers['if-match'] }
          const replace = method === 'put'
          const row = await writing.update(actor, params.table, keyOf(request), body, { ...options, replace })
          return sendRow(reply.code(isMinimal ? 204 : 200), row, isMinimal)
        },
      })
    }

    app.patch('/data/:table', {
      config: changes,
      schema: {
        operationId: 'updateRows',
        summary: 'Change every row that the filter finds, all or none',
        description: 'Needs a filter, and `Prefer: max-affected=n`: were it more rows than that, none is changed.',
        tags,
        params: TableParams,
        querystring: SetQueryString,
        body: RowBody,
        response: { 200: Affected, ...writeRefusals },
      },
      handler: async (request) => {
        const { actor, params, body, query } = request
        return { affected: await sets.update(actor, params.table, setQueryOf(query), body, setOptions(request)) }
      },
    })

    app.delete('/data/:table', {
      config: writes,
      schema: {
        operationId: 'deleteRows',
        summary: 'Delete every row that the filter finds, all or none',
        description: 'Needs a filter, and `Prefer: max-affected=n`: were it more rows than that, none is deleted.',
        tags,
        params: TableParams,
        querystring: SetQueryString,
        response: { 200: Affected, ...writeRefusals },
      },
      handler: async (request) => {
        const { actor, params, query } = request
        return { affected: await sets.delete(actor, params.table, setQueryOf(query), setOptions(request)) }
      },
    })

    app.delete('/data/:table/:key', {
      config: writes,
      schema: {
        operationId: 'deleteRow',
        summary: 'Delete a row',
        tags,
        params: RowParams,
        querystring: WriteQuery,
        response: { 204: Type.Null(), ...writeRefusals, 412: Problem },
      },
      handler: async (request, reply) => {
        const { actor, params, query, headers } = request
        const options = { ifMatch: headers['if-match'], dryRun: query.dry_run }
        await writing.delete(actor, params.table, keyOf(request), options)
        return reply.code(204).send(null)
      },
    })
  }

/** As it was sent: decoded, a comma inside a part would look like one between parts. */
function keyOf({ raw: { url = '' } }: FastifyRequest): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return path.slice(path.lastIndexOf('/') + 1)
}

const usual = { exactAsText: false, isMinimal: false }

function preferences({ headers }: FastifyRequest): Readonly<typeof usual> {
  if (headers.prefer === undefined) return usual
  const prefer = [headers.prefer ?? []].flat().join(',')
  return { exactAsText: /\bnumbers=string\b/.test(prefer), isMinimal: /\breturn=minimal\b/.test(prefer) }
}

/** Written by the database: it is sent as it is. */
const sendJson = (reply: FastifyReply, json: string) =>
  reply.type('application/json; charset=utf-8').send(json) as never

function sendRow(reply: FastifyReply, row: WrittenRow | undefined, isMinimal: boolean) {
  if (row?.etag !== undefined) reply.header('etag', row.etag)
  return sendJson(reply, isMinimal ? '' : (row?.json ?? '{}'))
}
