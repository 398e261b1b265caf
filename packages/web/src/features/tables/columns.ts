import type { DataTable } from '@atrium/client'
import type { Column, Relation, TableSchema } from './types.ts'

/** A column as the grid shows it. */
export interface GridColumn {
  column: Column
  /** Where it points to a row of a table that this person may see. */
  relation: Relation | undefined
  width: number
}

const widths: Record<string, number> = {
  integer: 120,
  decimal: 130,
  number: 130,
  boolean: 100,
  uuid: 210,
  date: 140,
  time: 120,
  datetime: 210,
  json: 240,
  binary: 120,
}
const unsortable = new Set(['json', 'binary', 'other'])

export const isSortable = ({ type }: Column): boolean => !unsortable.has(type)
export const isNumeric = ({ type }: Column): boolean => ['integer', 'decimal', 'number'].includes(type)

/** Long contents are not brought along unless somebody asks for them. */
const isShownAtFirst = ({ type }: Column): boolean => type !== 'binary'

export function relationOf(schema: TableSchema, column: Column): Relation | undefined {
  return schema.relations.find(
    ({ kind, columns }) => kind === 'one' && columns.length === 1 && columns[0] === column.name,
  )
}

export function gridColumns(schema: TableSchema, chosen: string | undefined): GridColumn[] {
  const names = chosen?.split(',')
  const wanted = schema.columns.filter((column) => (names ? names.includes(column.name) : isShownAtFirst(column)))
  const shown = wanted.length > 0 ? wanted : schema.columns
  return shown.map((column) => {
    const relation = relationOf(schema, column)
    return { column, relation, width: relation ? 200 : (widths[column.type] ?? 220) }
  })
}

/** What is asked of the server: the columns that are shown, and those that tell the rows apart. */
export const fieldsOf = ({ key }: TableSchema, columns: readonly GridColumn[]): string =>
  [...new Set([...key, ...columns.map(({ column }) => column.name)])].join(',')

/** What a table is called where people read it. */
export const tableLabel = ({ name, label }: Pick<DataTable, 'name' | 'label'>): string => label || name

const telling = /(^|_)(name|title|label|subject|code|email|username)$/i

/** The column by which a person knows a row of this table. */
export function tellingColumn({ columns, key }: TableSchema): Column | undefined {
  const texts = columns.filter(({ name, type }) => type === 'text' && !key.includes(name))
  return texts.find(({ name }) => telling.test(name)) ?? texts[0]
}
