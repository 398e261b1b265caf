import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type QueryResult } from 'kysely'
import pg from 'pg'
import { serversOf } from '../database-url.ts'
import { PoolMeter } from '../query-meter.ts'
import { withTimeLimit } from '../time-limit.ts'
import { askOf } from './asking.ts'
import {
  type Connections,
  type ConnectOptions,
  DatabaseRefusedError,
  DatabaseUnavailableError,
  errorCode,
  isNetworkFailure,
} from './dialect.ts'
import { forReading, type SessionSource, sessionDialect } from './driver.ts'
import { StatementGroup, toResult } from './postgres-group.ts'
import { Pulse, probeLimitMs } from './pulse.ts'
import { Servers } from './servers.ts'
import type { Session, Statement } from './session.ts'
import { StatementNames } from './statement-names.ts'

const acquireLimitMs = 2000
const statementLimitMs = 10_000
/** Longer than the server's own limit, which answers when it can. */
const answerLimitMs = statementLimitMs + 1000
const oldestVersion = 15

export async function connect(urls: string, options: ConnectOptions): Promise<Connections> {
  const verify = serversOf(urls).length > 1 ? { verify: refuseStandby } : {}
  const servers = new Servers({
    urls: serversOf(urls),
    log: options.log,
    open: (url) => ({
      work: createPool(url, options, { max: options.poolSize, statement_timeout: statementLimitMs, ...verify }),
      patient: createPool(url, options, { max: 1, statement_timeout: 0, idle_in_transaction_session_timeout: 0 }),
      pulse: createPool(url, options, { max: 1, connectionTimeoutMillis: probeLimitMs }),
    }),
    close: ({ work, patient, pulse }) => Promise.all([work.end(), patient.end(), pulse.end()]),
    look,
  })
  const doubt = () => servers.doubt()
  const probing = (limitMs: number) => probe(servers.pools.pulse, limitMs)
  const lent = new PoolMeter(options.poolSize)
  const pulse = new Pulse({ log: options.log, probe: probing, onSilence: doubt, pool: lent })
  const names = new StatementNames()
  const begin = 'begin isolation level read committed'
  const source: SessionSource = {
    begin,
    statementLimitMs: answerLimitMs,
    isUnavailable,
    guard: (work) => pulse.guard(work),
    meter: options.meter,
    watched: options.watched,
    onWritten: options.onWritten,
    pool: lent,
    onUnavailable: doubt,
    acquire: async () => {
      pulse.assertRoom()
      return new PostgresSession(await acquire(servers.pools.work), names)
    },
  }
  const close = async () => {
    pulse.close()
    await servers.close()
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
        const session = new PostgresSession(await acquire(servers.pools.patient), names)
        // Ended, not given back: that is what releases the migration lock.
        return { execute: session.execute.bind(session), release: () => session.release(true) }
      },
    }),
    snapshots: kyselyDialect({
      begin: 'begin isolation level repeatable read read only',
      acquire: async () => new PostgresSession(await acquire(servers.pools.patient), names),
    }),
    close,
  }
}

function createPool(url: string, { log }: ConnectOptions, settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: withSessionSettings(url),
    application_name: 'atrium',
    connectionTimeoutMillis: acquireLimitMs,
    idle_in_transaction_session_timeout: 10_000,
    // A new connection costs a process there and a proof of the password here: not after each pause for breath.
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types,
    ...settings,
  })
  // Without a listener a connection that ends while nobody uses it ends the process.
  pool.on('error', (error) => log.warn({ err: error }, 'lost an idle database connection'))
  // The pool takes its own listener away while a connection is lent: the next statement reports the loss.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * Joined to what the operator's URL asks for, which would replace what is given beside it. Compiling a query costs more
 * than any of ours takes, so the engine does not.
 */
function withSessionSettings(text: string): string {
  const url = new URL(text)
  const asked = url.searchParams.get('options') ?? ''
  url.searchParams.set('options', `${asked} -c timezone=UTC -c datestyle=ISO -c jit=off`.trim())
  return url.href
}

/** How long the history is that this server writes: each promotion of a standby begins a new timeline. */
async function look(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: acquireLimitMs })
  client.on('error', () => {})
  const late = () => new DatabaseUnavailableError('The database did not answer in time.')
  try {
    return await withTimeLimit(timelineOf(client), acquireLimitMs, late)
  } finally {
    client.end().catch(() => {})
  }
}

async function timelineOf(client: pg.Client): Promise<number> {
  await client.connect()
  const { rows } = await client.query(`select case when current_setting('transaction_read_only') = 'off'
    then left(pg_walfile_name(pg_current_wal_lsn()), 8) end as timeline`)
  const { timeline } = rows[0]
  if (timeline === null) throw readOnly()
  return Number.parseInt(timeline, 16)
}

const readOnly = () => new DatabaseUnavailableError('This server of the database takes no writes.')

function refuseStandby(client: pg.PoolClient, callback: (error?: Error) => void): void {
  client
    .query('show transaction_read_only')
    .then(({ rows }) => callback(rows[0].transaction_read_only === 'on' ? readOnly() : undefined), callback)
}

async function acquire(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    if (!isTimeout(error)) throw error
    throw new DatabaseUnavailableError('No database connection was to be had in time.', { cause: error })
  }
}

