import { MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, type QueryResult, sql } from 'kysely'
import mysql from 'mysql2'
import { PoolMeter } from '../query-meter.ts'
import { withTimeLimit } from '../time-limit.ts'
import {
  type Connections,
  type ConnectOptions,
  DatabaseRefusedError,
  DatabaseUnavailableError,
  type Dialect,
  isNetworkFailure,
} from './dialect.ts'
import { forReading, type SessionSource, sessionDialect } from './driver.ts'
import { mariadbGeo } from './geo.ts'
import { mariadbOddities, wrongVersion } from './oddities.ts'
import { Pulse, probeLimitMs } from './pulse.ts'
import { mariadbGuards } from './row-guards.ts'
import { mariadbSearch } from './search.ts'
import type { Session } from './session.ts'
import { mariadbTransfer } from './transfer.ts'
import { writeInTurn } from './write-all.ts'

const acquireLimitMs = 2000
const statementLimitSeconds = 10
/** Longer than the server's own limit, which answers when it can. */
const answerLimitMs = statementLimitSeconds * 1000 + 1000
const oldestVersion = [10, 11] as const
const lockLimitSeconds = 3600
/** The server counts them over all connections and clients. */
const preparedPerConnection = 200

/** By bytes, trailing spaces included, as the other engines compare. */
const collation = 'utf8mb4_nopad_bin'

const tableOptions = sql`engine = InnoDB default character set utf8mb4 collate ${sql.raw(collation)}`

const text = sql`text`
const integer = sql`integer`
const bigint = sql`bigint`
const varchar = (length: number) => sql`varchar(${sql.lit(length)})`

export function mariadbDialect(url: string): Dialect {
  return {
    connect: (options) => connect(url, options),
    types: {
      // Not the native uuid: early 10.11 sorts it by other bytes first, and it has no index in joins with text.
      id: varchar(36),
      text,
      longText: sql`longtext`,
      string: varchar,
      key: varchar,
      integer,
      bigint,
      double: sql`double`,
      timestamp: sql`char(24) character set ascii collate ascii_bin`,
      boolean: sql`tinyint`,
      json: sql`json`,
    },
    tableOptions,
    geo: mariadbGeo,
    oddities: mariadbOddities,
    guards: mariadbGuards,
    writeAll: writeInTurn,
    transfer: mariadbTransfer,
    search: mariadbSearch(varchar(36), tableOptions),
    transactionalDdl: false,
    isUniqueViolation: (error, constraint) => {
      if (errorNumber(error) !== 1062) return false
      const [, key] = /for key '(?:[^']*\.)?([^'.]*)'$/.exec((error as Error).message) ?? []
      // The server does not say whose primary key it was.
      return constraint === undefined || key === constraint || (key === 'PRIMARY' && constraint.endsWith('_pkey'))
    },
    isRetryable: (error) => [1213, 1205, 1020].includes(errorNumber(error)),
    isUnavailable,
    isDiskFull: (error) => [1021, 1114].includes(errorNumber(error)),
    lock: {
      forUpdate: (query) => query.forUpdate(),
      forShare: (query) => query.modifyEnd(sql`lock in share mode`),
    },
    hasOwnClock: true,
    nowMs: sql<number>`cast(unix_timestamp(now(3)) * 1000 as signed)`,
    leading: (column, value) => sql`(${sql.ref(column)} >= ${value} and ${sql.ref(column)} <= ${value})`,
    positions: (json) => sql`json_table(${json}, '$[*]' columns (
      stream_id varchar(128) character set utf8mb4 collate ${sql.raw(collation)} path '$[0]', position bigint path '$[1]'))`,
    appendOnly: async (db, table, until) => {
      const refuse = sql`signal sqlstate '45000' set message_text = ${sql.lit(`${table} is append-only`)}`
      const on = sql.table(table)
      const trigger = (event: string) => sql.id(`${table}_no_${event}`)
      const now = sql`concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')`
      try {
        await sql`create or replace trigger ${trigger('update')} before update on ${on} for each row ${refuse}`.execute(
          db,
        )
        await sql`create or replace trigger ${trigger('delete')} before delete on ${on} for each row
          if old.${sql.ref(until)} > ${now} then ${refuse}; end if`.execute(db)
      } catch (error) {
        throw errorNumber(error) === 1419 || errorNumber(error) === 1142 ? noTriggers(error) : error
      }
    },
    lockMigrations: async (session) => {
      // Names of locks are the server's, not the database's.
      const name = sql`concat('atrium_migrate:', sha1(database()))`
      const { rows } = await sql<{
        taken: number | null
      }>`select get_lock(${name}, ${sql.lit(lockLimitSeconds)}) as taken`.execute(session)
      if (rows[0]?.taken !== 1) throw new DatabaseUnavailableError('Another process has been migrating for too long.')
    },
  }
}

