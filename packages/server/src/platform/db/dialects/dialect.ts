import type { Dialect as KyselyDialect, RawBuilder, SelectQueryBuilder, SqlBool } from 'kysely'
import type { Logger } from '../../log.ts'
import type { PoolMeter, QueryMeter } from '../query-meter.ts'
import type { Db } from '../schema.ts'
import type { WrittenTables } from '../written-tables.ts'
import type { GeoIndex } from './geo.ts'
import type { RowGuards } from './row-guards.ts'
import type { Session } from './session.ts'
import type { TransferDialect } from './transfer.ts'

export interface ConnectOptions {
  log: Logger
  /** Refuse a second server on a database that can serve only one. */
  serverLock: boolean
  /** Warn instead of refusing when the engine may lose what it acknowledged. */
  allowUnsafeDurability: boolean
  poolSize: number
  /** Called before each use of the reader; throws where reading there would be wrong, or answers where to read instead. */
  beforeRead(): Session | undefined
  meter: QueryMeter
  /** Asked of each statement of a transaction; what it wrote is told after the commit. */
  watched?: WrittenTables | undefined
  onWritten?: ((tables: string[]) => void) | undefined
}

/** Runs a statement that only reads. What is at hand is answered at once, without a turn of the loop. */
export type Ask = (sql: string, parameters: readonly unknown[]) => unknown[] | Promise<unknown[]>

/** Three views of one database, each for one purpose. */
export interface Connections {
  /** Everything outside a unit of work. */
  reader: KyselyDialect
  /** The same for statements that are written already. */
  ask: Ask
  /** Transactions. */
  writer: KyselyDialect
  /** Migrations: a connection of their own, without time limits. */
  migrator: KyselyDialect
  /** Transactions that see one moment, however long they read, and keep nobody from writing. */
  snapshots: KyselyDialect
  pool: PoolMeter
  close(): Promise<void>
}

type ColumnType = RawBuilder<unknown>

/** Column types that behave alike on every engine; text compares by its bytes. */
export interface ColumnTypes {
  id: ColumnType
  /** Up to 16 000 characters. */
  text: ColumnType
  longText: ColumnType
  /** A text for people, with a limit. */
  string(length: number): ColumnType
  /** An identifier: equal only when every byte is. */
  key(length: number): ColumnType
  integer: ColumnType
  bigint: ColumnType
  /** IEEE 754 double precision: what is written is read, digit by digit. */
  double: ColumnType
  /** ISO 8601 UTC with milliseconds in code. */
  timestamp: ColumnType
  /** 0 or 1 in code. */
  boolean: ColumnType
  /** JSON text in code. */
  json: ColumnType
}

type Select<DB, Tables extends keyof DB, Row> = SelectQueryBuilder<DB, Tables, Row>

export interface StreamPosition {
  stream_id: string
  position: number
}

/** What the engines do differently, by capability: nothing outside this folder asks which engine it is. */
export interface Dialect {
  connect(options: ConnectOptions): Promise<Connections>
  types: ColumnTypes
  /** The end of each `create table`. */
  tableOptions: RawBuilder<unknown>
  /** Its end where rows lie in the order of their key, which an engine may do by itself or cannot do: absent. */
  clusteredOptions?: RawBuilder<unknown>
  /**
   * Whether rows are inserted by a statement each. To be able to take back a statement of many rows, SQLite copies every
   * page it changes into a file.
   */
  insertsAlone: boolean
  /** Whether an index can leave rows out. */
  hasPartialIndexes: boolean
  /** Whether a failed migration takes its tables back; if not, its steps are written to be repeated. */
  transactionalDdl: boolean
  /** A second row with the same unique key; the constraint is named `<table>_<columns>` or `<table>_pkey`. */
  isUniqueViolation(error: unknown, constraint?: string): boolean
  /** Deadlock, serialization failure, busy: the same unit of work may succeed when repeated. */
  isRetryable(error: unknown): boolean
  /** Not reachable, lost, overloaded, or too slow. After COMMIT was sent the outcome is unknown. */
  isUnavailable(error: unknown): boolean
  isDiskFull(error: unknown): boolean
  lock: {
    /** False where a transaction has the whole database: then locks need no order either. */
    isOfRows: boolean
    forUpdate<DB, Tables extends keyof DB, Row>(query: Select<DB, Tables, Row>): Select<DB, Tables, Row>
    forShare<DB, Tables extends keyof DB, Row>(query: Select<DB, Tables, Row>): Select<DB, Tables, Row>
  }
  /** Its clock is not the one of each process that uses it. */
  hasOwnClock: boolean
  /** The database's clock at the start of the statement, in milliseconds since 1970. */
  nowMs: RawBuilder<number>
  /**
   * `column = value`, where what follows is a range of the next column of the same index, ordered by both. MariaDB would
   * read everything of that value and look for the range row by row, wherever the range is a large part of it.
   */
  leading(column: string, value: string): RawBuilder<SqlBool>
  /** `[["conversation:…", 41], …]`, one JSON parameter, as a table of stream_id and position. */
  positions(json: string): RawBuilder<StreamPosition>
  /**
   * From now on the database itself refuses to change a row of this table, and to delete one before the time in
   * `until`. Can be repeated. The table's key is `id`.
   */
  appendOnly(db: Db, table: string, until: string): Promise<void>
  guards: RowGuards
  transfer: TransferDialect
  search: FullTextSearch
  geo: GeoIndex
  /** What is odd about the server or the database, though Atrium may run on it. `connections`: what all processes may take. */
  oddities(db: Db, connections: number): Promise<Oddity[]>
  /** How long the log of writes beside the file is now. Only where Atrium is who keeps it short. */
  logBytes?(): number
  /** After the migrations, at each start: makes use of what the database has got since they were written. */
  enableExtensions?(session: Db): Promise<void>
  /** Takes what was deleted out of the files of the database, where the engine does not see to it; outside of transactions. */
  scrub?(session: Db): Promise<void>
  /** Waits until no other process migrates; held until the session ends. */
  lockMigrations(session: Db): Promise<void>
}