async function probe(pool: pg.Pool, limitMs: number): Promise<number> {
  const client = await pool.connect()
  const asked = performance.now()
  let isBroken = true
  try {
    const late = () => new DatabaseUnavailableError('The database did not answer in time.')
    await withTimeLimit(client.query('select 1'), limitMs, late)
    isBroken = false
    return performance.now() - asked
  } finally {
    client.release(isBroken)
  }
}

const kyselyDialect = (source: SessionSource) =>
  sessionDialect(source, {
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  })

class PostgresSession implements Session {
  readonly #client: pg.PoolClient
  readonly #names: StatementNames

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.#client = client
    this.#names = names
  }

  async execute(sqlText: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>> {
    const name = parameters.length > 0 ? this.#names.nameOf(sqlText) : undefined
    const query = { text: sqlText, values: [...parameters] }
    try {
      return await this.#query(name === undefined ? query : { ...query, name })
    } catch (error) {
      if (!isStalePlan(error)) throw error
      // A newer version has changed the table: only the prepared form is of no use any more. Inside a transaction, which
      // the error has ended, the first error stands and the unit of work is repeated.
      this.#names.ban(sqlText)
      return await this.#query(query).catch(() => Promise.reject(error))
    }
  }

  async executeAll(statements: readonly Statement[], onAnswer: () => void): Promise<QueryResult<unknown>[]> {
    const named = statements.map((each) => ({ ...each, name: this.#names.nameOf(each.sql) }))
    const group = new StatementGroup(named, types, onAnswer)
    this.#client.query(group)
    try {
      const results = await group.results
      return results.map((result, index) => toResult(statements[index]?.sql, result))
    } catch (error) {
      // Of a transaction, which is over with it and repeated as a whole.
      if (isStalePlan(error) && group.text !== undefined) this.#names.ban(group.text)
      throw error
    }
  }

  release(broken: boolean): void {
    this.#client.release(broken)
  }

  async #query(query: pg.QueryConfig): Promise<QueryResult<unknown>> {
    return toResult(query.text, await this.#client.query(query))
  }
}

async function assertUsable(pool: pg.Pool, { log, allowUnsafeDurability }: ConnectOptions): Promise<void> {
  const client = await acquire(pool).catch((error: unknown) => {
    throw unreachable(error)
  })
  try {
    const { rows } = await client.query(
      "select name, setting from pg_settings where name in ('server_version_num', 'fsync', 'synchronous_commit', 'TimeZone')",
    )
    const settings = Object.fromEntries(rows.map((row) => [row.name, row.setting]))
    if (Number(settings.server_version_num) < oldestVersion * 10_000) {
      throw new DatabaseRefusedError(`Atrium needs PostgreSQL ${oldestVersion} or newer.`, { reason: 'version' })
    }
    const unsafe = ['fsync', 'synchronous_commit'].filter((name) => settings[name] === 'off')
    if (unsafe.length > 0) {
      const message = `PostgreSQL runs with ${unsafe.join(' and ')} off: it may lose what it has confirmed. Switch it on.`
      if (!allowUnsafeDurability) throw new DatabaseRefusedError(message, { reason: 'durability' })
      log.warn(message)
    }
  } finally {
    client.release()
  }
}

function unreachable(error: unknown): unknown {
  const reason = error instanceof AggregateError ? error.errors[0] : error
  if (!isUnavailable(reason)) return error
  return new DatabaseUnavailableError(`PostgreSQL cannot be reached: ${(reason as Error).message}`, { cause: error })
}

const isTimeout = (error: unknown) => error instanceof Error && error.message.includes('timeout')

/** Classes 08 connection, 53 resources, 57P shutdown; a read-only standby; a statement that took too long. */
export function isUnavailable(error: unknown): boolean {
  if (isNetworkFailure(error)) return true
  const code = errorCode(error)
  if (/^(08|57P)/.test(code) || ['53300', '25006', '25P03', '57014', '55P03'].includes(code)) return true
  return (
    error instanceof Error && /^Connection terminated|^Client has encountered a connection error/.test(error.message)
  )
}

export function isStalePlan(error: unknown): boolean {
  return errorCode(error) === '0A000' && (error as Error).message.startsWith('cached plan')
}

const parsers = new Map<number, (value: string) => unknown>([
  [pg.types.builtins.INT8, toNumber],
  [pg.types.builtins.NUMERIC, toNumber],
  [pg.types.builtins.TIMESTAMPTZ, toIso],
  [pg.types.builtins.DATE, String],
  [pg.types.builtins.JSON, String],
  [pg.types.builtins.JSONB, String],
])

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')
}

const types = { getTypeParser } as pg.CustomTypesConfig

function toNumber(value: string): number {
  const number = Number(value)
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER) throw new RangeError(`${value} is too large to be counted exactly.`)
  return number
}

/** `2026-11-21 08:00:00.12+00`, as the server writes it in UTC, → `2026-11-21T08:00:00.120Z`. */
function toIso(value: string): string {
  const [, day, time, fraction = ''] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?\+00$/.exec(value) ?? []
  return day ? `${day}T${time}.${fraction.padEnd(3, '0')}Z` : new Date(value).toISOString()
}
