import type { QueryResult } from 'kysely'

/** One raw connection, lent by an engine. */
export interface Session {
  execute(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>
  /** Gives it back; a broken one is closed instead. */
  release(broken: boolean): void
}
