import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableEntry } from '../registry.ts'
import { assigned, type Change, type Changes } from './row-input.ts'
import { whereOf } from './select.ts'
import { keyCondition } from './write-checks.ts'

/** What becomes of a row that is there. */
export interface MergedRow {
  key: readonly string[]
  sent: Changes
}

/** Fewer than any engine takes in one statement. */
const maxParameters = 10_000
const maxRows = 500

/** Rows of which the same columns are sent are changed together, where that comes to the same as one after the other. */
export async function writeMerges(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  merges: readonly MergedRow[],
): Promise<void> {
  const { dialect } = access.compiling
  const key = entry.key.flatMap((name) => entry.table.columns.get(name) ?? [])
  for (const group of alike(merges)) {
    const names = [...(group[0]?.sent.keys() ?? [])].sort()
    const set = names.flatMap((name) => entry.table.columns.get(name) ?? [])
    if (set.length === 0) continue
    const isSingle = group.length === 1 || !key.every(isPlainKey) || isUnique(entry, names)
    const size = isSingle ? 1 : Math.min(maxRows, Math.floor(maxParameters / (key.length + set.length)))
    for (let start = 0; start < group.length; start += size) {
      const some = group.slice(start, start + size)
      const [first] = some
      if (some.length === 1 && first) await writeOne(db, access, entry, first)
      else {
        const rows = some.map((row) => [...row.key, ...names.map((name) => textOf(row.sent.get(name)))])
        await dialect.updateRows(entry.table.name, key, set, rows).execute(db)
      }
    }
  }
}

/** By which columns are sent. An operation is made of what is there, and of one row. */
function alike(merges: readonly MergedRow[]): Iterable<MergedRow[]> {
  return Map.groupBy(merges, ({ sent }) => {
    const isMade = [...sent.values()].some((change) => 'operation' in change)
    return isMade ? sent : JSON.stringify([...sent.keys()].sort())
  }).values()
}

const textOf = (change: Change | undefined): string | null => change?.text ?? null

/** A list compares these as the column does. */
const isPlainKey = ({ type, byBytes, values }: Column): boolean =>
  type === 'integer' || type === 'uuid' || (type === 'text' && byBytes && !values)

/** Whether a value may go from one row to another depends on which of them is changed first. */
const isUnique = ({ table }: TableEntry, names: readonly string[]): boolean =>
  table.uniques.some((columns) => columns.some((name) => names.includes(name)))

async function writeOne(db: Db, access: TableAccess, entry: TableEntry, { key, sent }: MergedRow): Promise<void> {
  const { name: table, columns } = entry.table
  const set = [...sent].flatMap(([name, change]) => {
    const column = columns.get(name)
    return column ? [sql`${sql.id(name)} = ${assigned(access.compiling.dialect, column, change)}`] : []
  })
  const where = whereOf([keyCondition(access, entry, [key], table)])
  await sql`update ${sql.id(table)} set ${sql.join(set)}${where}`.execute(db)
}
