import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type App, createApp as createOn, type Overrides } from './app.ts'
import type { Config } from './config/config.ts'
import { prepareData } from './config/secret-key.ts'

export { type Kysely, sql } from 'kysely'
export { type Static, type TSchema, Type } from 'typebox'
export type { App, Overrides } from './app.ts'
export { type Config, ConfigError, loadConfig } from './config/config.ts'
export {
  type AtriumModule,
  type BuiltModule,
  defineModule,
  type Ground,
  type ModuleJob,
  type ModulePerson,
  type ModuleWork,
} from './extend/module.ts'
export { ModuleError } from './extend/module-error.ts'
export type { Actor } from './platform/actor.ts'
export type { Migration, Migrations } from './platform/db/migration.ts'
export { AppError, defineErrors, type ErrorTable, platformErrors } from './platform/errors.ts'
export { defineEvent, type EventRenderer, type EventType } from './platform/events/event-types.ts'
export type { AppendedEvent, NewEvent } from './platform/events/streams.ts'
export { Id, nullable, Page, Problem, pageOf, strict, Time } from './platform/http/schemas.ts'
export { isId, newId } from './platform/ids.ts'
export type { Limit } from './platform/limits/rate-limiter.ts'
export { type Access, holds } from './platform/policy.ts'
export { command, type SocketCommand } from './platform/realtime/socket-module.ts'
export { serve } from './serve.ts'

/** What `routes` of a module is: a plugin of Fastify whose schemas are its types. */
export type ModuleRoutes = FastifyPluginAsyncTypebox

/** A whole server from a Config: it migrates, builds, and listens when `listen` is called. Throws one clear line. */
export function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  prepareData(config)
  return createOn(config, overrides)
}
