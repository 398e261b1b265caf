import type { Options, Parser } from 'csv-parse'

/** `raw`: digits a number cannot hold, and the like; nothing of it is quoted. */
type Cell = string | number | boolean | null | { raw: string }

/**
 * What a spreadsheet would run as a formula when it opens the file, in ordinary and in full width letters. Apostrophes
 * before it count as part of it, so that the one we add can be told from one that was there.
 */
const formula = /^'*(?:[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/

/** One line of CSV (RFC 4180). Text is quoted and never a formula; null is an empty cell. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(toCell).join(',')}\r\n`

function toCell(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'object') return cell.raw
  if (typeof cell !== 'string') return String(cell)
  const safe = formula.test(cell) ? `'${cell}` : cell
  return `"${safe.replaceAll('"', '""')}"`
}

/** The text of a cell that was written here: without the apostrophe that kept a spreadsheet from running it. */
export const textOfCell = (cell: string): string => (cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell)

/** Reads CSV as it comes, a list of cells for each row. Most servers never get any, so it is loaded by the first. */
export async function csvParser(options: Options): Promise<Parser> {
  const { parse } = await import('csv-parse')
  return parse(options)
}
