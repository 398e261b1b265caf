import { textOfCell } from '../../../platform/csv.ts'
import { parseJson } from '../../../platform/http/json-body.ts'
import { validator } from '../../../platform/http/validation.ts'
import type { NewTable, NewTableColumn } from '../tables.schema.ts'
import { columnNames } from './column-names.ts'
import type { FileRecord, OpenFile } from './file-records.ts'
import { unreadable } from './file-text.ts'
import { ImportReport } from './import-report.ts'
import { FileColumns, type TablePreview } from './transfer.schema.ts'
import { TypeGuess } from './type-guess.ts'

export interface FileShape {
  table: NewTable
  /** The column of each name in the file; those that are left out are not in it. */
  targets: ReadonlyMap<string, NewTableColumn>
  preview: TablePreview
  /** The key is counted by the database from then on. */
  isCounted: boolean
  report: ImportReport
}

const maxColumns = 200

/** Reads the whole file and finds the columns a table for it needs. Throws validation_failed for a file that is none. */
export async function shapeOf(
  file: OpenFile,
  { name, asked, key }: { name: string; asked: FileColumns; key: readonly string[] | undefined },
): Promise<FileShape> {
  const guesses = new Map<string, TypeGuess>()
  const guessOf = (source: string) => {
    const known = guesses.get(source) ?? new TypeGuess()
    if (!guesses.has(source) && guesses.size >= maxColumns) throw unreadable(`A table may have ${maxColumns} columns`)
    guesses.set(source, known)
    return known
  }
  for (const source of file.header ?? []) guessOf(source)
  if (file.header && guesses.size < file.header.length) throw unreadable('The header has a column twice')
  const report = new ImportReport(true, [])
  for await (const record of file.records) {
    report.rows++
    if ('problem' in record) report.add([{ row: record.row, field: null, ...record.problem }])
    else eachValue(file, record, (source, value, from) => guessOf(source).see(value, from))
  }
  const unknown = Object.keys(asked).find((source) => !guesses.has(source))
  if (unknown !== undefined) throw unreadable(`The file has no column ${JSON.stringify(unknown.slice(0, 100))}`)
  const kept = [...guesses].filter(([source]) => asked[source] !== null)
  if (kept.length === 0) throw unreadable('The file has no columns')
  const names = columnNames(kept.map(([source]) => asked[source]?.name ?? source))
  const keys = key ?? names.filter((item) => item.toLowerCase() === 'id')
  const columns = kept.map(([source, guess], index): [string, NewTableColumn, TypeGuess] => {
    const own = { name: names[index] ?? '', ...guess.type }
    const type = asked[source]?.type
    const chosen = type === undefined || type === own.type ? own : { name: own.name, type }
    const isLookedUp = chosen.type === 'text' && keys.includes(chosen.name)
    return [source, isLookedUp ? { ...chosen, length: Math.min(500, Math.max(100, guess.longest)) } : chosen, guess]
  })
  const [first] = columns.filter(([, column]) => keys.includes(column.name))
  const isCounted = keys.length === 1 && first?.[1].type === 'integer' && first[2].isCountable
  const table: NewTable = {
    name,
    columns: columns.map(([, column]) => column),
    ...(keys.length > 0 ? { key: [...keys] } : {}),
  }
  return {
    table,
    targets: new Map(columns.map(([source, column]) => [source, column])),
    preview: {
      name,
      key: keys.length > 0 ? [...keys] : ['id'],
      rows: report.rows,
      columns: columns.map(([source, column, guess]) => ({ source, ...column, samples: [...guess.samples] })),
      ...{ failed: report.failed, errors: report.toImport().errors },
    },
    isCounted,
    report,
  }
}

/** Null for an empty cell; `""` is the empty text. */
export function eachValue(
  { header }: OpenFile,
  record: Exclude<FileRecord, { problem: unknown }>,
  see: (source: string, value: unknown, from: 'csv' | 'json') => void,
): void {
  if ('values' in record) {
    for (const [source, value] of Object.entries(record.values)) see(source, value, 'json')
    return
  }
  record.cells.forEach(({ text, isQuoted }, index) => {
    see(header?.[index] ?? '', text === '' && !isQuoted ? null : textOfCell(text), 'csv')
  })
}

const readColumns = validator<FileColumns>(FileColumns)

export function parseFileColumns(text: string | undefined): FileColumns {
  return text === undefined ? {} : readColumns(parseJson(Buffer.from(text)))
}
