import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import { newId } from '../../../platform/ids.ts'
import type { TableEntry } from '../registry.ts'
import { boundValue } from './row-input.ts'

/** Fewer than any engine takes in one statement. */
const maxParameters = 10_000

/**
 * Inserts the rows and answers their keys, in the order given; an empty list where the table has no key. What the
 * database would fill into a key is asked of it first, as it tells afterwards of counted columns only.
 */
export async function insertRows(
  db: Db,
  dialect: TablesDialect,
  entry: TableEntry,
  rows: readonly Map<string, string | null>[],
): Promise<string[][]> {
  // First of all: rows of the same list may be given numbers.
  const brought = dialect.countPast ? largestBrought(entry, rows) : []
  for (const { column, largest } of brought) await dialect.countPast?.(db, entry.table.name, column, largest)
  await fillKeys(db, dialect, entry, rows)
  const groups = Map.groupBy(rows, (row) => JSON.stringify([...row.keys()].sort()))
  for (const [, group] of groups) {
    const names = [...(group[0]?.keys() ?? [])].sort()
    const size = Math.max(1, Math.floor(maxParameters / Math.max(1, names.length)))
    for (let start = 0; start < group.length; start += size) {
      await insertAlike(db, dialect, entry, names, group.slice(start, start + size))
    }
  }
  return entry.key.length === 0 ? [] : rows.map((row) => entry.key.map((name) => row.get(name) ?? ''))
}

/** Of counted columns, the largest number that rows have of their own. */
function largestBrought({ table }: TableEntry, rows: readonly ReadonlyMap<string, string | null>[]) {
  const counted = [...table.columns.values()].filter(({ autoIncrement, type }) => autoIncrement && type === 'integer')
  return counted.flatMap(({ name }) => {
    const numbers = rows.flatMap((row) => row.get(name) ?? []).map(BigInt)
    const [first, ...more] = numbers
    if (first === undefined) return []
    return [{ column: name, largest: more.reduce((most, number) => (number > most ? number : most), first) }]
  })
}

/** Whether `fillKeys` has a value for it. */
export const isFilled = (column: Column | undefined): boolean =>
  column !== undefined && (column.default !== null || column.type === 'uuid')

/** Puts into the keys what the database would fill in, as far as it tells that before the insert. */
export async function fillKeys(
  db: Db,
  dialect: TablesDialect,
  { key, table }: TableEntry,
  rows: readonly Map<string, string | null>[],
): Promise<void> {
  for (const name of key) {
    const column = table.columns.get(name)
    const missing = rows.filter((row) => !row.has(name))
    if (!column || missing.length === 0) continue
    const values = await keyValues(db, dialect, column, missing.length)
    missing.forEach((row, index) => {
      const value = values?.[index]
      if (value !== undefined) row.set(name, value)
    })
  }
}

async function insertAlike(
  db: Db,
  dialect: TablesDialect,
  { table, key }: TableEntry,
  names: readonly string[],
  rows: readonly Map<string, string | null>[],
): Promise<void> {
  const columns = names.flatMap((name) => table.columns.get(name) ?? [])
  const into = sql`insert into ${sql.id(table.name)}`
  const counted = key.find((name) => !names.includes(name) && table.columns.get(name)?.autoIncrement)
  if (columns.length === 0) {
    // No engine takes several rows of nothing but defaults.
    const [name = ''] = counted === undefined ? table.columns.keys() : [counted]
    const first = table.columns.get(name)
    const value = counted !== undefined || !first ? sql`null` : dialect.defaultOf(first)
    for (const row of rows) {
      await sql`${into} (${sql.id(name)}) values (${value})`.execute(db)
      const [key] = counted === undefined ? [] : await dialect.countedKeys(db, 1)
      if (key !== undefined) row.set(name, key)
    }
    return
  }
  const values = rows.map(
    (row) => sql`(${sql.join(columns.map((column) => boundValue(dialect, column, row.get(column.name) ?? null)))})`,
  )
  await sql`${into} (${sql.join(columns.map(({ name }) => sql.id(name)))})${dialect.beforeValues} values ${sql.join(values)}`.execute(
    db,
  )
  if (counted === undefined) return
  const keys = await dialect.countedKeys(db, rows.length)
  rows.forEach((row, index) => {
    const value = keys[index]
    if (value !== undefined) row.set(counted, value)
  })
}

/** Undefined: the database tells after the insert. */
async function keyValues(db: Db, dialect: TablesDialect, column: Column, count: number): Promise<string[] | undefined> {
  if (column.default !== null) {
    const value = dialect.text(column, sql`(${sql.raw(column.default)})`)
    const { rows } = await sql<{ value: string }>`
      with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
      select ${value} as ${sql.id('value')} from numbers`.execute(db)
    return rows.map((row) => row.value)
  }
  if (column.type === 'uuid') return Array.from({ length: count }, () => newId())
  return undefined
}
