import { client } from '../../../app/client.ts'
import type { DataSearch } from '../view-address.ts'

export type Mapping = Readonly<Record<string, string | null>>

export interface ImportReport {
  rows: number
  created: number
  failed: number
  errors: { row: number; field: string | null; message: string }[]
  stopped: string | null
  columns: { source: string; column: string | null }[]
}

interface ImportOptions {
  mapping: Mapping
  /** Rows that do not fit are left out, instead of all or none. */
  isPartial: boolean
  dryRun: boolean
}

type SendForm = (path: string, init: object) => Promise<{ data?: unknown }>

/** A form is sent as it is: not as JSON, which the types of the routes are about. */
export async function sendForm<Answer>(path: string, query: object, form: FormData): Promise<Answer> {
  const send = client.http.POST as unknown as SendForm
  return (await send(path, { params: { query }, body: form })).data as Answer
}

export function importRows(table: string, file: File, options: ImportOptions): Promise<ImportReport> {
  const { mapping, isPartial, dryRun } = options
  const form = new FormData()
  form.set('file', file)
  const query = {
    mode: isPartial ? 'batches' : 'all',
    ...(Object.keys(mapping).length > 0 ? { mapping: JSON.stringify(mapping) } : {}),
    ...(dryRun ? { dry_run: true } : {}),
  }
  return sendForm<ImportReport>(`/api/v1/data/${encodeURIComponent(table)}/import`, query, form)
}

/** The address of all rows that are looked at, as a file. */
export function exportAddress(table: string, format: 'csv' | 'json' | 'ndjson', search: DataSearch): string {
  const { filter, q, sort, columns } = search
  const query = new URLSearchParams({
    format,
    ...(filter ? { filter: JSON.stringify(filter) } : {}),
    ...(q ? { search: q } : {}),
    ...(sort ? { sort } : {}),
    ...(columns ? { fields: columns } : {}),
  })
  return `/api/v1/data/${encodeURIComponent(table)}/export?${query}`
}
