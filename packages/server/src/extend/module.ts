import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Kysely } from 'kysely'
import type { Static, TObject } from 'typebox'
import type { AddedAuditTypes, AuditEntry, ModuleAuditType } from '../modules/audit/index.ts'
import type { AddedPermission } from '../modules/roles/index.ts'
import type { Clock } from '../platform/clock.ts'
import type { Dialect } from '../platform/db/dialects/dialect.ts'
import type { Migrations } from '../platform/db/migration.ts'
import type { ErrorTable } from '../platform/errors.ts'
import type { EventRenderer } from '../platform/events/event-types.ts'
import type { AppendedEvent, NewEvent } from '../platform/events/streams.ts'
import type { Limit } from '../platform/limits/rate-limiter.ts'
import type { Logger } from '../platform/log.ts'
import type { SocketCommand } from '../platform/realtime/socket-module.ts'
import type { Services } from '../services.ts'

/**
 * A feature that is not one of ours. What it may add is declared here, under its own name; what it does not declare does
 * not exist, and a declaration that is wrong keeps the server from starting.
 */
export interface AtriumModule<Tables = unknown, Settings extends TObject = TObject> {
  /** In kebab-case: `guest-book`. Its routes are under /api/v1/modules/guest-book. */
  name: string
  /** `guest_book_…`; those that others refer to come first. */
  tables?: readonly string[]
  /** `0001_entries`, numbered for itself. Their tables are made after ours, and may refer to `users`. */
  migrations?: Migrations
  /** `guest_book:write`. Only administrators have them, and the roles that are named. */
  permissions?: Readonly<Record<string, AddedPermission>>
  /** `GUEST_BOOK_…`, read from the same variables as ours. */
  settings?: Settings
  /** `guest_book_…`: the table of `defineErrors`. */
  errors?: ErrorTable
  /** `guest_book.entry_removed`: what is written to the audit log, and for how long it is kept. */
  auditEvents?: AddedAuditTypes
  /** What can be followed live, by the last part of its name: `board` is the stream guest-book:board. */
  streams?: Readonly<Record<string, { permission: string }>>
  /** Called once at the start, when its tables are there and every service of ours is. */
  build(ground: Ground<Tables, Static<Settings>>): BuiltModule<Tables> | Promise<BuiltModule<Tables>>
}

/** Keeps the types of tables and settings together: `defineModule<MyTables>()({ … })`. */
export const defineModule =
  <Tables = Record<never, never>>() =>
  <const Settings extends TObject>(module: AtriumModule<Tables, Settings>): AtriumModule =>
    module as unknown as AtriumModule

/** What a module does, once it is built. */
export interface BuiltModule<Tables = unknown> {
  /** Under /api/v1/modules/<name>; each route says in `config.access` who may call it. */
  routes?: FastifyPluginAsyncTypebox
  /** Made by `command`; their names begin with the module’s: `guest_book.sign`. */
  commands?: readonly SocketCommand[]
  /** The kinds of event it appends, `guest_book.entry_created`, and what they hold when they are told. */
  events?: readonly EventRenderer[]
  jobs?: readonly ModuleJob[]
  /** Needed where there are tables: removes what they hold of an account, in the transaction that erases it. */
  forget?(work: ModuleWork<Tables>, userId: string): Promise<void>
  /** When the server stops. */
  close?(): Promise<void> | void
}

export interface ModuleJob {
  name: string
  everySeconds: number
  /** Harmless when several processes do it at once. Answers how many things it did. */
  run(): Promise<number>
}

/** One transaction. It may be repeated: nothing but the database is touched in it. */
export interface ModuleWork<Tables = unknown> {
  /** The module’s own tables; asking for another one throws. */
  tx: Kysely<Tables>
  /** At most once, after every other statement. Streams are the module’s, or `streams.ofPerson(id)`. */
  append(events: readonly NewEvent[]): Promise<AppendedEvent[]>
  /** Runs once the data is durable, never after a rollback. */
  afterCommit(effect: () => unknown): void
}

/** What a module stands on. */
export interface Ground<Tables = unknown, Settings = unknown> {
  settings: Settings
  /** Reads outside of a transaction, of the module’s own tables. */
  db: Kysely<Tables>
  unitOfWork<T>(work: (work: ModuleWork<Tables>) => Promise<T>): Promise<T>
  dialect: Pick<Dialect, 'isUniqueViolation' | 'lock'>
  streams: { named(name: string): string; ofPerson(userId: string): string }
  /** In the transaction of what it tells; only events that were declared. */
  audit: { record(tx: Kysely<Tables>, entry: AuditEntry & { type: ModuleAuditType }): Promise<void> }
  /** Counts one. Throws rate_limited. */
  limit(limit: Limit, key: string): Promise<void>
  cursors: {
    encode(list: string, position: readonly (string | number | null)[]): string
    /** Throws bad_cursor for what that list did not hand out. */
    decode<T extends readonly (string | number | null)[]>(list: string, cursor: string): T
  }
  /** Those of these accounts that can be shown, by id. */
  people(ids: readonly string[]): Promise<Map<string, ModulePerson>>
  now: Clock
  log: Logger
  /** Everything of ours. It is not promised to stay as it is. */
  services: Services
}

export interface ModulePerson {
  id: string
  username: string
  display_name: string | null
}
