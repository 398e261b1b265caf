import { Kysely, sql } from 'kysely'
import type { Clock } from '../clock.ts'
import type { AppendedEvent } from '../events/streams.ts'
import type { Logger } from '../log.ts'
import type { DatabaseConfig } from './database-url.ts'
import { type Ask, DatabaseUnavailableError, type Dialect } from './dialects/dialect.ts'
import { selectDialect } from './dialects/index.ts'
import type { ModuleTables } from './migration.ts'
import { assertOutsideUnitOfWork } from './open-work.ts'
import { type PoolMeter, QueryMeter } from './query-meter.ts'
import type { Database, Db } from './schema.ts'
import { withTimeLimit } from './time-limit.ts'
import { openTogether, type RunTogether, runTogether, sessionOf } from './together.ts'
import { createUnitOfWork, type RunUnitOfWork } from './unit-of-work.ts'
import { WrittenTables } from './written-tables.ts'

export interface OpenDatabaseOptions {
  log: Logger
  /** When events happened. */
  now?: Clock
  /** One SQLite file has one server: set by the server, not by commands that work beside it. */
  serverLock?: boolean
  /** Warn instead of refusing when the engine may lose what it acknowledged. */
  allowUnsafeDurability?: boolean
  /** Connections to PostgreSQL or MariaDB. */
  poolSize?: number
  /** Told after the commit of each unit of work that appended events. */
  onAppended?: (events: readonly AppendedEvent[]) => void
  /** Tables of which something is kept in memory, and who is told after each commit that may have written to them. */
  watched?: readonly string[]
  onWritten?: (tables: string[]) => void
  /** Another database's, where both are watched as one. */
  meter?: QueryMeter
  /** Modules that keep tables beside ours. */
  modules?: readonly ModuleTables[]
}

export interface DatabaseHandle {
  /** Reads outside units of work; inside one it throws. Writes go through `unitOfWork`. */
  db: Db
  /** The same for a statement that is written already and only reads. */
  ask: Ask
  unitOfWork: RunUnitOfWork
  /** One transaction around several units of work and the reads between them. */
  together: RunTogether
  /** Whether one is open around the caller. */
  isTogether(): boolean
  /** For what has to stay whatever becomes of the work around it, and is not waited for by it. */
  apart<T>(work: () => T): T
  dialect: Dialect
  modules: readonly ModuleTables[]
  /** How long statements take. */
  meter: QueryMeter
  /** Who has a connection, and who waits. */
  pool: PoolMeter
  /** Makes some connections before anybody waits for one; never throws. */
  warmUp(): Promise<void>
  /** Resolves when the database answers within 3 s. */
  ping(): Promise<void>
  /** Lends a connection without time limits, for migrations. */
  migrationSession<T>(work: (session: Db) => Promise<T>): Promise<T>
  /** Takes what was deleted out of the files of the database, as far as the engine lets us. */
  scrub(): Promise<void>
  /** Lends a view of one moment; nobody waits for it, however long it is read. */
  snapshot<T>(work: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const pingLimitMs = 3000
/** So many requests of a server that has just started need not wait for a connection. */
const warmConnections = 5
const closeLimitMs = 5000

/** Opens the database and checks that it keeps what it acknowledges. Throws one clear line when it does not. */
export async function openDatabase(config: DatabaseConfig, options: OpenDatabaseOptions): Promise<DatabaseHandle> {
  const dialect = await selectDialect(config)
  const meter = options.meter ?? new QueryMeter(options.log)
  const together = openTogether()
  const connections = await dialect.connect({
    log: options.log,
    serverLock: options.serverLock ?? false,
    allowUnsafeDurability: options.allowUnsafeDurability ?? false,
    poolSize: options.poolSize ?? 10,
    beforeRead: () => {
      assertOutsideUnitOfWork()
      return sessionOf(together)
    },
    meter,
    watched: options.watched && new WrittenTables(options.watched),
    onWritten: options.onWritten,
  })
  const db = new Kysely<Database>({ dialect: connections.reader })
  const writer = new Kysely<Database>({ dialect: connections.writer })
  const migrator = new Kysely<Database>({ dialect: connections.migrator })
  const snapshots = new Kysely<Database>({ dialect: connections.snapshots })

  const close = async () => {
    const late = () => new DatabaseUnavailableError('Some statements were still running when the database was closed.')
    await withTimeLimit(connections.close(), closeLimitMs, late).catch((error: unknown) =>
      options.log.warn({ err: error }),
    )
  }
  let closing: Promise<void> | undefined
  const { log, now, onAppended } = options
  const unitOfWork = createUnitOfWork({ writer, dialect, log, now, onAppended, together })

  return {
    db,
    ask: connections.ask,
    dialect,
    modules: options.modules ?? [],
    meter,
    pool: connections.pool,
    unitOfWork,
    together: runTogether(together, unitOfWork),
    isTogether: () => together.getStore() !== undefined,
    apart: (work) => together.exit(work),
    warmUp: async () => {
      const asked = Array.from({ length: warmConnections }, () => sql`select 1`.execute(db))
      await Promise.allSettled(asked)
    },
    ping: async () => {
      const late = () => new DatabaseUnavailableError('The database does not answer.')
      await withTimeLimit(sql`select 1`.execute(db), pingLimitMs, late)
    },
    migrationSession: (work) => migrator.connection().execute(work),
    scrub: () => migrator.connection().execute(async (session) => dialect.scrub?.(session)),
    snapshot: (work) => snapshots.transaction().execute(work),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
