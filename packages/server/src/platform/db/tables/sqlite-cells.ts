import type { Column } from './catalogue.ts'
import { type Cell, pieceOfJson, plainText } from './cells.ts'
import type { Sql, TablesDialect } from './tables-dialect.ts'

/** A column of SQLite may hold any type: what is not as declared is left to the database. */
export function sqliteCell(column: Column, value: Sql, { json, text }: Pick<TablesDialect, 'json' | 'text'>): Cell {
  switch (column.type) {
    case 'text':
    case 'uuid':
      return { value, toJson: plainText }
    case 'integer':
      // Such a column keeps 1.0 as 1, so that a whole number is an integer there and not a double.
      if (column.generated || !/int/i.test(column.nativeType)) break
      return { value, toJson: integer }
    case 'boolean':
      return { value, toJson: boolean }
    case 'decimal':
      if (column.scale === undefined || column.generated) break
      return { value, toJson: decimal(column.scale) }
    case 'date':
    case 'time':
    case 'datetime':
      return { value: column.canonicalTime ? value : text(column, value), toJson: plainText }
  }
  return { value: json(column, value, false), toJson: pieceOfJson }
}

/** The driver rounds larger ones. */
function integer(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  return value === null ? 'null' : undefined
}

function boolean(value: unknown): string | undefined {
  if (value === 1) return 'true'
  if (value === 0) return 'false'
  return value === null ? 'null' : undefined
}

const mostDigits = 1e14

/** With its digits behind the point; of a double that has more of them only SQLite says how it rounds. */
function decimal(scale: number) {
  const factor = 10 ** scale
  return (value: unknown): string | undefined => {
    if (value === null) return 'null'
    if (typeof value !== 'number') return undefined
    const digits = Math.round(value * factor)
    const isExact = Math.abs(digits) < mostDigits && digits / factor === value && !Object.is(value, -0)
    return isExact ? value.toFixed(scale) : undefined
  }
}
