import { sql } from 'kysely'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Sql, TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import { type FieldError, platformErrors } from '../../../platform/errors.ts'
import type { TableView } from '../policy/table-view.ts'
import { isObject } from '../query/filter-parser.ts'
import { canonical, ValueError } from '../values.ts'

/** What a column becomes: a value in its canonical text (and as it was sent), null, or something made of what is there. */
export type Change = { text: string | null; given: unknown } | { operation: Operation; text: string }

const operations = ['$inc', '$dec', '$mul', '$min', '$max'] as const
type Operation = (typeof operations)[number]

export type Changes = ReadonlyMap<string, Change>

export const invalidFields = (errors: readonly FieldError[]) => {
  const detail = errors.length === 1 ? '1 field needs attention' : `${errors.length} fields need attention`
  const isUnknown = errors.some(({ code }) => code === 'unknown_field')
  const factory = isUnknown ? platformErrors.unknown_field : platformErrors.validation_failed
  return factory({ detail, members: { errors: errors.slice(0, 20) } })
}

/** Throws unknown_field for what is no column the caller may write, whether it exists or not, and validation_failed. */
export function parseRow(
  view: TableView,
  row: unknown,
  options: { at: string; operations: boolean; readable: (column: string) => boolean },
): Map<string, Change> {
  if (!isObject(row)) {
    throw invalidFields([{ pointer: options.at, code: 'wrong_type', message: 'A row is an object of columns' }])
  }
  const changes = new Map<string, Change>()
  const errors: FieldError[] = []
  for (const [name, value] of Object.entries(row)) {
    const pointer = `${options.at}/${name.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 300)}`
    const column = view.entry.table.columns.get(name)
    if (!view.takes(name) || !column) {
      errors.push({ pointer, code: 'unknown_field', message: 'There is no such field' })
      continue
    }
    try {
      changes.set(name, toChange(column, value, options.operations && options.readable(name)))
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      errors.push({ pointer, code: error.code, message: error.message })
    }
  }
  if (errors.length > 0) throw invalidFields(errors)
  return changes
}

function toChange(column: Column, value: unknown, withOperations: boolean): Change {
  if (value === null) {
    if (!column.nullable) throw new ValueError('required', 'This field cannot be empty')
    return { text: null, given: null }
  }
  if (column.type !== 'json' && isObject(value)) {
    const [[name = '', amount] = [], ...more] = Object.entries(value)
    const operation = operations.find((known) => known === name)
    const isNumeric = ['integer', 'decimal', 'number'].includes(column.type)
    if (!withOperations || !operation || more.length > 0 || !isNumeric) {
      throw new ValueError('wrong_type', 'This field takes no object')
    }
    return { operation, text: canonical(column, amount, 'json') }
  }
  return { text: canonical(column, value, 'json'), given: value }
}

export const boundValue = (dialect: TablesDialect, column: Column, text: string | null): Sql =>
  text === null ? sql`null` : dialect.value(column, text)

/** The right side of an assignment. */
export function assigned(dialect: TablesDialect, column: Column, change: Change): Sql {
  if (!('operation' in change)) return boundValue(dialect, column, change.text)
  const value = dialect.value(column, change.text)
  const current = sql.id(column.name)
  switch (change.operation) {
    case '$inc':
      return sql`coalesce(${current}, 0) + ${value}`
    case '$dec':
      return sql`coalesce(${current}, 0) - ${value}`
    case '$mul':
      return sql`coalesce(${current}, 0) * ${value}`
    case '$min':
      return sql`case when ${current} <= ${value} then ${current} else ${value} end`
    case '$max':
      return sql`case when ${current} >= ${value} then ${current} else ${value} end`
  }
}
