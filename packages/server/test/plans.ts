import { type Compilable, CompiledQuery, sql } from 'kysely'
import type { DatabaseHandle } from '../src/platform/db/database.ts'
import { testEngine } from './databases.ts'

type Line = Record<string, unknown>

/** How the engine would answer; `offences` are the lines that read a whole table of ours, or sort. */
export async function explain(handle: DatabaseHandle, query: Compilable): Promise<{ plan: Line[]; offences: Line[] }> {
  const { sql: text, parameters } = query.compile()
  const words = testEngine === 'sqlite' ? 'explain query plan ' : 'explain '
  const { rows } = await handle.unitOfWork(async ({ tx }) => {
    // Our tables are small here, and PostgreSQL knows it.
    if (testEngine === 'postgres') await sql`set local enable_seqscan = off`.execute(tx)
    return tx.executeQuery<Line>(CompiledQuery.raw(words + text, [...parameters]))
  })
  return { plan: rows, offences: rows.filter((row) => isBad[testEngine](row)) }
}

const isBad: Record<typeof testEngine, (row: Line) => boolean> = {
  sqlite: ({ detail }) =>
    /^SCAN (?!json_each|positions|value|\w+_(?:index|area) VIRTUAL TABLE)|TEMP B-TREE/.test(String(detail)),
  postgres: (row) => /Seq Scan|\bSort\b/.test(String(row['QUERY PLAN'])),
  mariadb: ({ table, type, Extra }) =>
    (table !== 'positions' &&
      ['ALL', 'index', null].includes(type as string | null) &&
      !/impossible where|const table/i.test(String(Extra))) ||
    String(Extra).includes('filesort'),
}
