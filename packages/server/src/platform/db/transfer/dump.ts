import type { DatabaseHandle } from '../database.ts'
import type { Db } from '../schema.ts'
import { RowsHash, readRows } from './read-rows.ts'
import { listTransferTables } from './table-list.ts'

export interface TableSum {
  rows: number
  sha256: string
}

/** How many tables there are, and how many are behind us. */
interface Place {
  done: number
  total: number
}

/** Lines of all our tables as they are in `db`, and in the end what they add up to. */
export async function* dumpTables(
  db: Db,
  { dialect }: DatabaseHandle,
  onTable: (name: string, sum: TableSum, place: Place) => void,
): AsyncGenerator<string> {
  const tables = await listTransferTables(db, await dialect.transfer.primaryKeys(db))
  for (const [index, table] of tables.entries()) {
    const { name, columns } = table
    yield `${JSON.stringify({ table: name, columns })}\n`
    const hash = new RowsHash(table)
    for await (const rows of readRows(db, table)) {
      for (const row of rows) hash.add(row)
      yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    }
    const sum = hash.digest()
    onTable(name, sum, { done: index + 1, total: tables.length })
    yield `${JSON.stringify({ end: name, ...sum })}\n`
  }
}

/** What the tables add up to as `db` sees them: the same for the same rows on every engine. */
export async function sumTablesOf(
  db: Db,
  handle: DatabaseHandle,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Record<string, TableSum>> {
  const sums: Record<string, TableSum> = {}
  const lines = dumpTables(db, handle, (name, sum, { done, total }) => {
    sums[name] = sum
    onProgress(done, total)
  })
  while (!(await lines.next()).done);
  return sums
}

/** The same, of one moment. */
export const sumTables = (handle: DatabaseHandle): Promise<Record<string, TableSum>> =>
  handle.snapshot((db) => sumTablesOf(db, handle))
