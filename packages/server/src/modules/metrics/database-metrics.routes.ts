import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { Problem } from '../../platform/http/schemas.ts'
import type { DatabaseMetrics } from './database-metrics.service.ts'
import { LoadHistory as LoadHistoryAnswer, LoadHistoryQuery } from './load-history.schema.ts'
import type { LoadHistory } from './load-history.service.ts'
import * as schema from './metrics.schema.ts'

const tags = ['administration']
const refusals = { 401: Problem, 403: Problem }

export const databaseMetricsRoutes =
  ({ metrics, load }: { metrics: DatabaseMetrics; load: LoadHistory }): FastifyPluginAsyncTypebox =>
  async (app) => {
    const config = { access: { permission: 'metrics:read' } }
    app.get('/admin/metrics/history', {
      config,
      schema: {
        operationId: 'getLoadHistory',
        summary: 'How busy this process was in the last hour, in steps of ten seconds',
        tags,
        querystring: LoadHistoryQuery,
        response: { 200: LoadHistoryAnswer, ...refusals, 422: Problem },
      },
      handler: async ({ query }) => load.read(query),
    })

    app.get('/admin/metrics/database', {
      config,
      schema: {
        operationId: 'getDatabaseMetrics',
        summary: 'Connections and statements of this process, in short',
        tags,
        response: { 200: schema.DatabaseMetrics, ...refusals },
      },
      handler: async () => metrics.summary(),
    })

    app.get('/admin/metrics/queries', {
      config,
      schema: {
        operationId: 'listQueryMetrics',
        summary: 'The statements that take the most',
        tags,
        querystring: schema.QueriesQuery,
        response: { 200: schema.QueryMetricsList, ...refusals, 422: Problem },
      },
      handler: async ({ query }) => metrics.statements(query),
    })

    app.get('/admin/metrics/slow-queries', {
      config,
      schema: {
        operationId: 'listSlowQueries',
        summary: 'The last slow statements, and those that single requests ran again and again',
        tags,
        response: { 200: schema.SlowQueries, ...refusals },
      },
      handler: async () => metrics.slow(),
    })

    app.post('/admin/metrics/reset', {
      config: { access: { permission: 'metrics:reset' }, recentAuth: true },
      schema: {
        operationId: 'resetDatabaseMetrics',
        summary: 'Forget statements and warnings of this process; /metrics goes on counting',
        tags,
        response: { 204: Type.Null(), ...refusals },
      },
      handler: async (_request, reply) => {
        metrics.reset()
        return reply.code(204).send(null)
      },
    })
  }
