import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { etagOf, expectedVersion, sendVersioned } from '../../platform/http/etag.ts'
import { Problem, pageOf, wholeList } from '../../platform/http/schemas.ts'
import type { ColumnEditingService } from './column-editing.service.ts'
import { TableParams, WriteQuery } from './data.schema.ts'
import type { ExposureService } from './exposure.service.ts'
import {
  AdminTable,
  AdminTableSummary,
  ColumnPatch,
  NewTableColumn,
  RuleTestRequest,
  RuleTestResult,
  TableSettings,
} from './tables.schema.ts'

const tags = ['administration']
const reads = { access: { permission: 'tables:read' } }
const writes = { access: { permission: 'tables:update' }, recentAuth: true }
const refusals = { 401: Problem, 403: Problem, 404: Problem, 503: Problem }

const ColumnParams = Type.Object({
  table: Type.String({ maxLength: 128 }),
  column: Type.String({ maxLength: 128 }),
})

export interface AdminTablesDependencies {
  exposure: ExposureService
  columns: ColumnEditingService
}

export const adminTableRoutes =
  ({ exposure, columns }: AdminTablesDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/admin/data/tables', {
      config: reads,
      schema: {
        operationId: 'listAllTables',
        summary: 'All tables of the database, exposed or not',
        tags,
        response: { 200: pageOf(AdminTableSummary, 'AdminTableList'), ...refusals },
      },
      handler: async () => wholeList(await exposure.list()),
    })

    app.get('/admin/data/tables/:table', {
      config: reads,
      schema: {
        operationId: 'getTableSettings',
        summary: 'A table with its columns, and what is set for it',
        tags,
        params: TableParams,
        response: { 200: AdminTable, ...refusals },
      },
      handler: async (request, reply) => {
        const table = await exposure.get(request.params.table)
        return sendVersioned(request, reply, table, [table.columns, table.relations, table.checks, table.writable])
      },
    })

    app.put('/admin/data/tables/:table', {
      config: writes,
      schema: {
        operationId: 'setTableSettings',
        summary: 'Expose a table and set its rules; what is left out is as by default',
        tags,
        params: TableParams,
        body: TableSettings,
        response: { 200: AdminTable, ...refusals, 412: Problem, 422: Problem },
      },
      handler: async (request, reply) => {
        const table = await exposure.set(request.params.table, request.body, expectedVersion(request))
        reply.header('etag', etagOf(table.version))
        return table
      },
    })

    app.post('/admin/data/tables/:table/columns', {
      config: writes,
      schema: {
        operationId: 'addTableColumn',
        summary: 'Add a column to a table',
        tags,
        params: TableParams,
        body: NewTableColumn,
        response: { 201: AdminTable, ...refusals, 409: Problem, 422: Problem },
      },
      handler: async ({ params, body }, reply) => {
        const table = await columns.add(params.table, body)
        reply.code(201).header('etag', etagOf(table.version))
        return table
      },
    })

    app.patch('/admin/data/tables/:table/columns/:column', {
      config: writes,
      schema: {
        operationId: 'changeTableColumn',
        summary: 'Rename a column, let it be empty or not, give it another default or type',
        tags,
        params: ColumnParams,
        querystring: WriteQuery,
        body: ColumnPatch,
        response: { 200: AdminTable, ...refusals, 409: Problem, 422: Problem },
      },
      handler: ({ params, query, body }) => columns.change(params.table, params.column, body, query.dry_run),
    })

    app.delete('/admin/data/tables/:table/columns/:column', {
      config: writes,
      schema: {
        operationId: 'dropTableColumn',
        summary: 'Take a column away, with everything in it',
        tags,
        params: ColumnParams,
        response: { 204: Type.Null(), ...refusals, 409: Problem },
      },
      handler: async ({ params }, reply) => {
        await columns.drop(params.table, params.column)
        return reply.code(204).send(null)
      },
    })

    app.post('/admin/data/refresh', {
      config: writes,
      schema: {
        operationId: 'refreshTables',
        summary: 'Read again which tables there are',
        tags,
        response: { 200: pageOf(AdminTableSummary, 'AdminTableList'), ...refusals },
      },
      handler: async () => wholeList(await exposure.refresh()),
    })

    app.post('/admin/data/rules/test', {
      config: writes,
      schema: {
        operationId: 'testTableRules',
        summary: 'Try what rules allow; nothing is kept of it',
        tags,
        body: RuleTestRequest,
        response: {
          200: Type.Object({ data: Type.Array(RuleTestResult) }, { title: 'TableRuleTestResults' }),
          ...refusals,
          422: Problem,
        },
      },
      handler: async ({ body }) => ({ data: await exposure.test(body) }),
    })
  }
