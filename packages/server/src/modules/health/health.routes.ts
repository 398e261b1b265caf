import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { nullable } from '../../platform/http/schemas.ts'
import type { PasswordPolicy } from '../accounts/index.ts'
import { askedSeldom } from './asked-seldom.ts'

const tags = ['health']
const Check = Type.Union([Type.Literal('ok'), Type.Literal('failed')])

export interface HealthDependencies {
  version: string
  /** Whether the database answers; asked at most once in two seconds, however often readiness is. */
  isDatabaseReady(): Promise<boolean>
  /** Whether this machine tells the same time as the database. */
  isClockTrue(): boolean
  /** Whether files can be kept; without it everything else is served. */
  isStorageReady(): Promise<boolean>
  isShuttingDown(): boolean
  isSetupRequired(): Promise<boolean>
  passwordPolicy: PasswordPolicy
  features: Static<typeof Features>
  /** Ids of the sign-in providers that are set up. */
  providers: readonly string[]
  mapTiles: { url: string; attribution: string } | undefined
  registration: { emailVerification: string; minimumAge: number; requiredFields: readonly string[] }
}

/** What this installation is set up for. Clients take a name they do not find for false. */
const Features = Type.Object(
  {
    registration: Type.Boolean({ description: 'People may create accounts by themselves.' }),
    guests: Type.Boolean({ description: 'People may look around without an account.' }),
    passkeys: Type.Boolean(),
    oauth: Type.Boolean({ description: 'There are providers to sign in through; see /oauth/providers.' }),
    mail: Type.Boolean({ description: 'Mail is sent: links to sign in with, new passwords.' }),
    verification: Type.Boolean({ description: 'People are asked to confirm their address.' }),
    verification_required: Type.Boolean({ description: 'Nobody comes in before that.' }),
    messaging: Type.Boolean(),
    doctor: Type.Boolean({ description: 'People can check their browser at /doctor.' }),
  },
  { title: 'Features' },
)

const Ready = Type.Object({
  status: Check,
  checks: Type.Object({
    database: Check,
    migrations: Check,
    storage: Check,
    clock: Type.Union([Type.Literal('ok'), Type.Literal('off')], {
      description: "off: this machine's clock differs from the database's by more than 30 seconds; requests are served",
    }),
    shutting_down: Type.Boolean(),
  }),
})

/** Outside /api/v1: what load balancers and orchestrators ask. */
export const healthRoutes =
  (deps: HealthDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    const startedAt = performance.now()
    app.get('/health', {
      config: { access: 'public', whileBanned: true },
      schema: {
        operationId: 'getHealth',
        summary: 'That the process answers, its version and how long it runs',
        tags,
        response: { 200: Type.Object({ status: Type.Literal('ok'), version: Type.String(), uptime: Type.Integer() }) },
      },
      handler: async () => ({
        status: 'ok' as const,
        version: deps.version,
        uptime: Math.round((performance.now() - startedAt) / 1000),
      }),
    })

    // Liveness touches nothing: a slow database must not make an orchestrator restart the process.
    for (const path of ['/live', '/health/liveness']) {
      app.get(path, {
        config: { access: 'public', whileBanned: true },
        schema: {
          operationId: path === '/live' ? 'getLiveness' : 'getLivenessAlias',
          summary: 'For orchestrators: restart the process when this does not answer',
          hide: path !== '/live',
          tags,
          response: { 200: Type.Object({ status: Type.Literal('ok') }) },
        },
        handler: async () => ({ status: 'ok' as const }),
      })
    }

    const isDatabaseReady = askedSeldom(deps.isDatabaseReady)
    const isStorageReady = askedSeldom(deps.isStorageReady)
    for (const path of ['/ready', '/health/readiness']) {
      app.get(path, {
        config: { access: 'public', whileBanned: true },
        schema: {
          operationId: path === '/ready' ? 'getReadiness' : 'getReadinessAlias',
          summary: 'For load balancers: whether this process can serve',
          hide: path !== '/ready',
          tags,
          response: { 200: Ready, 503: Ready },
        },
        handler: async (_request, reply) => {
          const [database, storage] = await Promise.all([isDatabaseReady(), isStorageReady()])
          const shuttingDown = deps.isShuttingDown()
          const ready = database && !shuttingDown
          // The server listens only after its migrations ran.
          const checks = {
            database: verdict(database),
            migrations: 'ok' as const,
            storage: verdict(storage),
            clock: deps.isClockTrue() ? ('ok' as const) : ('off' as const),
            shutting_down: shuttingDown,
          }
          return reply.code(ready ? 200 : 503).send({ status: verdict(ready), checks })
        },
      })
    }
  }

const verdict = (good: boolean): 'ok' | 'failed' => (good ? 'ok' : 'failed')

const Meta = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    setup_required: Type.Boolean(),
    features: Features,
    providers: Type.Array(Type.String()),
    password_policy: Type.Object({
      name: Type.String(),
      min_length: Type.Integer(),
      max_length: Type.Integer(),
    }),
    registration: Type.Object({
      email_verification: Type.String({ description: 'off, optional or required' }),
      minimum_age: Type.Integer({ description: '0: nobody is asked' }),
      required_fields: Type.Array(Type.String()),
    }),
    limits: Type.Object({ message_length: Type.Integer(), body_bytes: Type.Integer() }),
    locales: Type.Array(Type.String()),
    map_tiles: nullable(
      Type.Object(
        { url: Type.String(), attribution: Type.String() },
        { description: 'Pictures of a map, by {z}, {x} and {y}; null: the operator names none' },
      ),
    ),
  },
  { title: 'Meta' },
)

/** Under /api/v1: what a client needs to know before anyone signs in. */
export const metaRoutes =
  (deps: HealthDependencies): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get('/meta', {
      config: { access: 'public' },
      schema: {
        operationId: 'getMeta',
        summary: 'What this installation offers',
        tags,
        response: { 200: Meta },
      },
      handler: async () => ({
        name: 'Atrium',
        version: deps.version,
        setup_required: await deps.isSetupRequired(),
        features: deps.features,
        providers: [...deps.providers],
        password_policy: deps.passwordPolicy,
        registration: {
          email_verification: deps.registration.emailVerification,
          minimum_age: deps.registration.minimumAge,
          required_fields: [...deps.registration.requiredFields],
        },
        limits: { message_length: 4000, body_bytes: 1024 * 1024 },
        locales: ['en'],
        map_tiles: deps.mapTiles ? { url: deps.mapTiles.url, attribution: deps.mapTiles.attribution } : null,
      }),
    })
  }
