import type { QueryResult } from 'kysely'

export interface Statement {
  sql: string
  parameters: readonly unknown[]
  /** Nobody asks for its rows. */
  isSilent?: boolean
}

/** One raw connection, lent by an engine. */
export interface Session {
  execute(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>
  /**
   * All of them by one way to the database and back; none is run after one that fails. Told as each is answered. Absent
   * where there is no such way.
   */
  executeAll?(statements: readonly Statement[], onAnswer: () => void): Promise<QueryResult<unknown>[]>
  /** The rows at once, of an engine that need not be waited for. */
  executeNow?(sql: string, parameters: readonly unknown[]): unknown[]
  /** Gives it back; a broken one is closed instead. */
  release(broken: boolean): void
}