export interface Oddity {
  kind: 'encoding' | 'connections' | 'packet' | 'geography' | 'log'
  detail: string
}

export interface SearchMatch {
  key: string
  /** Grows with time. */
  place: string | number
}

/** A term that must be there: a whole one, or the beginning of one. */
export interface SearchTerm {
  term: string
  isPrefix: boolean
}

export type SearchGroups = readonly (readonly SearchTerm[])[]

/**
 * The engine's own full-text index over a column of terms: words of letters and digits, at least three characters,
 * separated by spaces, made by the caller. No engine changes, drops or ranks them, so all three answer alike.
 */
export interface FullTextSearch {
  /** A table of a key (an id) and terms, indexed. Can be repeated. */
  createTable(db: Db, table: string, key: string, terms: string): Promise<void>
  /** Writes the index in smaller pieces from now on, where it is written in pieces of a size that can be chosen. */
  writeSmaller?(db: Db, table: string): Promise<void>
  /**
   * The keys of rows that hold one of each group of terms, as a table to select from. Ordered by `place`, newest first,
   * it is read only as far as the limit of the query; `before` is the place where an earlier page ended.
   */
  matches(search: {
    table: string
    key: string
    terms: string
    groups: SearchGroups
    before?: string | number | undefined
  }): RawBuilder<SearchMatch>
  /** Only where the index has no order, so that it costs all that it matches. There the key is the place. */
  unordered?: UnorderedSearch
}

/** To look through the newest rows without an index of words, before it is asked for all of them. */
export interface UnorderedSearch {
  /** Whether the list of each term is read to its end, however rare another one is. */
  readsWholeLists: boolean
  /** Whether the row of `id`, a column of the query it stands in, holds one of each group. */
  holds(search: { table: string; key: string; terms: string; groups: SearchGroups; id: string }): RawBuilder<SqlBool>
  /** The largest `id` of each owner before another one, as a table; of no owner more than its one row is read. */
  newest(rows: OwnedRows): RawBuilder<{ id: string }>
  /** The rows of these owners before one id and down to another, with it, as a table; no rows of others are read. */
  between<Row>(rows: OwnedRows & { downTo: string | undefined }): RawBuilder<Row>
}

/** Of a table with a column `id` and an index `<table>_<owner>_id_index` over both columns; at least one owner. */
export interface OwnedRows {
  table: string
  owner: string
  owners: readonly string[]
  before: string | undefined
}

/** The engine is out of reach for a reason that our own side noticed. */
export class DatabaseUnavailableError extends Error {
  override readonly name: string = 'DatabaseUnavailableError'
}

/** It answers, too slowly for all who ask: whoever gets this has not been in the queue. */
export class DatabaseOverrunError extends DatabaseUnavailableError {
  override readonly name = 'DatabaseOverrunError'

  constructor() {
    super('The database is slow, and as many wait for it as it can serve in time.')
  }
}

/** The database can be reached but must not be used as it is; the message is for the operator. */
export class DatabaseRefusedError extends Error {
  override readonly name = 'DatabaseRefusedError'
  /** For those who tell an operator what to do. */
  readonly reason: 'version' | 'durability' | 'newer' | undefined

  constructor(message: string, options: { cause?: unknown; reason?: DatabaseRefusedError['reason'] } = {}) {
    super(message, { cause: options.cause })
    this.reason = options.reason
  }
}

/** `code` of a driver's error, a string or a number depending on the driver. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

const lostConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
])

/** What every engine that is reached over a network has in common. */
export function isNetworkFailure(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || lostConnection.has(errorCode(error))
}
