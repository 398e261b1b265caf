import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify'
import { listRolesOf } from '../modules/accounts/index.ts'
import { PermissionSet } from '../modules/roles/index.ts'
import type { ModuleTables } from '../platform/db/migration.ts'
import type { ErrorTable } from '../platform/errors.ts'
import { findStreams, type StreamSource } from '../platform/events/readable-stream.ts'
import { createMissingStreams } from '../platform/events/streams.ts'
import { outageOf } from '../platform/jobs/outage.ts'
import { PeriodicJob } from '../platform/jobs/periodic-job.ts'
import { type Access, grants } from '../platform/policy.ts'
import type { SocketModule } from '../platform/realtime/socket-module.ts'
import { assertDeclarations } from './declarations.ts'
import { type GroundDependencies, prepareGround } from './ground.ts'
import type { AtriumModule, BuiltModule } from './module.ts'
import { ModuleError } from './module-error.ts'
import { assertTitles } from './titles.ts'

/** What modules say of themselves, before anything of them is built. */
export interface Declared {
  modules: readonly AtriumModule[]
  known: PermissionSet
  addedAuditTypes: NonNullable<AtriumModule['auditEvents']>
  errors: ErrorTable
}

/** Throws ModuleError. */
export function declare(modules: readonly AtriumModule[]): Declared {
  assertDeclarations(modules)
  return {
    modules,
    known: new PermissionSet(Object.assign({}, ...modules.map(({ permissions }) => permissions ?? {}))),
    addedAuditTypes: Object.assign({}, ...modules.map(({ auditEvents }) => auditEvents ?? {})),
    errors: Object.assign({}, ...modules.map(({ errors }) => errors ?? {})),
  }
}

/** What the database has to know of them. */
export const tablesOf = (modules: readonly AtriumModule[]): ModuleTables[] =>
  modules.map(({ name, tables = [], migrations = {} }) => ({ name, tables, migrations }))

export interface BuiltModules {
  /** Under /api/v1. */
  routes: FastifyPluginAsync
  sockets: readonly SocketModule[]
  jobs: readonly PeriodicJob[]
  close(): Promise<void>
}

/** Builds the modules on services that are there, and hooks them in. Throws ModuleError. */
export async function buildModules({ modules, known }: Declared, deps: GroundDependencies): Promise<BuiltModules> {
  const { services, database, now, log } = deps
  const built: (readonly [AtriumModule, BuiltModule])[] = []
  for (const module of modules) {
    const { ground, workOf, allow } = prepareGround(module, deps)
    const made = await module.build(ground as never)
    assertBuilt(module, made, known)
    const events = made.events ?? []
    allow(events.flatMap(({ types }) => types.map(({ type }) => type)))
    for (const renderer of events) services.rendering.add(renderer)
    services.sync.follow(sourceOf(module, services))
    const { forget } = made
    if (forget) services.holdings.add('modules', (uow, userId) => forget(workOf(uow), userId))
    built.push([module, made])
  }
  const fixed = modules.flatMap(({ name, streams = {} }) => Object.keys(streams).map((each) => `${name}:${each}`))
  if (fixed.length > 0) await database.unitOfWork(({ tx }) => createMissingStreams(tx, fixed))
  return {
    routes: async (api) => {
      for (const [module, { routes }] of built)
        if (routes) await api.register(guarded(module, routes, known), prefixOf(module))
    },
    sockets: built.map(([, { commands = [] }]) => ({ commands })),
    jobs: built.flatMap(([{ name }, { jobs = [] }]) =>
      jobs.map(
        (job) =>
          new PeriodicJob({
            ...{
              name: `${name}.${job.name}`,
              everyMs: job.everySeconds * 1000,
              now,
              log,
              isOutage: outageOf(database),
            },
            run: () => job.run(),
          }),
      ),
    ),
    close: async () => {
      for (const [, { close }] of built) await close?.()
    },
  }
}

const prefixOf = ({ name }: AtriumModule) => ({ prefix: `/modules/${name}` })

function assertBuilt({ name, tables = [] }: AtriumModule, made: BuiltModule, known: PermissionSet): void {
  const snake = name.replaceAll('-', '_')
  for (const command of made.commands ?? []) {
    if (!command.name.startsWith(`${snake}.`))
      throw new ModuleError(name, `the command ${command.name} has to be named like ${snake}.write.`)
    assertAccess(name, `the command ${command.name}`, command.access, known)
  }
  const types = (made.events ?? []).flatMap((renderer) => renderer.types.map(({ type }) => type))
  const wrong = types.find((type) => !type.startsWith(`${snake}.`))
  if (wrong !== undefined) throw new ModuleError(name, `the event ${wrong} has to be named like ${snake}.created.`)
  if (tables.length > 0 && !made.forget)
    throw new ModuleError(
      name,
      'it has tables and no "forget", which says what becomes of them when an account is erased.',
    )
}

function assertAccess(module: string, what: string, access: Access | undefined, known: PermissionSet): void {
  if (access === undefined) throw new ModuleError(module, `${what} does not say in config.access who may.`)
  if (typeof access === 'object' && !known.isGrant(access.permission))
    throw new ModuleError(module, `${what} asks for the permission ${access.permission}, which nobody declares.`)
}

/** Each of its routes is looked at when it is added. */
const guarded =
  (module: AtriumModule, routes: FastifyPluginAsync, known: PermissionSet): FastifyPluginAsync =>
  async (scope: FastifyInstance) => {
    scope.addHook('onRoute', (route: RouteOptions) => {
      const what = `${String(route.method)} ${route.url}`
      assertAccess(module.name, what, route.config?.access, known)
      const { operationId } = (route.schema ?? {}) as { operationId?: string }
      if (operationId === undefined && route.method !== 'HEAD' && route.method !== 'OPTIONS')
        throw new ModuleError(module.name, `${what} has no operationId in its schema.`)
      assertTitles(module.name, what, route.schema)
    })
    await scope.register(routes)
  }

/** Who reads the module's streams: who has the permission that each asks for. */
function sourceOf({ name, streams = {} }: AtriumModule, { roles }: GroundDependencies['services']): StreamSource {
  const all = Object.entries(streams).map(([each, { permission }]) => ({ stream: `${name}:${each}`, permission }))
  return async (db, userId) => {
    if (all.length === 0) return []
    const held = await roles.permissionsOf((await listRolesOf(db, [userId])).get(userId) ?? [])
    return findStreams(
      db,
      all.filter(({ permission }) => grants(held, permission)).map(({ stream }) => stream),
    )
  }
}
