import { csvLine } from '../../../platform/csv.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { Row } from '../rows/select.ts'
import type { ExportFormat } from './transfer.schema.ts'

interface Format {
  type: string
  /** Rows are asked of the database value by value, or as JSON. */
  byCells: boolean
  head(columns: readonly Column[]): string
  row(row: Row, columns: readonly Column[], isFirst: boolean): string
  tail: string
}

/** The database may keep JSON as it was written; between its parts a line break means nothing. */
const onOneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, ' ') : json)

export const exportFormats: Record<ExportFormat, Format> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    byCells: true,
    head: (columns) => csvLine(columns.map(({ name }) => name)),
    row: ({ cells }, columns) => csvLine(columns.map((column, index) => toCell(column, cells[index] ?? null))),
    tail: '',
  },
  json: {
    type: 'application/json; charset=utf-8',
    byCells: false,
    head: () => '[',
    row: ({ json }, _columns, isFirst) => `${isFirst ? '\n' : ',\n'}${json}`,
    tail: '\n]\n',
  },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    byCells: false,
    head: () => '',
    row: ({ json }) => `${onOneLine(json)}\n`,
    tail: '',
  },
}

const digits = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

/** Null is an empty cell, the empty text `""`. SQLite may hold any text in a column of numbers. */
function toCell({ type }: Column, text: string | null): Parameters<typeof csvLine>[0][number] {
  if (text === null) return null
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'number':
      return digits.test(text) ? { raw: text } : text
    case 'boolean':
      return text === 'true' || text === 'false' ? { raw: text } : text
    case 'binary':
      return /^([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex').toString('base64') : text
    default:
      return text
  }
}
