import type { ExportFormat as FileFormat } from './transfer.schema.ts'

const byType: Readonly<Record<string, FileFormat>> = {
  'text/csv': 'csv',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
}

export const typesOfFiles: readonly string[] = Object.keys(byType)

const byExtension: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
}

/** Its name says it better than its type, which some browsers take from the programs that are installed. */
export const formatOf = (type: string, name: string): FileFormat | undefined =>
  byExtension[/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ??
  byType[type.split(';', 1)[0]?.trim().toLowerCase() ?? '']
