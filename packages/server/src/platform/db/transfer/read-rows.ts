import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { isOwnTable } from '../own-tables.ts'
import type { Db } from '../schema.ts'
import { pause } from '../time-limit.ts'
import type { TransferTable } from './table-list.ts'

export type Value = string | number | null
export type Row = readonly Value[]

const batch = 500

/** All rows in the order of the key, a batch at a time. */
export async function* readRows(db: Db, { name, columns, key }: TransferTable): AsyncGenerator<Row[]> {
  const select = sql.join(columns.map((column) => sql.ref(column)))
  const order = sql.join(key.map((column) => sql.ref(column)))
  const page = async (where: ReturnType<typeof sql>) => {
    const query = sql<
      Record<string, Value>
    >`select ${select} from ${sql.table(name)} ${where} order by ${order} limit ${sql.lit(batch)}`
    return (await query.execute(db)).rows
  }
  let rows = await page(sql``)
  while (rows.length > 0) {
    yield rows.map((row) => columns.map((column) => row[column] ?? null))
    const last = rows.at(-1) as Record<string, Value>
    rows = []
    // First what shares most of the key with the last row: each of these is one range of the index.
    for (let same = key.length - 1; same >= 0 && rows.length === 0; same--) {
      const fixed = key.slice(0, same).map((column) => sql`${sql.ref(column)} = ${last[column]}`)
      const next = key[same] as string
      rows = await page(sql`where ${sql.join([...fixed, sql`${sql.ref(next)} > ${last[next]}`], sql` and `)}`)
    }
    // SQLite answers without ever letting anybody else have a turn.
    await pause(0)
  }
}

/**
 * Engines that know JSON write it in their own way. Which columns of a module hold some only PostgreSQL can tell, so there
 * every text that is an object or a list counts by what it says, whoever reads it.
 */
const json: Readonly<Record<string, readonly string[]>> = { events: ['refs'], places: ['properties'] }

/** Of rows, whatever engine they came from. */
export class RowsHash {
  readonly #hash = createHash('sha256')
  readonly #json: ReadonlySet<number>
  rows = 0

  constructor({ name, columns }: Pick<TransferTable, 'name' | 'columns'>) {
    const own = isOwnTable(name) ? (json[name] ?? []) : columns
    this.#json = new Set(own.map((column) => columns.indexOf(column)))
    this.#hash.update(JSON.stringify([name, columns]))
  }

  add(row: Row): void {
    this.rows++
    this.#hash.update(JSON.stringify(this.#json.size === 0 ? row : row.map((value, i) => this.#plain(value, i))))
  }

  #plain(value: Value, index: number): unknown {
    if (!this.#json.has(index) || typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value
    try {
      return sorted(JSON.parse(value))
    } catch {
      return value
    }
  }

  digest(): { rows: number; sha256: string } {
    return { rows: this.rows, sha256: this.#hash.digest('hex') }
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, sorted(each)]),
  )
}
