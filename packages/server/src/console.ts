import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import { backUp } from './backups.ts'
import type { Config } from './config/config.ts'
import { buildJobs, queuesOf } from './jobs.ts'
import { passwordPolicy } from './modules/accounts/index.ts'
import { adminFileRoutes, adminSessionRoutes } from './modules/admin/index.ts'
import { Announcements, announcementRoutes } from './modules/announcements/index.ts'
import { auditRoutes } from './modules/audit/index.ts'
import { backupRoutes, StoredBackups } from './modules/backups/index.ts'
import { CacheService, cacheRoutes } from './modules/cache/index.ts'
import { JobsService, jobRoutes } from './modules/jobs/index.ts'
import { limitRoutes } from './modules/limits/index.ts'
import { SettingsService, settingRoutes } from './modules/settings/index.ts'
import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import type { EventBus } from './platform/events/event-bus.ts'
import { outageOf } from './platform/jobs/outage.ts'
import { PeriodicJob } from './platform/jobs/periodic-job.ts'
import type { Logger } from './platform/log.ts'
import type { Tracer } from './platform/tracing/tracer.ts'
import type { Services } from './services.ts'

interface ConsoleParts {
  config: Config
  services: Services
  database: DatabaseHandle
  bus: EventBus
  now: Clock
  log: Logger
  tracer: Tracer | undefined
  /** Begun and ended by others. */
  watching: readonly PeriodicJob[]
  /** Those of modules that are not ours. */
  added: readonly PeriodicJob[]
}

/** What looks after the server itself, and what administrators see of it. */
export function buildConsole({ config, services, database, bus, now, log, tracer, watching, added }: ConsoleParts) {
  const { audit, adminReads, adminNews, cursors } = services
  const announcements = new Announcements({ database, cursors, audit, bus, now })
  const settings = new SettingsService({
    ...{ config, database, audit, adminReads, cursors, bus, log, now },
    onApplied() {
      Object.assign(services.policy, passwordPolicy(config.passwordPolicy))
      void adminNews.tell('settings')
    },
  })
  const { version } = services
  const backups = new StoredBackups({
    ...{ database, audit, now, log, folder: join(config.dataDir, 'backups') },
    make: (file, onProgress) => backUp(file, { config, log, version, now, onProgress }),
    tell: () => adminNews.tell('backups'),
  })
  const cache = new CacheService({ database, audit, bus })
  const watchSettings = { name: 'settings.watch', everyMs: 5_000, run: () => settings.load() }
  const own = [
    ...buildJobs(services, { database, now, log, tracer }),
    new PeriodicJob({ ...watchSettings, now, log, isOutage: outageOf(database) }),
    ...added,
  ]
  const jobs = new JobsService({
    ...{ database, audit, now, processes: config.workers },
    jobs: [...own, ...watching],
    queues: () => queuesOf(services),
    tell: () => adminNews.tell('jobs'),
  })
  const routes: FastifyPluginAsync = async (api) => {
    await api.register(adminSessionRoutes(services.adminSessions))
    await api.register(adminFileRoutes(services.adminFiles))
    await api.register(jobRoutes(jobs))
    await api.register(settingRoutes(settings))
    await api.register(announcementRoutes(announcements))
    await api.register(backupRoutes(backups))
    await api.register(cacheRoutes(cache))
    await api.register(auditRoutes(services))
    await api.register(limitRoutes(services.limits))
  }
  return {
    routes,
    /** What was begun by hand has ended. */
    settled: () => backups.settled(),
    start() {
      for (const job of own) job.start()
    },
    stop() {
      for (const job of own) job.stop()
      adminNews.close()
    },
  }
}
