import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableEntry } from '../registry.ts'
import { rowId } from './row-images.ts'
import { matching, selectRows } from './select.ts'

type Keys = readonly (readonly string[])[]

/**
 * The end of a delete of rows that may point to each other: on an engine that looks at one row after the other, those that
 * point go first. Rows that point in a ring have no such order, and are refused there.
 */
export async function childrenFirst(db: Db, access: TableAccess, entry: TableEntry, keys: Keys): Promise<Sql> {
  const { compiling: context } = access
  const own = entry.table.foreignKeys.filter(({ table }) => table === entry.table.name)
  if (!context.dialect.looksAtEachRow || own.length === 0 || keys.length < 2) return sql``
  const whole = access.whole(entry)
  const fields = [...whole.readable.values()]
  const alias = context.alias()
  const where = [matching(whole.key, keys, alias, context)]
  const rows = await selectRows(
    db,
    { view: whole, alias, fields: [], cells: fields, where, exactAsText: false },
    context,
  )
  const places = new Map(fields.map(({ column }, index) => [column.name, index]))
  const textOf = ({ cells }: (typeof rows)[number], names: readonly string[]) => {
    const texts = names.map((name) => cells[places.get(name) ?? -1] ?? null)
    return texts.includes(null) ? undefined : JSON.stringify(texts)
  }
  const parents = new Map<string, Set<string>>()
  for (const { columns, references } of own) {
    const byReference = new Map(rows.map((row) => [textOf(row, references), textOf(row, entry.key) ?? '']))
    for (const row of rows) {
      const child = textOf(row, entry.key) ?? ''
      const reference = textOf(row, columns)
      const parent = reference === undefined ? undefined : byReference.get(reference)
      if (parent === undefined || parent === child) continue
      parents.set(child, (parents.get(child) ?? new Set()).add(parent))
    }
  }
  if (parents.size === 0) return sql``
  const depths = depthsOf(parents)
  const cases = keys.map((key) => {
    const test = matching(whole.key, [key], entry.table.name, context)
    return sql`when ${test} then ${sql.lit(-(depths.get(rowId(key)) ?? 0))}`
  })
  return sql` order by case ${sql.join(cases, sql` `)} end`
}

/** How far each one is from those that point to none of the others. */
function depthsOf(parents: ReadonlyMap<string, ReadonlySet<string>>): Map<string, number> {
  const depths = new Map<string, number>()
  let level = [...parents.keys()]
  for (let round = 0; level.length > 0 && round <= parents.size; round++) {
    for (const id of level) depths.set(id, round + 1)
    const pointedFrom = new Set(level)
    level = [...parents].flatMap(([child, its]) => ([...its].some((id) => pointedFrom.has(id)) ? [child] : []))
  }
  return depths
}
