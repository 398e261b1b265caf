import { MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, type QueryResult } from 'kysely'
import mysql from 'mysql2'
import { serversOf } from '../database-url.ts'
import { PoolMeter } from '../query-meter.ts'
import { withTimeLimit } from '../time-limit.ts'
import { askOf } from './asking.ts'
import {
  type Connections,
  type ConnectOptions,
  DatabaseRefusedError,
  DatabaseUnavailableError,
  isNetworkFailure,
} from './dialect.ts'
import { forReading, type SessionSource, sessionDialect } from './driver.ts'
import { wrongVersion } from './oddities.ts'
import { Pulse, probeLimitMs } from './pulse.ts'
import { Servers } from './servers.ts'
import type { Session } from './session.ts'

const acquireLimitMs = 2000
const statementLimitSeconds = 10
/** Longer than the server's own limit, which answers when it can. */
const answerLimitMs = statementLimitSeconds * 1000 + 1000
const oldestVersion = [10, 11] as const
/** The server counts them over all connections and clients. */
const preparedPerConnection = 200

/** By bytes, trailing spaces included, as the other engines compare. */
export const collation = 'utf8mb4_nopad_bin'

export async function connect(urls: string, options: ConnectOptions): Promise<Connections> {
  const servers = new Servers({
    urls: serversOf(urls),
    log: options.log,
    open: (url) => ({
      work: createPool(url, options.poolSize),
      patient: createPool(url, 1),
      pulse: createPool(url, 1, probeLimitMs),
    }),
    close: ({ work, patient, pulse }) => Promise.all([work.end(), patient.end(), pulse.end()]),
    look,
  })
  const doubt = () => servers.doubt()
  const probing = (limitMs: number) => probe(servers.pools.pulse, limitMs)
  const lent = new PoolMeter(options.poolSize)
  const pulse = new Pulse({ log: options.log, probe: probing, onSilence: doubt, pool: lent })
  const close = async () => {
    pulse.close()
    await servers.close()
  }
  const acquireFrom = async (pool: Pool, statementLimit: number) =>
    new MariadbSession(await acquire(pool, statementLimit, servers.areSeveral))
  const begin = 'start transaction'
  const source: SessionSource = {
    begin,
    statementLimitMs: answerLimitMs,
    isUnavailable,
    guard: (work) => pulse.guard(work),
    ...{ meter: options.meter, watched: options.watched, onWritten: options.onWritten },
    pool: lent,
    onUnavailable: doubt,
    acquire: async () => {
      pulse.assertRoom()
      return await acquireFrom(servers.pools.work, statementLimitSeconds)
    },
  }
  try {
    await servers.choose()
    await assertUsable(servers.pools.work, options)
  } catch (error) {
    await close()
    throw error
  }
  return {
    pool: lent,
    writer: kyselyDialect(source),
    reader: kyselyDialect(forReading(source, options.beforeRead)),
    ask: askOf(source, options.beforeRead),
    migrator: kyselyDialect({
      begin,
      acquire: async () => {
        const session = await acquireFrom(servers.pools.patient, 0)
        // Ended, not given back: that is what releases the migration lock.
        return { execute: session.execute.bind(session), release: () => session.release(true) }
      },
    }),
    snapshots: kyselyDialect({
      begin: 'start transaction with consistent snapshot, read only',
      acquire: async () => {
        const session = await acquireFrom(servers.pools.patient, 0)
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

const late = () => new DatabaseUnavailableError('The database did not answer in time.')

async function probe(pool: Pool, limitMs: number): Promise<number> {
  const connection = await pool.getConnection()
  const asked = performance.now()
  let isBroken = true
  try {
    await withTimeLimit(connection.query('select 1'), limitMs, late)
    isBroken = false
    return performance.now() - asked
  } finally {
    if (isBroken) connection.destroy()
    else connection.release()
  }
}

const prepared = new WeakSet<object>()

/** A connection whose settings are ours, whatever the server's defaults are. */
async function acquire(pool: Pool, statementLimit: number, mustWrite = false): Promise<PoolConnection> {
  const lent = pool.getConnection()
  let isLate = false
  lent.then((connection) => isLate && connection.release()).catch(() => {})
  const connection = await withTimeLimit(lent, acquireLimitMs, () => {
    isLate = true
    return new DatabaseUnavailableError('No database connection was to be had in time.')
  })
  if (prepared.has(connection.connection)) return connection
  try {
    const check = () => (mustWrite ? assertWritable(connection) : undefined)
    const preparing = prepare(connection, statementLimit).then(check)
    await withTimeLimit(preparing, acquireLimitMs, late)
  } catch (error) {
    connection.destroy()
    throw error
  }
  prepared.add(connection.connection)
  return connection
}

async function prepare(connection: PoolConnection, statementLimit: number): Promise<void> {
  const [cluster] = await connection.query<mysql.RowDataPacket[]>(`show variables like 'wsrep_on'`)
  // What was committed at one node of a cluster is seen at every other, as long as each statement waits for it.
  if (cluster[0]?.Value === 'ON') await connection.query('set session wsrep_sync_wait = 7')
  await connection.query('set session transaction isolation level read committed')
  await connection.query(`set session
    collation_connection = ${collation},
    sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT',
    time_zone = '+00:00',
    max_statement_time = ${statementLimit},
    innodb_lock_wait_timeout = ${statementLimitSeconds},
    idle_transaction_timeout = ${statementLimit}`)
}

/** A node of a cluster that is not part of it answers only with errors. */
async function assertWritable(connection: Pick<PoolConnection, 'query'>): Promise<void> {
  const [rows] = await connection.query<mysql.RowDataPacket[]>('select @@global.read_only as is_read_only')
  if (rows[0]?.is_read_only !== 0) throw new DatabaseUnavailableError('This server of the database takes no writes.')
}

/** They are equals. */
async function look(url: string): Promise<number> {
  const pool = createPool(url, 1)
  try {
    const writable = pool.getConnection().then(assertWritable)
    await withTimeLimit(writable, acquireLimitMs, late)
    return 0
  } finally {
    pool.end().catch(() => {})
  }
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

export const errorNumber = (error: unknown): number =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : 0

/** Too many connections, shutdown, a node that is not part of its cluster, killed, gone, read-only, too slow. */
const unavailable = new Set([
  1040, 1203, 1047, 1053, 1077, 1079, 1152, 1184, 1927, 2006, 2013, 1290, 1792, 1836, 1969, 3024,
])

export function isUnavailable(error: unknown): boolean {
  if (isNetworkFailure(error) || unavailable.has(errorNumber(error))) return true
  if (!(error instanceof Error)) return false
  return 'code' in error && error.code === 'PROTOCOL_CONNECTION_LOST' ? true : error.message.includes('closed state')
}
