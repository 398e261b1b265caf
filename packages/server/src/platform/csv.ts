import { type Options, type Parser, parse } from 'csv-parse'

type Cell = string | number | boolean | null

/** What a spreadsheet would run as a formula when it opens the file, in ordinary and in full width letters. */
const formula = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/** One line of CSV (RFC 4180). Text is quoted and never a formula; null is an empty cell. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(toCell).join(',')}\r\n`

function toCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return String(cell)
  const safe = formula.test(cell) ? `'${cell}` : cell
  return `"${safe.replaceAll('"', '""')}"`
}

/** Reads CSV as it comes, a list of cells for each row. */
export const csvParser = (options: Options): Parser => parse(options)
