import type { NewTable } from '@atrium/client'

export type NewColumn = NewTable['columns'][number]
export type ColumnType = NewColumn['type']

export interface ColumnDraft {
  name: string
  type: ColumnType
  isNeeded: boolean
  isUnique: boolean
  /** The table it points to. */
  references: string
}

export const columnName = { pattern: '[A-Za-z][A-Za-z0-9_]{0,62}', maxLength: 63, required: true, autoComplete: 'off' }

/** A row of another table stands beside the types, as one chooses them. */
export const chosenType = ({ type, references }: ColumnDraft): string => (references ? `>${references}` : type)

export const withType = (value: string): Pick<ColumnDraft, 'type' | 'references'> =>
  value.startsWith('>')
    ? { references: value.slice(1), type: 'integer' }
    : { references: '', type: value as ColumnType }

export const toNewColumn = ({ name, type, isNeeded, isUnique, references }: ColumnDraft): NewColumn => ({
  name: name.trim(),
  type,
  nullable: !isNeeded,
  ...(isUnique ? { unique: true } : {}),
  ...(type === 'decimal' ? { precision: 18, scale: 4 } : {}),
  // A text that is unique needs a bound on some engines.
  ...(type === 'text' && isUnique ? { length: 200 } : {}),
  ...(references ? { references: { table: references } } : {}),
})

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
