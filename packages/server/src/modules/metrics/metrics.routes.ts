import type { FastifyPluginAsync } from 'fastify'
import { isFromHere } from '../../platform/http/loopback.ts'
import type { IsMonitor } from '../../platform/http/monitors.ts'
import { accessErrors } from '../../platform/policy.ts'
import type { Exposition } from './exposition.ts'

export interface MetricsRoutesDependencies {
  exposition: Exposition
  isMonitor: IsMonitor
  publicHost: string
}

/** Outside /api/v1: numbers for Prometheus, by token or from this machine. */
export const metricsRoutes =
  ({ exposition, isMonitor, publicHost }: MetricsRoutesDependencies): FastifyPluginAsync =>
  async (app) => {
    app.get('/metrics', {
      config: { access: 'public' },
      schema: {
        operationId: 'getMetrics',
        summary: 'Numbers for Prometheus; needs METRICS_TOKEN, or a caller at this machine',
        tags: ['health'],
      },
      handler: async (request, reply) => {
        if (!isMonitor(request) && !isFromHere(request, publicHost)) {
          throw accessErrors.authentication_required({ detail: 'Send METRICS_TOKEN in Authorization: Bearer' })
        }
        const { type, text } = await exposition.text()
        return reply.header('cache-control', 'no-store').type(type).send(text)
      },
    })
  }
