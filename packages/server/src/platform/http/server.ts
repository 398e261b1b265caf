import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController, type RawServerDefault } from 'fastify'
import { newCallId } from '../ids.ts'
import type { AddressList } from '../limits/address-list.ts'
import type { Logger } from '../log.ts'
import { BodyMemory } from './body-memory.ts'
import { limitBodyTime } from './body-time.ts'
import { answerClientError } from './client-errors.ts'
import { trustList } from './client-info.ts'
import { limitConnections } from './connection-limit.ts'
import { type ErrorClassifier, handleErrors } from './error-handler.ts'
import { acceptJsonOnly } from './json-body.ts'
import { linkPagesOfLists } from './page-links.ts'
import { logRequests } from './request-lines.ts'
import { requestLog } from './request-log.ts'
import { securityHeaders, setSecurityHeaders } from './security-headers.ts'
import { lazySerializer } from './serialization.ts'
import { takeUnreadBodies } from './unread-body.ts'
import { lazyValidator } from './validation.ts'

export type HttpServer = FastifyInstance<
  RawServerDefault,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface HttpOptions {
  tls: boolean
  allowedOrigins: readonly string[]
  trustedProxies: readonly string[]
  log: Logger
  classify: ErrorClassifier
}

/** Without them Fastify loads its own. Its types know no other schemas than those of its own. */
const compilersFactory = { buildValidator: () => lazyValidator, buildSerializer: () => lazySerializer } as object

/** Fastify with what every route has in common; routes are added by the modules. */
export async function createHttpServer(options: HttpOptions): Promise<HttpServer> {
  const trusted = trustList(options.trustedProxies)
  const headers = securityHeaders(options)
  const app: HttpServer = Fastify({
    loggerInstance: options.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    childLoggerFactory: requestLog,
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
    schemaController: { compilersFactory },
    // Bodies are timed by us, headers by Node.
    requestTimeout: 0,
    trustProxy: trusted ? (address: string) => trusted(address) : false,
    genReqId: (request) => requestId(request.headers['x-request-id'], request.socket.remoteAddress, trusted),
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    http: { headersTimeout: 15_000, maxHeaderSize: 16 * 1024 },
    frameworkErrors: (error, request, reply) => {
      void reply.headers({ ...headers, 'x-request-id': request.id })
      return app.errorHandler(error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headers),
  }).withTypeProvider<TypeBoxTypeProvider>()

  nameRegistered(app)
  // Slow or header-flooding clients are cut by Node itself; 2,000 header lines are an attack, not a client.
  app.server.maxHeadersCount = 200
  limitConnections(app.server)
  trackSockets(app)
  limitBodyTime(app.server, headers)
  acceptJsonOnly(app, new BodyMemory(app))
  setSecurityHeaders(app, headers)
  handleErrors(app, options.classify)
  takeUnreadBodies(app)
  linkPagesOfLists(app)
  logRequests(app, options.log)
  if (options.allowedOrigins.length > 0) await allowOrigins(app, options.allowedOrigins)
  else answerOptions(app)
  return app
}

const displayName = Symbol.for('fastify.display-name')

/** Where a plugin has no name, Fastify looks for its file among all modules, which took a quarter of a start. */
function nameRegistered(app: HttpServer): void {
  const register = app.register as (this: unknown, plugin: object, ...more: unknown[]) => unknown
  const named = function (this: unknown, plugin: object, ...more: unknown[]) {
    if (typeof plugin === 'function' && !Reflect.has(plugin, displayName))
      Reflect.set(plugin, displayName, plugin.name || 'routes')
    return register.call(this, plugin, ...more)
  }
  app.register = named as typeof app.register
}

/** Every answer tells what pages of other origins may do. */
async function allowOrigins(app: HttpServer, origins: readonly string[]): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Content-Type',
      'Authorization',
      'X-CSRF-TOKEN',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'Prefer',
      'Range',
      'Tus-Resumable',
      'Upload-Checksum',
      'Upload-Length',
      'Upload-Metadata',
      'Upload-Offset',
    ],
    exposedHeaders: [
      'Accept-Ranges',
      'Content-Disposition',
      'Content-Range',
      'ETag',
      'Idempotency-Replayed',
      'Link',
      'Location',
      'Retry-After',
      'Tus-Resumable',
      'Upload-Expires',
      'Upload-Length',
      'Upload-Offset',
      'RateLimit',
      'RateLimit-Policy',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'X-Request-Id',
    ],
    maxAge: 600,
    // An OPTIONS that is no preflight is answered like one instead of being refused.
    strictPreflight: false,
  })
}

/** Nobody is given leave: a browser is told so by the headers that are not there. */
function answerOptions(app: HttpServer): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS') return done()
    reply.code(204).header('content-length', '0').send()
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    openSockets: Set<Socket>
  }
}

/** Upgraded connections are not among those Node closes with a server. */
function trackSockets(app: HttpServer): void {
  const sockets = new Set<Socket>()
  app.decorate('openSockets', sockets)
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
}

/** Finishes what has begun and closes; connections that are left after `limitMs` are cut. */
export async function closeHttp(app: HttpServer, limitMs: number): Promise<void> {
  // A connection that was busy at the close is kept alive by its client after its answer, and would hold the process.
  const idle = setInterval(() => app.server.closeIdleConnections(), 100)
  const limit = setTimeout(() => {
    for (const socket of app.openSockets) socket.destroy()
  }, limitMs)
  await app.close()
  clearInterval(idle)
  clearTimeout(limit)
}

function requestId(
  given: string | string[] | undefined,
  peer: string | undefined,
  trusted: AddressList | undefined,
): string {
  const usable = typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given)
  return usable && peer !== undefined && trusted?.(peer) ? given : newCallId()
}
