import type { CompiledQuery, DatabaseConnection, Driver, Dialect as KyselyDialect, QueryResult } from 'kysely'
import { statementsOf } from '../at-once.ts'
import type { PoolMeter, QueryMeter } from '../query-meter.ts'
import { withTimeLimit } from '../time-limit.ts'
import type { WrittenTables } from '../written-tables.ts'
import { DatabaseOverrunError, DatabaseUnavailableError } from './dialect.ts'
import type { Session, Statement } from './session.ts'

export interface SessionSource {
  acquire(): Promise<Session>
  /** The statement that opens a transaction; absent where there are none. */
  begin?: string
  /** After so long without an answer the connection counts as lost; absent: wait for ever. */
  statementLimitMs?: number
  isUnavailable?(error: unknown): boolean
  /** Told whenever the server was of no use. */
  onUnavailable?(): void
  /** Ends the waiting as soon as it is known to be in vain; absent: never. */
  guard?<T>(work: () => Promise<T>): Promise<T>
  /** Told how long each statement took. */
  meter?: QueryMeter
  watched?: WrittenTables | undefined
  /** Told after a commit which of the watched tables it wrote to; also where nobody knows whether it was one. */
  onWritten?: ((tables: string[]) => void) | undefined
  /** Told who has a connection and who waits for one. */
  pool?: PoolMeter
}

const rollbackLimitMs = 1000
/** What makes a transaction usable again after a statement of it has failed. */
const backTo = 'rollback to savepoint '

export function sessionDialect(source: SessionSource, parts: Omit<KyselyDialect, 'createDriver'>): KyselyDialect {
  return { ...parts, createDriver: () => new SessionDriver(source) }
}

/** The same source for reads: without transactions, and with a look before each use at whether one is open to read in. */
export function forReading(
  { begin: _, watched: __, ...source }: SessionSource,
  elsewhere: () => Session | undefined,
): SessionSource {
  const acquire = async () => elsewhere() ?? (await source.acquire())
  return { ...source, acquire }
}

/** The one Kysely driver for all engines: what may follow what in a transaction is the same everywhere. */
export class SessionDriver implements Driver {
  readonly #source: SessionSource

  constructor(source: SessionSource) {
    this.#source = source
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SessionConnection> {
    let isLate = false
    const acquire = async () => {
      const session = await this.#source.acquire()
      if (isLate) session.release(false)
      return session
    }
    const { pool } = this.#source
    if (pool) pool.waiting++
    try {
      const connection = new SessionConnection(this.#source, await guarded(this.#source, acquire))
      if (pool) pool.inUse++
      return connection
    } catch (error) {
      isLate = true
      if (isUseless(this.#source, error)) this.#source.onUnavailable?.()
      throw error
    } finally {
      if (pool) pool.waiting--
    }
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SessionConnection).begin()
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SessionConnection).commit()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as SessionConnection).rollback()
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ;(connection as SessionConnection).release()
  }

  async destroy(): Promise<void> {}
}

class SessionConnection implements DatabaseConnection {
  readonly #source: SessionSource
  readonly #session: Session
  #state: 'idle' | 'open' | 'failed' | 'over' = 'idle'
  #failure: unknown
  #broken = false
  /** Goes with whatever is sent next: what opens the transaction, and writes that nobody waits for. */
  #held: Statement[] = []
  #isSent = false
  /** Of the watched tables. */
  #written: Set<string> | undefined

