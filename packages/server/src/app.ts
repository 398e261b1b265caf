import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { apiRoutes } from './api-routes.ts'
import type { Config } from './config/config.ts'
import { buildConsole } from './console.ts'
import { errorCatalogue } from './error-catalogue.ts'
import { type BuiltModules, buildModules, type Declared, declare, tablesOf } from './extend/build-modules.ts'
import type { AtriumModule } from './extend/module.ts'
import { socketModules, welcomeOf } from './live.ts'
import { accountTables, PasswordHasher } from './modules/accounts/index.ts'
import { devOidcRoutes } from './modules/dev-oidc/index.ts'
import { healthRoutes, metaRoutes } from './modules/health/index.ts'
import { mailboxRoutes } from './modules/mails/index.ts'
import { oauthRoutes, type ProviderAddresses } from './modules/oauth/index.ts'
import { loadStoredSettings } from './modules/settings/index.ts'
import { observe, openLog, openTracing, tracedRequests } from './observe.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { type DatabaseHandle, openDatabase } from './platform/db/database.ts'
import { migrate } from './platform/db/migrate.ts'
import { migrateModules } from './platform/db/module-tables.ts'
import { SharedClock } from './platform/db/shared-clock.ts'
import { tablesWritten } from './platform/db/written-tables.ts'
import { EventBus } from './platform/events/event-bus.ts'
import { tellAppended } from './platform/events/streams.ts'
import { guardRoutes } from './platform/http/access.ts'
import { serveApiDocs } from './platform/http/api-docs.ts'
import { clientReader } from './platform/http/client-info.ts'
import { serveGuide } from './platform/http/guide.ts'
import { takeIdempotencyKeys } from './platform/http/idempotency.ts'
import { describeApi } from './platform/http/openapi.ts'
import { serveProblemPages } from './platform/http/problem-pages.ts'
import { requestCounter, tellLimits } from './platform/http/rate-limit.ts'
import { securityHeaders } from './platform/http/security-headers.ts'
import { closeHttp, createHttpServer, type HttpServer } from './platform/http/server.ts'
import { serveWebApp } from './platform/http/web-app.ts'
import { deriveKeys } from './platform/keys.ts'
import type { Logger } from './platform/log.ts'
import type { MailTransport } from './platform/mail/mail-transport.ts'
import { RealtimeServer } from './platform/realtime/realtime-server.ts'
import { openRedis, openRelay } from './platform/redis/open-redis.ts'
import type { Tracer } from './platform/tracing/tracer.ts'
import { buildServices, type Services, version } from './services.ts'

/** What tests and tools replace: time, log, cost of hashing, how mail leaves, where the web app lies. */
export interface Overrides {
  now?: Clock
  log?: Logger
  hasher?: PasswordHasher
  mailTransport?: MailTransport
  webFolder?: string
  /** Where the guide was built. */
  guideFolder?: string
  /** How long a request may wait for Redis, in milliseconds. */
  redisTimeoutMs?: number
  /** Where the built-in sign-in providers are. */
  providerAddresses?: ProviderAddresses
  /** False for commands that work beside a running server. */
  serverLock?: boolean
  /** Features that are not ours. */
  modules?: readonly AtriumModule[]
}

export interface App {
  http: HttpServer
  realtime: RealtimeServer
  database: DatabaseHandle
  bus: EventBus
  services: Services
  /** Answers the port. */
  listen(): Promise<number>
  close(): Promise<void>
}

const packageRoot = resolve(import.meta.dirname, '..')
/** Load balancers need this long to see that readiness is gone. */
const drainMs = { production: 3_000, development: 0 }

/** Requests that have begun may take this long to finish after a stop. */
const finishLimitMs = 10_000

/** Longer than Redis needs, shorter than a person notices. */
const redisTimeoutMs = 50