async function connect(url: string, options: ConnectOptions): Promise<Connections> {
  const pool = createPool(url, options.poolSize)
  const patientPool = createPool(url, 1)
  const pulsePool = createPool(url, 1, probeLimitMs)
  const pulse = new Pulse({ log: options.log, probe: (limitMs) => probe(pulsePool, limitMs) })
  const close = async () => {
    pulse.close()
    await Promise.all([pool.end(), patientPool.end(), pulsePool.end()])
  }
  const begin = 'start transaction'
  const lent = new PoolMeter(options.poolSize)
  const source: SessionSource = {
    begin,
    statementLimitMs: answerLimitMs,
    isUnavailable,
    guard: (work) => pulse.guard(work),
    ...{ meter: options.meter, watched: options.watched, onWritten: options.onWritten },
    pool: lent,
    acquire: async () => new MariadbSession(await acquire(pool, statementLimitSeconds)),
  }
  try {
    await assertUsable(pool, options)
  } catch (error) {
    await close()
    throw error
  }
  return {
    pool: lent,
    writer: kyselyDialect(source),
    reader: kyselyDialect(forReading(source, options.beforeRead)),
    migrator: kyselyDialect({
      begin,
      acquire: async () => {
        const session = new MariadbSession(await acquire(patientPool, 0))
        // Ended, not given back: that is what releases the migration lock.
        return { execute: session.execute.bind(session), release: () => session.release(true) }
      },
    }),
    snapshots: kyselyDialect({
      begin: 'start transaction with consistent snapshot, read only',
      acquire: async () => {
        const session = new MariadbSession(await acquire(patientPool, 0))
        await session.execute('set session transaction isolation level repeatable read', [])
        // Ended, not given back: the others read what is committed.
        return { execute: session.execute.bind(session), release: () => session.release(true) }
      },
    }),
    close,
  }
}

type Pool = ReturnType<typeof createPool>
type PoolConnection = Awaited<ReturnType<Pool['getConnection']>>

function createPool(url: string, connectionLimit: number, connectTimeout = acquireLimitMs) {
  const pool = mysql.createPool({
    uri: url,
    connectionLimit,
    connectTimeout,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    decimalNumbers: true,
    jsonStrings: true,
    dateStrings: true,
    maxPreparedStatements: preparedPerConnection,
    multipleStatements: false,
  })
  // Without a listener a connection that ends while nobody waits for it ends the process; the next statement reports it.
  pool.on('connection', (connection) => connection.on('error', () => {}))
  return pool.promise()
}

async function probe(pool: Pool, limitMs: number): Promise<void> {
  const connection = await pool.getConnection()
  let isBroken = true
  try {
    const late = () => new DatabaseUnavailableError('The database did not answer in time.')
    await withTimeLimit(connection.query('select 1'), limitMs, late)
    isBroken = false
  } finally {
    if (isBroken) connection.destroy()
    else connection.release()
  }
}

const prepared = new WeakSet<object>()

