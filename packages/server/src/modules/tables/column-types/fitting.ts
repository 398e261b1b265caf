import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { nextValues } from '../../../platform/db/tables/retyping.ts'
import type { TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import type { TableEntry } from '../registry.ts'
import { boundValue } from '../rows/row-input.ts'
import { rowPath } from '../rows/row-key.ts'
import type { UnfitRows } from '../tables.schema.ts'
import { ValueError } from '../values.ts'
import { converted } from './conversion.ts'

export interface Change {
  dialect: TablesDialect
  entry: TableEntry
  from: Column
  to: Column
  /** No two rows have the same value there. */
  isUnique: boolean
}

const rowsPerPage = 500
const keysShown = 5

interface Fitted {
  key: readonly string[]
  text: string
}

/** Looks at every value, told page by page what they become; answers which have no place in the new column. */
export async function fitAll(
  db: Db,
  change: Change,
  take: (page: readonly Fitted[]) => Promise<void> = async () => {},
): Promise<UnfitRows & { fitting: number }> {
  const { entry, from, to, isUnique } = change
  const seen = new Set<string>()
  const unfit: UnfitRows & { fitting: number } = { count: 0, keys: [], fitting: 0 }
  for await (const page of pages(db, change)) {
    const fitted = page.flatMap(({ key, text }): Fitted[] => {
      try {
        const next = converted(from, to, text)
        if (isUnique && seen.has(next)) throw new ValueError('already_exists', 'Another row has this value')
        if (isUnique) seen.add(next)
        return [{ key, text: next }]
      } catch (error) {
        if (!(error instanceof ValueError)) throw error
        unfit.count++
        if (unfit.keys.length < keysShown) unfit.keys.push(rowPath(entry, key))
        return []
      }
    })
    unfit.fitting += fitted.length
    await take(fitted)
  }
  return unfit
}

/** Puts what the values become beside the table, by its key. */
export async function writeNext(db: Db, { dialect, entry, to }: Change, page: readonly Fitted[]): Promise<void> {
  if (page.length === 0) return
  const key = keyColumns(entry)
  const rows = page.map(({ key: texts, text }) => {
    const values = key.map((column, index) => boundValue(dialect, column, texts[index] ?? null))
    return sql`(${sql.join([...values, dialect.value(to, text)])})`
  })
  await sql`insert into ${sql.id(nextValues)} (${sql.join(nextColumns(key))}) values ${sql.join(rows)}`.execute(db)
}

const nextColumns = (key: readonly Column[]) => [...key.map((_, index) => sql.id(`k${index}`)), sql.id('v')]

export const keyColumns = ({ key, table }: TableEntry): Column[] => key.flatMap((name) => table.columns.get(name) ?? [])

/** In the order of the key, as the engine has it: each page begins behind the last one. */
async function* pages(db: Db, { dialect, entry, from }: Change): AsyncGenerator<Fitted[]> {
  const key = keyColumns(entry)
  const names = sql.join(key.map(({ name }) => sql.id(name)))
  const value = sql.id(from.name)
  const selected = [
    ...key.map((column, index) => sql`${dialect.text(column, sql.id(column.name))} as ${sql.id(`k${index}`)}`),
    sql`${dialect.text(from, value)} as ${sql.id('v')}`,
  ]
  let last: readonly string[] | undefined
  do {
    const bound = last && sql.join(key.map((column, index) => boundValue(dialect, column, last?.[index] ?? null)))
    const behind = bound ? sql` and (${names}) > (${bound})` : sql``
    const { rows } = await sql<Record<string, string>>`
      select ${sql.join(selected)} from ${sql.id(entry.table.name)}
      where ${value} is not null${behind} order by ${names} limit ${sql.lit(rowsPerPage)}`.execute(db)
    const page = rows.map((row) => ({ key: key.map((_, index) => String(row[`k${index}`])), text: String(row.v) }))
    if (page.length > 0) yield page
    last = page.length === rowsPerPage ? page.at(-1)?.key : undefined
  } while (last)
}