/** The application factory: builds everything from a Config, migrates, listens only when asked to. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  const declared = declare(overrides.modules ?? [])
  const log = overrides.log ?? openLog(config)
  let clock: SharedClock | undefined
  const now = overrides.now ?? (() => clock?.now() ?? systemClock())
  const bus = new EventBus(log)
  const database = await openDatabase(config.database, {
    log,
    now,
    serverLock: overrides.serverLock ?? true,
    onAppended: (events) => tellAppended(bus, events),
    watched: accountTables,
    onWritten: (tables) => bus.publish(tablesWritten, { tables }),
    modules: tablesOf(declared.modules),
  })
  clock = new SharedClock({ database, log, own: overrides.now ?? systemClock })
  const redis = await openRedis(config.secrets.redis, overrides.redisTimeoutMs ?? redisTimeoutMs)
  const { bus: key } = deriveKeys(config.secrets.key)
  const relay = await openRelay(config.secrets.redis, { bus, key, log })
  try {
    if (!overrides.now) await clock.start()
    await migrate(database)
    await migrateModules(database)
    await loadStoredSettings(config, database.db, log)
    const tracer = await openTracing(config, version, log)
    const services = buildServices({
      config,
      database,
      redis,
      bus,
      log,
      now,
      hasher: overrides.hasher ?? new PasswordHasher(),
      addresses: overrides.providerAddresses,
      mailTransport: overrides.mailTransport,
      tracer,
      ...declared,
    })
    await services.sharedLimits?.open()
    await services.networkBans.load()
    const modules = await buildModules(declared, { ...config, database, services, now, log })
    const made = { declared, modules, tracer }
    return await assemble({ config, overrides, log, now, clock, bus, relay, database, services, ...made })
  } catch (error) {
    clock.close()
    redis?.close()
    await relay?.close()
    await database.close()
    throw error
  }
}

interface Parts {
  config: Config
  overrides: Overrides
  log: Logger
  now: Clock
  clock: SharedClock
  bus: EventBus
  relay: { close(): Promise<void> } | undefined
  database: DatabaseHandle
  services: Services
  declared: Declared
  modules: BuiltModules
  tracer: Tracer | undefined
}

async function assemble(parts: Parts): Promise<App> {
  const { config, overrides, log, now, clock, bus, relay, database, services, declared, modules, tracer } = parts
  const { door, gate, limiter, onDenied, origins, sync } = services
  const classify = database.dialect
  const { tls, allowedOrigins, trustedProxies } = config
  const http = await createHttpServer({ tls, allowedOrigins, trustedProxies, log, classify })
  const clientOf = clientReader(trustedProxies)
  let shuttingDown = false

  let realtime: RealtimeServer | undefined
  const beginSpan = tracer && (await tracedRequests(http, tracer, trustedProxies))
  const observation = observe({
    ...{ http, config, database, services, now, log, tracer },
    isClockTrue: () => clock.isTrue,
    isShuttingDown: () => shuttingDown,
    sockets: () => realtime?.connections ?? 0,
  })
  const { health, isMonitor } = observation
  const watched = { watching: [observation.sampling], added: modules.jobs, tracer }
  const console = buildConsole({ config, services, database, bus, now, log, ...watched })

  tellLimits(http)
  const countRequest = requestCounter(limiter, config.rateLimit)
  const assertWelcome = services.networkBans.assertWelcome.bind(services.networkBans)
  const counted = { countRefused: countRequest, onDenied, isMonitor, beginSpan }
  guardRoutes(http, { doorkeeper: door, origins, clientOf, assertWelcome, ...counted, now })
  takeIdempotencyKeys(http, { idempotency: services.idempotency, classify })
  await describeApi(http, { version: services.version, publicUrl: config.publicUrl.origin })
  await http.register(healthRoutes(health))
  await http.register(observation.outside)
  await http.register(
    async (api) => {
      api.addHook('onRequest', countRequest)
      await api.register(metaRoutes(health))
      await api.register(observation.inside)
      for (const routes of [console.routes, ...apiRoutes(services), modules.routes]) await api.register(routes)
    },
    { prefix: '/api/v1' },
  )
  await http.register(async (root) => {
    root.addHook('onRequest', countRequest)
    await root.register(oauthRoutes(services, { hidden: true }))
  })
  if (services.devIssuer) await http.register(devOidcRoutes({ issuer: services.devIssuer, allowedOrigins }))
  await http.register(
    mailboxRoutes({
      mailbox: services.mailbox,
      isOpen: !config.production && config.mail.driver === 'mailbox',
      publicHost: config.publicUrl.host,
    }),
  )
  await serveApiDocs(http, (document, actor) => services.tables.describing.complete(document, actor))
  serveProblemPages(http, { ...declared.errors, ...errorCatalogue })
  await serveGuide(http, overrides.guideFolder ?? resolve(packageRoot, '../../docs/dist'))
  await serveWebApp(http, overrides.webFolder ?? resolve(packageRoot, '../web/dist'), config.mapTiles?.origin)
  await http.ready()

  const live = new RealtimeServer({
    http: http.server,
    headers: securityHeaders({ tls }),
    gate,
    access: { permission: 'events:read' },
    ...config.realtime,
    origins,
    clientOf,
    assertWelcome,
    onDenied,
    modules: [...socketModules(services), ...modules.sockets],
    streams: (userId) => sync.streams(userId),
    welcome: (actor) => welcomeOf(actor, { database, services, now }),
    rendering: services.rendering,
    database,
    bus,
    limiter,
    classify,
    log,
    tracer,
    now,
  })
  realtime = live

  return {
    http,
    realtime: live,
    database,
    bus,
    services,
    async listen() {
      await database.warmUp()
      await http.listen({ host: config.host, port: config.port })
      const address = http.server.address()
      console.start()
      services.mailWorker.start()
      observation.start()
      // Out of reach, it is opened when it is asked for.
      void services.tables.source.open().catch((error: unknown) => log.warn({ err: error }, 'tables are out of reach'))
      const port = typeof address === 'object' && address ? address.port : config.port
      if (!config.production) origins.addLoopback(port)
      // PORT=0: the address that people open is known only now.
      if (config.publicUrl.port === '0') config.publicUrl.port = String(port)
      return port
    },
    async close() {
      shuttingDown = true
      console.stop()
      observation.stop()
      if (http.server.listening) await wait(config.production ? drainMs.production : drainMs.development)
      await Promise.all([
        live.close(),
        closeHttp(http, finishLimitMs),
        services.mailWorker.stop(),
        services.pushSender.close(),
      ])
      await Promise.all([
        services.fileRemovals.settled(),
        services.webhookSender.settled(),
        services.deniedAccess.settled(),
        console.settled(),
      ])
      for (const each of [services.sharedLimits, services.redis]) each?.close()
      await services.keyAuthenticator.settled()
      await modules.close()
      await services.attendance.close()
      await relay?.close()
      await tracer?.close()
      clock.close()
      services.tables.feed.close()
      await services.tables.source.close()
      await database.close()
    },
  }
}
