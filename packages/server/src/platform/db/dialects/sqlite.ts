import {
  DialectAdapterBase,
  type LimitNode,
  type QueryResult,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { PoolMeter } from '../query-meter.ts'
import { withTimeLimit } from '../time-limit.ts'
import { askOf } from './asking.ts'
import { type Connections, type ConnectOptions, DatabaseUnavailableError, type Dialect, errorCode } from './dialect.ts'
import { forReading, type SessionSource, sessionDialect } from './driver.ts'
import { sqliteGeo } from './geo.ts'
import { sqliteOddities } from './oddities.ts'
import { sqliteGuards } from './row-guards.ts'
import { sqliteSearch } from './search.ts'
import type { Session } from './session.ts'
import {
  clockOf,
  lockServer,
  openConnection,
  openReadOnly,
  prepareFile,
  required,
  type SqliteConnection,
  walBytes,
} from './sqlite-file.ts'
import type { StatementClock } from './statement-clock.ts'
import { sqliteTransfer } from './transfer.ts'

const acquireLimitMs = 2000
const cachedStatements = 1000

const text = sql`text`
const integer = sql`integer`

/** `readOnly`: a file of others, in which nothing is ever changed. */
export function sqliteDialect(file: string, readOnly = false): Dialect {
  return {
    connect: (options) => (readOnly ? connectReading(file, options) : connect(file, options)),
    types: {
      id: text,
      text,
      longText: text,
      string: () => text,
      key: () => text,
      integer,
      bigint: integer,
      double: sql`real`,
      timestamp: text,
      boolean: integer,
      json: text,
    },
    tableOptions: sql`strict`,
    clusteredOptions: sql`strict, without rowid`,
    insertsAlone: true,
    hasPartialIndexes: true,
    guards: sqliteGuards,
    transfer: sqliteTransfer,
    search: sqliteSearch,
    geo: sqliteGeo,
    oddities: async () => sqliteOddities(walBytes(file)),
    logBytes: () => walBytes(file),
    transactionalDdl: true,
    isUniqueViolation: (error, constraint) => {
      const name = violatedConstraint(error)
      return name !== undefined && (constraint === undefined || name === constraint)
    },
    isRetryable: (error) => isBusy(error),
    isUnavailable: (error) => error instanceof DatabaseUnavailableError || isBusy(error),
    isDiskFull: (error) => errorCode(error) === 'SQLITE_FULL',
    // A unit of work has the whole database to itself.
    lock: { isOfRows: false, forUpdate: (query) => query, forShare: (query) => query },
    hasOwnClock: false,
    nowMs: sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`,
    leading: (column, value) => sql`${sql.ref(column)} = ${value}`,
    positions: (json) => sql`(select value ->> 0 as stream_id, value ->> 1 as position from json_each(${json}))`,
    appendOnly: async (db, table, until) => {
      const refuse = sql`begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`
      const on = sql.table(table)
      const trigger = (event: string) => sql.id(`${table}_no_${event}`)
      const now = sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
      await sql`create trigger if not exists ${trigger('update')} before update on ${on} ${refuse}`.execute(db)
      await sql`create trigger if not exists ${trigger('delete')} before delete on ${on}
        when old.${sql.ref(until)} > ${now} ${refuse}`.execute(db)
      // REPLACE removes a row without asking the trigger above.
      await sql`create trigger if not exists ${trigger('replace')} before insert on ${on}
        when exists (select 1 from ${on} where id = new.id) ${refuse}`.execute(db)
    },
    // Each migration asks inside its own transaction, which has the database to itself, whether it is still needed.
    lockMigrations: async () => {},
    scrub: async (session) => {
      // Nobody waits for those who still read what was before: the next time they are gone.
      await sql`pragma busy_timeout = 0`.execute(session)
      await sql`pragma wal_checkpoint(truncate)`.execute(session)
      await sql`pragma busy_timeout = ${sql.raw(String(required.busy_timeout))}`.execute(session)
    },
  }
}

async function connect(
  file: string,
  { serverLock, beforeRead, meter, watched, onWritten }: ConnectOptions,
): Promise<Connections> {
  prepareFile(file)
  const lock = serverLock ? lockServer(file) : undefined
  const open: SqliteConnection[] = []
  const close = async () => {
    for (const connection of open) connection.close()
    lock?.close()
  }
  try {
    const writing = new SqliteSession(remember(open, await openConnection(file, 'write')))
    const reading = new SqliteSession(remember(open, await openConnection(file, 'read')))
    const mutex = new Mutex()
    // Reading never waits, so what is lent and waited for is the one connection that writes.
    const pool = new PoolMeter(1)
    const acquire = () => acquireAlone(writing, mutex)
    const writer = kyselyDialect({ begin: 'begin immediate', acquire, meter, pool, watched, onWritten })
    const readings = { acquire: async () => reading, meter }
    const reader = kyselyDialect(forReading(readings, beforeRead))
    const ask = askOf(readings, beforeRead, reading)
    const snapshots = kyselyDialect({
      begin: 'begin',
      acquire: async () => {
        const connection = await openConnection(file, 'read')
        const session = new SqliteSession(connection)
        const release = () => {
          session.release()
          connection.close()
        }
        return { execute: session.execute.bind(session), release }
      },
    })
    return { reader, ask, writer, migrator: writer, snapshots, pool, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function connectReading(file: string, { beforeRead, meter }: ConnectOptions): Promise<Connections> {
  const connection = openReadOnly(file)
  const session = new SqliteSession(connection)
  const pool = new PoolMeter(1)
  const mutex = new Mutex()
  // What begins to write is refused by SQLite itself.
  const writer = kyselyDialect({ begin: 'begin immediate', acquire: () => acquireAlone(session, mutex), meter, pool })
  const readings = { acquire: async () => session, meter }
  const reader = kyselyDialect(forReading(readings, beforeRead))
  const ask = askOf(readings, beforeRead, session)
  const snapshots = kyselyDialect({
    begin: 'begin',
    acquire: async () => {
      const own = openReadOnly(file)
      const session = new SqliteSession(own)
      return { execute: session.execute.bind(session), release: () => void own.close() }
    },
  })
  const close = async () => void connection.close()
  return { reader, ask, writer, migrator: writer, snapshots, pool, close }
}

function remember<T>(list: T[], item: T): T {
  list.push(item)
  return item
}

const kyselyDialect = (source: SessionSource) =>
  sessionDialect(source, {
    createQueryCompiler: () => new SteadyQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  })

/**
 * SQLite looks at the number that a limit is bound to, and so plans the statement anew, from its text on, each time it is
 * asked. At what stands behind a plus it does not look.
 */
class SteadyQueryCompiler extends SqliteQueryCompiler {
  protected override visitLimit({ limit }: LimitNode): void {
    this.append('limit +')
    this.visitNode(limit)
  }
}

/** Kysely's own would put every read behind every other. */
class SqliteAdapter extends DialectAdapterBase {
  override get supportsTransactionalDdl(): boolean {
    return true
  }

  async acquireMigrationLock(): Promise<void> {}
  async releaseMigrationLock(): Promise<void> {}
}

/** Statements are prepared once and kept: preparing costs more than most of them. */
class SqliteSession implements Session {
  readonly #connection: SqliteConnection
  readonly #statements = new Map<string, ReturnType<SqliteConnection['prepare']>>()
  readonly #clock: StatementClock | undefined

  constructor(connection: SqliteConnection) {
    this.#connection = connection
    this.#clock = clockOf(connection)
  }

  async execute(sqlText: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    const statement = this.#prepare(sqlText)
    if (statement.reader) return { rows: statement.all(parameters) }
    const { changes } = statement.run(parameters)
    return { numAffectedRows: BigInt(changes), rows: [] }
  }

  executeNow(sqlText: string, parameters: readonly unknown[]): unknown[] {
    return this.#prepare(sqlText).all(parameters)
  }

  release(): void {
    // A COMMIT that failed, on a full disk say, can leave the transaction open.
    if (this.#connection.open && this.#connection.inTransaction) this.#connection.exec('rollback')
  }

  #prepare(sqlText: string) {
    this.#clock?.begin()
    const known = this.#statements.get(sqlText)
    if (known) return known
    const statement = this.#connection.prepare(sqlText)
    if (this.#statements.size >= cachedStatements) this.#statements.clear()
    this.#statements.set(sqlText, statement)
    return statement
  }
}

/** One holder at a time, in the order of asking. */
class Mutex {
  #last: Promise<void> = Promise.resolve()

  /** Resolves, when it is this caller's turn, to what ends the turn. */
  async acquire(): Promise<() => void> {
    const before = this.#last
    const turn = Promise.withResolvers<void>()
    this.#last = turn.promise
    await before
    return turn.resolve
  }
}

async function acquireAlone(session: SqliteSession, mutex: Mutex): Promise<Session> {
  const turn = mutex.acquire()
  let isLate = false
  // Whoever gave up still has a place in the queue and must let the next one pass.
  void turn.then((end) => isLate && end())
  const end = await withTimeLimit(turn, acquireLimitMs, () => {
    isLate = true
    return new DatabaseUnavailableError('The database is busy: another unit of work holds it.')
  })
  return {
    execute: (sqlText, parameters) => session.execute(sqlText, parameters),
    release: () => {
      session.release()
      end()
    },
  }
}

function isBusy(error: unknown): boolean {
  const code = errorCode(error)
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')
}

/** SQLite names the columns, not the constraint: `UNIQUE constraint failed: messages.sender_id, messages.client_id`. */
function violatedConstraint(error: unknown): string | undefined {
  const code = errorCode(error)
  if (code !== 'SQLITE_CONSTRAINT_UNIQUE' && code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') return undefined
  const columns = (error as Error).message.split(': ')[1]?.split(', ') ?? []
  const table = columns[0]?.split('.')[0]
  if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return `${table}_pkey`
  return [table, ...columns.map((column) => column.split('.')[1])].join('_')
}
