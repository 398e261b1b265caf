import { sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import { keptText } from '../column-types/conversion.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { compile } from '../query/compile.ts'
import type { Condition, Field } from '../query/condition.ts'
import type { RowImage } from './row-images.ts'
import { boundValue } from './row-input.ts'
import { cellName, rowJson, toRow, whereOf } from './select.ts'

/** What an image shows to whoever has this view today. */
export interface ShownImage {
  json: string
  cells: readonly (string | null)[]
}

const maxParameters = 4_000
const place = '_atrium_place'

/** The column may have been of another type when this was kept. */
export function keptValue(column: Column, image: RowImage): string | null {
  const text = image[column.name] ?? null
  return text === null ? null : keptText(column, text)
}

/**
 * Images of rows, seen through a view: the database judges them by the same rules as rows that are there. Answers the
 * visible ones by their index.
 */
export async function showImages(
  db: Db,
  access: TableAccess,
  view: TableView,
  images: readonly RowImage[],
  { fields, filter, exactAsText }: { fields: readonly Field[]; filter?: Condition | undefined; exactAsText: boolean },
): Promise<Map<number, ShownImage>> {
  const columns = [...view.entry.table.columns.values()]
  const { compiling: context } = access
  const shown = new Map<number, ShownImage>()
  const size = Math.max(1, Math.floor(maxParameters / (columns.length + 1)))
  for (let start = 0; start < images.length; start += size) {
    const alias = context.alias()
    // The first part gives the columns their types and collations, and no rows.
    const parts: Sql[] = [
      sql`select ${sql.join(columns.map(({ name }) => sql.id(name)))}, 0 as ${sql.id(place)} from ${sql.id(view.table)} where 1 = 0`,
      ...images.slice(start, start + size).map((image, index) => {
        const values = columns.map((column) => boundValue(context.dialect, column, keptValue(column, image)))
        return sql`select ${sql.join(values)}, ${sql.lit(start + index)}`
      }),
    ]
    const selected = [
      sql`${sql.id(alias, place)} as ${sql.id('place')}`,
      sql`${rowJson(fields, alias, context, exactAsText)} as ${sql.id('json')}`,
      ...fields.map(
        ({ column, ref }, index) => sql`${context.dialect.text(column, ref(alias))} as ${sql.id(cellName(index))}`,
      ),
    ]
    const where = whereOf([view.visible(alias), filter ? compile(filter, alias, context) : undefined])
    const { rows } = await sql<Record<string, string | null> & { place: number | string }>`
      select ${sql.join(selected)} from (${sql.join(parts, sql` union all `)}) as ${sql.id(alias)}${where}`.execute(db)
    for (const row of rows) shown.set(Number(row.place), toRow(row, fields.length))
  }
  return shown
}
