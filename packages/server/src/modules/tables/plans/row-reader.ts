import { sql } from 'kysely'
import type { ColumnType } from '../../../platform/db/tables/catalogue.ts'
import type { Sql } from '../../../platform/db/tables/tables-dialect.ts'
import type { Compiling, Field } from '../query/condition.ts'
import { rowJson } from '../rows/select.ts'

export type ReadRow = Readonly<Record<string, unknown>>

/** How a row is read by a statement that is asked again and again. */
export interface RowReader {
  columns: readonly Sql[]
  /** The same JSON as `rowJson` makes; undefined for a row of which only the database can tell it. */
  jsonOf(row: ReadRow): string | undefined
  /** Where the canonical text of this field can be had from what is read anyway. */
  textOf(field: Field): ((row: ReadRow) => string | null) | undefined
}

/** Their JSON is their canonical text, in quotes or without. */
const sameText: ReadonlySet<ColumnType> = new Set<ColumnType>([
  'integer',
  'decimal',
  'boolean',
  'text',
  'uuid',
  'date',
  'time',
  'datetime',
])

/** Where that is cheaper, the database gives bare values and their JSON is made here. */
export function rowReader(fields: readonly Field[], alias: string, context: Compiling): RowReader {
  const { cell } = context.dialect
  if (!cell || fields.length === 0) {
    const columns = [sql`${rowJson(fields, alias, context, false)} as ${sql.id('json')}`]
    return { columns, jsonOf: ({ json }) => json as string, textOf: () => undefined }
  }
  const cells = fields.map(({ column, ref }, index) => {
    const { value, toJson } = cell(column, ref(alias))
    const before = `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`
    return { place: `v${index}`, value, toJson, before }
  })
  return {
    columns: cells.map(({ place, value }) => sql`${value} as ${sql.id(place)}`),
    jsonOf: (row) => {
      let json = ''
      for (const { place, toJson, before } of cells) {
        const piece = toJson(row[place])
        if (piece === undefined) return undefined
        json += before + piece
      }
      return `${json}}`
    },
    textOf: (field) => {
      const found = sameText.has(field.column.type) ? cells[fields.indexOf(field)] : undefined
      return found && ((row) => textOfJson(found.toJson(row[found.place]) ?? 'null'))
    },
  }
}

const textOfJson = (json: string): string | null =>
  json === 'null' ? null : json.startsWith('"') ? (JSON.parse(json) as string) : json
