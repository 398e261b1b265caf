import type { NewTable } from '@atrium/client'

export type ColumnType = NewTable['columns'][number]['type']

export const columnTypes: readonly ColumnType[] = [
  'text',
  'integer',
  'decimal',
  'number',
  'boolean',
  'date',
  'time',
  'datetime',
  'uuid',
  'json',
  'binary',
]