  constructor(source: SessionSource, session: Session) {
    this.#source = source
    this.#session = session
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statements, isOne, mayWait } = statementsOf(query)
    // Without this a statement that outlives its transaction would run, and stay, on its own.
    if (this.#state === 'over') throw new Error('This transaction is over: nothing more can run in it.')
    const isWayBack = query.sql.startsWith(backTo)
    // PostgreSQL does this by itself; the others would commit the rest.
    if (this.#state === 'failed' && !isWayBack) throw this.#aborted()
    try {
      if (this.#state === 'failed') this.#state = 'open'
      // What was held is younger than every savepoint, as setting one has sent all before it.
      if (isWayBack) this.#held = []
      for (const { sql } of statements) this.#note(sql)
      const bound = statements.map(({ sql, parameters }) => ({ sql, parameters: parameters.map(toBindable) }))
      if (mayWait && this.#canHold()) {
        for (const each of bound) this.#held.push({ ...each, isSilent: true })
        return { rows: [] }
      }
      const results = await this.#send(bound, !isOne && !mayWait)
      return isOne ? (results[0] as QueryResult<R>) : { rows: results as R[] }
    } catch (error) {
      if (this.#state === 'open') {
        this.#state = 'failed'
        this.#failure = error
      }
      throw error
    }
  }

  // biome-ignore lint/correctness/useYield: part of Kysely's interface, which we do not use.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Rows are not streamed; read them in pages.')
  }

  async begin(): Promise<void> {
    const { begin } = this.#source
    if (begin === undefined) throw new Error('`db` has no transactions: use `unitOfWork`.')
    if (this.#session.executeAll) this.#held.push({ sql: begin, parameters: [], isSilent: true })
    else await this.#send([{ sql: begin, parameters: [] }])
    this.#state = 'open'
  }

  async commit(): Promise<void> {
    if (this.#state === 'failed') throw this.#aborted()
    this.#state = 'over'
    // Opened, and nothing asked.
    if (!this.#isSent && this.#held.length === 1) return
    try {
      await this.#send([{ sql: 'commit', parameters: [], isSilent: true }])
    } finally {
      if (this.#written) this.#source.onWritten?.([...this.#written])
    }
  }

  /** Never throws: it follows an error that says more. A connection that cannot roll back is closed, which does the same. */
  async rollback(): Promise<void> {
    this.#state = 'over'
    this.#held = []
    if (this.#broken || !this.#isSent) return
    try {
      await this.#run([{ sql: 'rollback', parameters: [] }], rollbackLimitMs)
    } catch {
      this.#broken = true
    }
  }

  release(): void {
    this.#state = 'over'
    if (this.#source.pool) this.#source.pool.inUse--
    this.#session.release(this.#broken)
  }

  #canHold(): boolean {
    return this.#state === 'open' && this.#session.executeAll !== undefined
  }

  /** With what is held before them. */
  async #send(statements: readonly Statement[], areReads = false): Promise<QueryResult<unknown>[]> {
    const held = this.#held
    this.#held = []
    this.#isSent = true
    if (this.#session.executeAll && this.#state !== 'idle') {
      const results = await this.#run([...held, ...statements], this.#source.statementLimitMs)
      return results.slice(held.length)
    }
    if (this.#session.executeAll && areReads) {
      try {
        return await this.#run(statements, this.#source.statementLimitMs)
      } catch (error) {
        if (this.#broken) throw error
        // Outside a transaction each can be asked again, by itself: what was prepared may be of no use any more.
      }
    }
    const results: QueryResult<unknown>[] = []
    for (const each of statements) results.push(...(await this.#run([each], this.#source.statementLimitMs)))
    return results
  }

  async #run(statements: readonly Statement[], limitMs: number | undefined): Promise<QueryResult<unknown>[]> {
    const started = performance.now()
    let answers = 0
    try {
      return await guarded(this.#source, () => {
        const work = this.#execute(statements, () => answers++)
        if (limitMs === undefined) return work
        const late = () => new DatabaseUnavailableError('The database did not answer in time.')
        return withTimeLimit(work, limitMs, late)
      })
    } catch (error) {
      if (isUseless(this.#source, error)) {
        this.#broken = true
        this.#source.onUnavailable?.()
      }
      throw error
    } finally {
      this.#source.meter?.recordAll(statements, (performance.now() - started) / 1000, answers)
    }
  }

  async #execute(statements: readonly Statement[], onAnswer: () => void): Promise<QueryResult<unknown>[]> {
    const [only, ...more] = statements
    if (only && more.length === 0) {
      const result = await this.#session.execute(only.sql, only.parameters)
      onAnswer()
      return [result]
    }
    return this.#session.executeAll?.(statements, onAnswer) ?? []
  }

  #note(sql: string): void {
    const tables = this.#source.watched?.by(sql) ?? []
    if (tables.length === 0) return
    this.#written ??= new Set()
    for (const table of tables) this.#written.add(table)
  }

  #aborted(): Error {
    return new Error('A statement of this transaction failed: nothing more can run in it.', { cause: this.#failure })
  }
}

function isUseless({ isUnavailable }: SessionSource, error: unknown): boolean {
  if (error instanceof DatabaseOverrunError) return false
  return error instanceof DatabaseUnavailableError || (isUnavailable?.(error) ?? false)
}

const guarded = <T>({ guard }: SessionSource, work: () => Promise<T>): Promise<T> => (guard ? guard(work) : work())

/** Drivers differ in what they make of anything else: an error, JSON, a list, or a piece of SQL. */
function toBindable(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'bigint') return value
  throw new TypeError(`Only text, numbers and null go to the database, not ${typeof value}.`)
}
