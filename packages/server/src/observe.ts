import { hostname } from 'node:os'
import type { FastifyPluginAsync } from 'fastify'
import type { Config } from './config/config.ts'
import { Dependencies, detailedHealthRoutes, type HealthDependencies } from './modules/health/index.ts'
import {
  DatabaseMetrics,
  databaseMetricsRoutes,
  Exposition,
  LoadHistory,
  metricsRoutes,
  sampleSeconds,
} from './modules/metrics/index.ts'
import type { Clock } from './platform/clock.ts'
import type { DatabaseHandle } from './platform/db/database.ts'
import { type IsMonitor, monitorByToken } from './platform/http/monitors.ts'
import { meterRequests } from './platform/http/request-meter.ts'
import type { HttpServer } from './platform/http/server.ts'
import { newId } from './platform/ids.ts'
import { outageOf } from './platform/jobs/outage.ts'
import { PeriodicJob } from './platform/jobs/periodic-job.ts'
import type { Logger } from './platform/log.ts'
import { ProcessMeter } from './platform/measure/process-meter.ts'
import type { Tracer } from './platform/tracing/tracer.ts'
import type { Services } from './services.ts'
import { workerNumber } from './workers.ts'

export { openLog } from './error-sink.ts'

/** Nothing of it is loaded where no collector is named. */
export async function openTracing(config: Config, version: string, log: Logger): Promise<Tracer | undefined> {
  if (!config.tracing) return undefined
  const { Tracer: Made } = await import('./platform/tracing/tracer.ts')
  return new Made({ ...config.tracing, version, log, instance: `${hostname()}-${newId()}` })
}

export async function tracedRequests(http: HttpServer, tracer: Tracer, trustedProxies: readonly string[]) {
  const { traceRequests } = await import('./platform/tracing/request-spans.ts')
  return traceRequests(http, tracer, trustedProxies)
}

export interface Observed {
  http: HttpServer
  config: Config
  database: DatabaseHandle
  services: Services
  now: Clock
  log: Logger
  tracer: Tracer | undefined
  isClockTrue(): boolean
  isShuttingDown(): boolean
  /** Live connections, once there is a server for them. */
  sockets(): number
}

export interface Observation {
  isMonitor: IsMonitor
  sampling: PeriodicJob
  health: HealthDependencies
  /** Measures again and again, until `stop`. */
  start(): void
  stop(): void
  /** Beside /api/v1. */
  outside: FastifyPluginAsync
  /** Under it. */
  inside: FastifyPluginAsync
}

/** What watches the server and tells of it; made before the routes, so that all of them are counted. */
export function observe({ http, config, database, services, now, log, ...state }: Observed): Observation {
  const requests = meterRequests(http)
  const processMeter = new ProcessMeter()
  const isMonitor = monitorByToken(config.secrets.metricsToken)
  const outbox = () => services.mailAdministration.outbox()
  const dependencies = new Dependencies({
    database,
    redis: services.redis,
    storage: services.storage,
    mail: { driver: config.mail.driver, outbox },
    now,
  })
  const exposition = new Exposition({
    requests,
    queries: database.meter,
    pool: database.pool,
    logBytes: database.dialect.logBytes,
    sockets: state.sockets,
    pending: async () => ({ mails: (await outbox()).waiting }),
    worker: config.workers > 1 ? workerNumber : undefined,
  })
  const load = new LoadHistory({
    requests,
    queries: database.meter,
    pool: database.pool,
    sockets: state.sockets,
    pending: async () => (await outbox()).waiting,
    processes: config.workers,
    now,
  })
  const sampling = new PeriodicJob({
    name: 'load.sample',
    everyMs: sampleSeconds * 1000,
    run: () => load.sample(),
    now,
    log,
    isOutage: outageOf(database),
  })
  const providers = services.oauth.list().data.map(({ id }) => id)
  const { version } = services
  return {
    isMonitor,
    sampling,
    start() {
      processMeter.start()
      sampling.start()
    },
    stop() {
      processMeter.stop()
      sampling.stop()
    },
    health: {
      version,
      isDatabaseReady: () =>
        database.ping().then(
          () => true,
          () => false,
        ),
      isClockTrue: state.isClockTrue,
      isStorageReady: () => services.files.isReady(),
      isShuttingDown: state.isShuttingDown,
      isSetupRequired: () => services.setup.isRequired(),
      passwordPolicy: services.policy,
      features: {
        registration: true,
        get guests() {
          return config.guestAccounts
        },
        passkeys: true,
        oauth: providers.length > 0,
        mail: config.mail.driver !== 'off',
        verification: config.emailVerification !== 'off',
        verification_required: config.emailVerification === 'required',
        messaging: true,
        doctor: config.doctorPage,
      },
      get registration() {
        return { ...config.registration, emailVerification: config.emailVerification }
      },
      providers,
      mapTiles: config.mapTiles,
    },
    outside: metricsRoutes({ exposition, isMonitor, publicHost: config.publicUrl.host }),
    inside: async (api) => {
      const watched = { version, dependencies, process: processMeter, requests, sockets: state.sockets }
      await api.register(detailedHealthRoutes(watched))
      await api.register(databaseMetricsRoutes({ metrics: new DatabaseMetrics({ database }), load }))
    },
  }
}