/** A connection whose settings are ours, whatever the server's defaults are. */
async function acquire(pool: Pool, statementLimit: number): Promise<PoolConnection> {
  const lent = pool.getConnection()
  let isLate = false
  lent.then((connection) => isLate && connection.release()).catch(() => {})
  const connection = await withTimeLimit(lent, acquireLimitMs, () => {
    isLate = true
    return new DatabaseUnavailableError('No database connection was to be had in time.')
  })
  if (prepared.has(connection.connection)) return connection
  try {
    await withTimeLimit(prepare(connection, statementLimit), acquireLimitMs, () => {
      return new DatabaseUnavailableError('The database did not answer in time.')
    })
  } catch (error) {
    connection.destroy()
    throw error
  }
  prepared.add(connection.connection)
  return connection
}

async function prepare(connection: PoolConnection, statementLimit: number): Promise<void> {
  await connection.query('set session transaction isolation level read committed')
  await connection.query(`set session
    collation_connection = ${collation},
    sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT',
    time_zone = '+00:00',
    max_statement_time = ${statementLimit},
    innodb_lock_wait_timeout = ${statementLimitSeconds},
    idle_transaction_timeout = ${statementLimit}`)
}

const kyselyDialect = (source: SessionSource) =>
  sessionDialect(source, {
    createQueryCompiler: () => new MysqlQueryCompiler(),
    createAdapter: () => new MysqlAdapter(),
    createIntrospector: (db) => new MysqlIntrospector(db),
  })

class MariadbSession implements Session {
  readonly #connection: PoolConnection

  constructor(connection: PoolConnection) {
    this.#connection = connection
  }

  async execute(sqlText: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    // Prepared on the server: values never become part of a text that is parsed.
    const [answer] =
      parameters.length > 0
        ? await this.#connection.execute(sqlText, parameters.map(toParameter))
        : await this.#connection.query(sqlText)
    if (Array.isArray(answer)) return { rows: answer }
    return { rows: [], numAffectedRows: BigInt((answer as mysql.ResultSetHeader).affectedRows) }
  }

  release(broken: boolean): void {
    if (broken) this.#connection.destroy()
    else this.#connection.release()
  }
}

/** The driver would send each number as a double. */
function toParameter(value: unknown): mysql.ExecuteValues {
  return Number.isSafeInteger(value) ? mysql.TypedParameter.LONGLONG(value as number) : (value as mysql.ExecuteValues)
}

async function assertUsable(pool: Pool, { log, allowUnsafeDurability }: ConnectOptions): Promise<void> {
  const connection = await acquire(pool, statementLimitSeconds).catch((error: unknown) => {
    if (!isUnavailable(error)) throw error
    throw new DatabaseUnavailableError(`MariaDB cannot be reached: ${(error as Error).message}`, { cause: error })
  })
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>(
      'select version() as version, @@global.innodb_flush_log_at_trx_commit as flush, @@session.time_zone as zone',
    )
    const { version, flush } = rows[0] as { version: string; flush: number }
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const isOld = major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])
    if (isOld || !version.includes('MariaDB')) throw wrongVersion(`MariaDB ${oldestVersion.join('.')}`, version)
    if (flush !== 1) {
      const message = `MariaDB runs with innodb_flush_log_at_trx_commit = ${flush}: it may lose what it has confirmed. Set it to 1.`
      if (!allowUnsafeDurability) throw new DatabaseRefusedError(message, { reason: 'durability' })
      log.warn(message)
    }
  } finally {
    connection.release()
  }
}

/** Where a binary log is written, the server lets only administrators make triggers, unless it is told otherwise. */
const noTriggers = (cause: unknown) =>
  new DatabaseRefusedError(
    'MariaDB does not let this user make triggers, which protect the audit log. Grant TRIGGER on the database and, where a binary log is written, set log_bin_trust_function_creators = 1.',
    { cause },
  )

const errorNumber = (error: unknown): number =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : 0

/** Too many connections, shutdown, killed, gone, read-only, too slow. */
const unavailable = new Set([1040, 1203, 1053, 1077, 1079, 1152, 1184, 1927, 2006, 2013, 1290, 1792, 1836, 1969, 3024])

function isUnavailable(error: unknown): boolean {
  if (isNetworkFailure(error) || unavailable.has(errorNumber(error))) return true
  if (!(error instanceof Error)) return false
  return 'code' in error && error.code === 'PROTOCOL_CONNECTION_LOST' ? true : error.message.includes('closed state')
}
