import type { Column } from '../../platform/db/tables/catalogue.ts'
import type { NewColumn } from '../../platform/db/tables/tables-dialect.ts'
import type { FieldError } from '../../platform/errors.ts'
import type { Snapshot } from './registry.ts'
import { invalidFields } from './rows/row-input.ts'
import type { NewTable, NewTableColumn } from './tables.schema.ts'
import { canonical, ValueError } from './values.ts'

/** What a list of columns becomes. Throws validation_failed. */
export function planned(table: NewTable, { tables }: Snapshot): { columns: NewColumn[]; key: string[] } {
  const problems: FieldError[] = []
  const key = table.key ?? ['id']
  const names = table.columns.map(({ name }) => name.toLowerCase())
  if (new Set(names).size < names.length) {
    problems.push({ pointer: '/columns', code: 'invalid', message: 'Two columns have the same name' })
  }
  if (table.name.toLowerCase().startsWith('_atrium')) {
    problems.push({ pointer: '/name', code: 'invalid', message: 'Names that begin so are kept for the server' })
  }
  const isCounted = table.key === undefined && !names.includes('id')
  const columns = table.columns.map((column, index) => {
    const { problems: found, planned: made } = plannedColumn(
      column,
      `/columns/${index}`,
      key.includes(column.name),
      tables,
    )
    problems.push(...found)
    return made
  })
  const known = new Set(columns.map(({ name }) => name))
  if (!isCounted && key.some((name) => !known.has(name))) {
    problems.push({ pointer: '/key', code: 'unknown_column', message: 'There is no such column' })
  }
  if (problems.length > 0) throw invalidFields(problems)
  return { columns: isCounted ? [counted, ...columns] : columns, key }
}

const counted: NewColumn = {
  name: 'id',
  type: 'integer',
  nullable: false,
  default: null,
  unique: false,
  autoIncrement: true,
}

export function plannedColumn(column: NewTableColumn, at: string, isKey: boolean, tables: Snapshot['tables']) {
  const problems: FieldError[] = []
  const add = (part: string, message: string, code = 'invalid') =>
    problems.push({ pointer: `${at}/${part}`, code, message })
  const isIndexed = isKey || column.unique === true || column.references !== undefined
  if (column.type === 'text' && isIndexed && column.length === undefined) {
    add('length', 'A text that is unique, a key or a reference needs a length of at most 500', 'required')
  }
  if (isIndexed && (column.length ?? 0) > 500) add('length', 'A text that is looked up may have 500 characters')
  if (isIndexed && ['json', 'binary', 'number'].includes(column.type))
    add('type', 'This type is neither key nor unique')
  if (column.type === 'decimal' && (column.scale ?? 2) > (column.precision ?? 15))
    add('scale', 'More digits than in all')
  const target = column.references && tables.get(column.references.table)
  const reference = column.references?.column ?? target?.key[0] ?? ''
  const other = target?.table.columns.get(reference)
  if (column.references && !other) add('references', 'There is no such table or column', 'unknown_column')
  if (other && other.type !== column.type) add('references', `It points to a column of type ${other.type}`)
  let value: string | null = null
  try {
    if (column.default !== undefined && column.default !== null) {
      value = canonical(asColumn(column), column.default, 'json')
    }
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    add('default', error.message, error.code)
  }
  const planned: NewColumn = {
    name: column.name,
    type: column.type,
    length: column.type === 'text' ? column.length : undefined,
    precision: column.precision,
    scale: column.scale,
    nullable: !isKey && (column.nullable ?? true),
    default: value,
    unique: column.unique ?? false,
    autoIncrement: false,
    references:
      column.references && other
        ? { table: column.references.table, column: other.name, nativeType: other.nativeType }
        : undefined,
  }
  return { problems, planned }
}

/** As it will be read back, as far as values are concerned. */
export function asColumn(column: Pick<NewColumn, 'name' | 'type' | 'length' | 'precision' | 'scale'>): Column {
  const { name, type, length, precision = 15, scale = 2 } = column
  return {
    ...{ name, type, nativeType: '', nullable: true, default: null },
    ...{
      autoIncrement: false,
      generated: false,
      byBytes: true,
      canonicalTime: true,
      fraction: type === 'time' ? 6 : 3,
    },
    ...(length === undefined ? {} : { maxLength: length }),
    ...(type === 'decimal' ? { precision, scale } : {}),
  }
}
