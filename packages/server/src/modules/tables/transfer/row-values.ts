import { textOfCell } from '../../../platform/csv.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { AppError, type FieldError } from '../../../platform/errors.ts'
import { parseExactJson } from '../../../platform/http/json-body.ts'
import type { TableView } from '../policy/table-view.ts'
import { invalidFields } from '../rows/row-input.ts'
import type { Cell, FileRecord, OpenFile } from './file-records.ts'

/** Names in a file, and the columns they stand for; null: left out. */
export type Mapping = Readonly<Record<string, string | null>>

/** Makes rows as a request would send them. */
export type RowReader = (record: Exclude<FileRecord, { problem: unknown }>) => Record<string, unknown>

/**
 * Throws unknown_field for what is no column the caller may write, whether it exists or not. What the database computes
 * and the caller sees is passed over, so that a file that was taken out goes in again.
 */
export function rowReader(
  view: TableView,
  reader: TableView | undefined,
  { header }: OpenFile,
  mapping: Mapping,
): { read: RowReader; columns: { source: string; column: string | null }[] } {
  const target = (source: string): string | null => {
    const name = Object.hasOwn(mapping, source) ? (mapping[source] ?? null) : source
    const column = name === null ? undefined : view.entry.table.columns.get(name)
    const isComputed = column?.generated || column?.type === 'other'
    return name !== null && isComputed && reader?.readable.has(name) ? null : name
  }
  if (!header) return { read: (record) => ('values' in record ? named(record.values, target, view) : {}), columns: [] }
  const columns = header.map((source) => ({ source, column: target(source) }))
  const taken = columns.map(({ column }) => column).filter((column) => column !== null)
  const problems = columns.flatMap(({ source, column }, index): FieldError[] => {
    const pointer = `/1/${source.slice(0, 300)}`
    if (column !== null && !view.mayWrite(column)) {
      return [{ pointer, code: 'unknown_field', message: `There is no such field: ${source.slice(0, 100)}` }]
    }
    const isTwice = column !== null && columns.findIndex((other) => other.column === column) < index
    return isTwice ? [{ pointer, code: 'invalid', message: 'Two columns of the file are for the same field' }] : []
  })
  if (problems.length > 0) throw invalidFields(problems)
  if (taken.length === 0) throw invalidFields([{ pointer: '/1', code: 'invalid', message: 'No column is taken in' }])
  const targets = columns.map(({ column }) => (column === null ? undefined : view.entry.table.columns.get(column)))
  const read: RowReader = (record) => {
    const row: Record<string, unknown> = {}
    if (!('cells' in record)) return row
    record.cells.forEach((cell, index) => {
      const column = targets[index]
      const value = column && fromCell(column, cell)
      if (column && value !== undefined) row[column.name] = value
    })
    return row
  }
  return { read, columns }
}

function named(values: Readonly<Record<string, unknown>>, target: (source: string) => string | null, view: TableView) {
  const row: Record<string, unknown> = {}
  for (const [source, value] of Object.entries(values)) {
    const name = target(source)
    if (name === null) continue
    Object.defineProperty(row, name, { value: exact(view.entry.table.columns.get(name), value), enumerable: true })
  }
  return row
}

/** Numbers with more digits than a double has go on as text, as a request would send them. */
function exact(column: Column | undefined, value: unknown): unknown {
  const isNumeric = column?.type === 'integer' || column?.type === 'decimal' || column?.type === 'number'
  return isNumeric && JSON.isRawJSON(value) ? value.rawJSON : value
}

const yes = new Set(['true', 't', '1', 'yes', 'y'])
const no = new Set(['false', 'f', '0', 'no', 'n'])

/** Undefined: the database puts in its default. */
export function fromCell(column: Column, { text, isQuoted }: Cell): unknown {
  const isText = column.type === 'text'
  if (text === '' && !(isQuoted && (isText || column.type === 'binary'))) {
    if (column.nullable) return null
    if (column.default !== null || column.autoIncrement) return undefined
    return isText ? '' : null
  }
  if (isText) return textOfCell(text)
  const value = textOfCell(text).trim()
  if (column.type === 'boolean') {
    const word = value.toLowerCase()
    return yes.has(word) ? true : no.has(word) ? false : value
  }
  if (column.type === 'json') return jsonOf(column, text)
  return column.type === 'datetime' ? withZone(value) : value
}

function jsonOf(column: Column, text: string): unknown {
  try {
    return parseExactJson(text)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw invalidFields([{ pointer: `/${column.name}`, code: 'wrong_type', message: 'Needs JSON' }])
  }
}

/** Files seldom say that their times are in UTC, nor that no seconds have passed. */
export function withZone(text: string): string {
  const [, minutes, seconds] = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?$/.exec(text) ?? []
  return minutes === undefined ? text : `${minutes}${seconds ?? ':00'}Z`
}
