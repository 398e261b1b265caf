import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RecentRequests } from '../../platform/http/request-meter.ts'
import { Problem } from '../../platform/http/schemas.ts'
import type { ProcessState } from '../../platform/measure/process-meter.ts'
import { type Dependencies, dependencyNames } from './dependencies.service.ts'
import { DependencyState, DetailedHealth } from './detailed.schema.ts'

const tags = ['health']

export interface DetailedHealthDependencies {
  version: string
  dependencies: Dependencies
  process: { read(): ProcessState }
  requests: { recent(): RecentRequests }
  sockets(): number
}

const forMonitors = { access: { permission: 'health:read' }, forMonitors: true } as const
const refusals = { 401: Problem, 403: Problem }

/** Under /api/v1, for administrators and for monitors with METRICS_TOKEN. */
export const detailedHealthRoutes =
  (deps: DetailedHealthDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/health/detailed', {
      config: forMonitors,
      schema: {
        operationId: 'getDetailedHealth',
        summary: 'How the process is, and what it stands on',
        tags,
        response: { 200: DetailedHealth, ...refusals },
      },
      handler: async () => {
        const dependencies = await deps.dependencies.all()
        const hasFailed = Object.values(dependencies).some(({ status }) => status === 'failed')
        return {
          status: hasFailed ? ('degraded' as const) : ('ok' as const),
          version: deps.version,
          uptime: Math.round(performance.now() / 1000),
          dependencies,
          ...deps.process.read(),
          requests: deps.requests.recent(),
          sockets: deps.sockets(),
        }
      },
    })

    for (const name of dependencyNames) {
      app.get(`/health/${name}`, {
        config: forMonitors,
        schema: {
          operationId: `get${name.replace(/^./, (letter) => letter.toUpperCase())}Health`,
          summary: `How ${name === 'email' ? 'the outbox' : `the ${name}`} is`,
          tags,
          response: { 200: DependencyState, ...refusals },
        },
        handler: async () => deps.dependencies.check(name),
      })
    }
  }
