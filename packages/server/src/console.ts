import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config/config.ts'
import { buildJobs, queuesOf } from './jobs.ts'
import { adminSessionRoutes } from './modules/admin/index.ts'
import { auditRoutes } from './modules/audit/index.ts'
import { JobsService, jobRoutes } from './modules/jobs/index.ts'
import { limitRoutes } from './modules/limits/index.ts'
import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import type { PeriodicJob } from './platform/jobs/periodic-job.ts'
import type { Logger } from './platform/log.ts'
import type { Services } from './services.ts'

interface ConsoleParts {
  config: Config
  services: Services
  database: DatabaseHandle
  now: Clock
  log: Logger
  /** Begun and ended by others. */
  watching: readonly PeriodicJob[]
  /** Those of modules that are not ours. */
  added: readonly PeriodicJob[]
}

/** What looks after the server itself, and what administrators see of it. */
export function buildConsole({ config, services, database, now, log, watching, added }: ConsoleParts) {
  const own = [...buildJobs(services, { database, now, log }), ...added]
  const jobs = new JobsService({
    ...{ database, audit: services.audit, now, processes: config.workers },
    jobs: [...own, ...watching],
    queues: () => queuesOf(services),
    tell: () => services.adminNews.tell('jobs'),
  })
  const routes: FastifyPluginAsync = async (api) => {
    await api.register(adminSessionRoutes(services.adminSessions))
    await api.register(jobRoutes(jobs))
    await api.register(auditRoutes(services))
    await api.register(limitRoutes(services.limits))
  }
  return {
    routes,
    start() {
      for (const job of own) job.start()
    },
    stop() {
      for (const job of own) job.stop()
      services.adminNews.close()
    },
  }
}
