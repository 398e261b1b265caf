import type { RawBuilder } from 'kysely'
import type { Column, ColumnType } from './catalogue.ts'

/** A value of a row as it is read where its JSON is made here: bare, because that costs the database least. */
export interface Cell {
  value: RawBuilder<unknown>
  /** The very JSON the database would have written; undefined where only the database can tell. */
  toJson(value: unknown): string | undefined
}

export type ReadCell = (column: Column, value: RawBuilder<unknown>) => Cell

export const plainText = (value: unknown): string | undefined =>
  typeof value === 'string' ? JSON.stringify(value) : value === null ? 'null' : undefined

/** What the database has written as JSON already. */
export const pieceOfJson = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : value === null ? 'null' : undefined

/** Types whose canonical text goes into a statement as it is, whatever it says. */
export const plainTypes: ReadonlySet<ColumnType> = new Set<ColumnType>([
  'integer',
  'decimal',
  'number',
  'text',
  'uuid',
  'date',
  'time',
  'datetime',
  'json',
  'binary',
])
