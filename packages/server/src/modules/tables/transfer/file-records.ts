import { pipeline } from 'node:stream/promises'
import { csvParser } from '../../../platform/csv.ts'
import { AppError, type FieldError, platformErrors } from '../../../platform/errors.ts'
import { parseExactJson } from '../../../platform/http/json-body.ts'
import type { ByteSource } from '../../../platform/storage/storage.ts'
import { isObject } from '../query/filter-parser.ts'
import { elementsOf, linesOf, maxRecordLength, textOf, unreadable } from './file-text.ts'
import type { ExportFormat as FileFormat } from './transfer.schema.ts'

/** A cell of CSV: an empty one is null, an empty text is quoted. */
export interface Cell {
  text: string
  isQuoted: boolean
}

/** A row of a file. They count from 1; in CSV the header is the first. */
export type FileRecord =
  | { row: number; cells: readonly Cell[] }
  | { row: number; values: Readonly<Record<string, unknown>> }
  | { row: number; problem: Omit<FieldError, 'pointer'> }

export interface OpenFile {
  /** Of a CSV file; undefined where each row names its own. */
  header: readonly string[] | undefined
  records: AsyncIterable<FileRecord>
}

const maxColumns = 500

/** Reads as much as tells what it is. Throws malformed_json, validation_failed, payload_too_large. */
export async function openFile(format: FileFormat, source: ByteSource, maxBytes: number): Promise<OpenFile> {
  const texts = textOf(source, maxBytes)
  if (format === 'csv') return openCsv(texts)
  const { head, all } = await beginning(texts, (text) => text.trim() !== '')
  if (head.startsWith('\ufeff')) throw platformErrors.malformed_json()
  if (format === 'json' && !head.trimStart().startsWith('[')) {
    throw platformErrors.malformed_json({ detail: 'The file is no JSON array of rows' })
  }
  return { header: undefined, records: format === 'json' ? fromArray(all) : fromLines(all) }
}

async function* fromArray(texts: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  let row = 0
  for await (const text of elementsOf(texts)) yield parsed(++row, text, true)
}

async function* fromLines(texts: AsyncIterable<string>): AsyncGenerator<FileRecord> {
  let row = 0
  for await (const line of linesOf(texts)) {
    row++
    if (line.trim() !== '') yield parsed(row, line, false)
  }
}

function parsed(row: number, text: string, isWhole: boolean): FileRecord {
  try {
    const values = parseExactJson(text)
    if (isObject(values) && !JSON.isRawJSON(values)) return { row, values }
    return { row, problem: { code: 'wrong_type', message: 'A row is an object of columns' } }
  } catch (error) {
    // Where one element is no JSON, nobody knows where the next begins; a line ends in any case.
    if (!(error instanceof AppError) || (isWhole && error.code === 'malformed_json')) throw error
    return { row, problem: { code: error.code, message: error.message } }
  }
}

async function openCsv(texts: AsyncGenerator<string>): Promise<OpenFile> {
  const { head, all } = await beginning(texts, (text) => text.includes('\n'))
  const [first = ''] = head.split(/\r?\n/, 1)
  // Spreadsheets of half the world write semicolons.
  const delimiter = [';', '\t'].find((sign) => first.split(sign).length > first.split(',').length) ?? ','
  const parser = await csvParser({
    delimiter,
    bom: true,
    relax_column_count: true,
    // Of one column, an empty line is a row whose value is null.
    skip_empty_lines: first.includes(delimiter),
    max_record_size: maxRecordLength,
    cast: (text, { quoting }): Cell => ({ text, isQuoted: quoting }),
  })
  // Its errors reach whoever reads the parser.
  pipeline(all, parser).catch(() => {})
  const rows = (parser as AsyncIterable<Cell[]>)[Symbol.asyncIterator]()
  const header = (await rows.next().catch(notCsv(0))).value as Cell[] | undefined
  if (!header || header.length > maxColumns)
    throw unreadable(`A file has 1 to ${maxColumns} columns, named in its first row`)
  return { header: header.map(({ text }) => text.trim()), records: csvRows(rows, header.length) }
}

const notCsv = (row: number) => (error: unknown) => {
  throw error instanceof AppError || !isOfCsv(error) ? error : unreadable(`After row ${row} this is no CSV`, error)
}

const isOfCsv = (error: unknown): boolean => String((error as { code?: unknown }).code).startsWith('CSV_')

async function* csvRows(rows: AsyncIterator<Cell[]>, width: number): AsyncGenerator<FileRecord> {
  try {
    for (let row = 2; ; row++) {
      const { value: cells, done } = await rows.next().catch(notCsv(row - 1))
      if (done) return
      if (cells.length !== width) {
        yield { row, problem: { code: 'invalid', message: `The row has ${cells.length} columns, the header ${width}` } }
      } else if (cells.some(({ text }: Cell) => text.includes('\0'))) {
        yield { row, problem: { code: 'invalid_text', message: 'Text must not contain U+0000' } }
      } else yield { row, cells }
    }
  } finally {
    await rows.return?.()
  }
}

const headLength = 64 * 1024

/** The first texts, as many as it takes, and all of them. */
async function beginning(texts: AsyncGenerator<string>, isEnough: (head: string) => boolean) {
  let head = ''
  while (!isEnough(head) && head.length < headLength) {
    const { value, done } = await texts.next()
    if (done) break
    head += value
  }
  async function* all() {
    if (head !== '') yield head
    yield* texts
  }
  return { head, all: all() }
}
