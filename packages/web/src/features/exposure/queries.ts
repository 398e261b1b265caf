import type { AdminTable, NewTable, TableRuleTest, TableRuleTestResult, TableSettings } from '@atrium/client'
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { queryRows } from '../tables/data-api.ts'
import { sendForm } from '../tables/transfer/transfer.ts'
import type { ColumnType, NewColumn } from './column-types.ts'

export const allTablesQuery = queryOptions({
  queryKey: ['admin', 'tables'],
  queryFn: async () => (await client.api.GET('/api/v1/admin/data/tables')).data,
  staleTime: 30_000,
})

export const tableQuery = (table: string) =>
  queryOptions({
    queryKey: ['admin', 'tables', table],
    queryFn: () => client.api.GET('/api/v1/admin/data/tables/{table}', { params: { path: { table } } }),
    // What is edited here must not be replaced under the hands of who edits it.
    refetchOnMount: 'always',
    retry: false,
  })

/** With the version it was made on: what somebody else has set meanwhile is not overwritten. */
export const saveSettings = ({ name, version }: AdminTable, body: TableSettings) =>
  client.api.PUT('/api/v1/admin/data/tables/{table}', {
    params: { path: { table: name } },
    headers: { 'if-match': `"v${version}"` },
    body,
  })

export const createTable = (body: NewTable) => client.api.POST('/api/v1/admin/data/tables', { body })

export const addColumn = (table: string, body: NewColumn) =>
  client.api.POST('/api/v1/admin/data/tables/{table}/columns', { params: { path: { table } }, body })

export interface ColumnPatch {
  name?: string
  nullable?: boolean
  /** null: none. */
  default?: unknown
  type?: ColumnType
  length?: number
  precision?: number
  scale?: number
  /** What becomes of values that do not fit the type. */
  unfit?: 'null'
}

export const changeColumn = (table: string, column: string, body: ColumnPatch) =>
  client.api.PATCH('/api/v1/admin/data/tables/{table}/columns/{column}', { params: { path: { table, column } }, body })

/** Says what would not fit; nothing is changed. */
export const tryColumn = (table: string, column: string, body: ColumnPatch) =>
  client.api.PATCH('/api/v1/admin/data/tables/{table}/columns/{column}', {
    params: { path: { table, column }, query: { dry_run: true } },
    body,
  })

export const dropColumn = (table: string, column: string) =>
  client.api.DELETE('/api/v1/admin/data/tables/{table}/columns/{column}', { params: { path: { table, column } } })

/** In how many rows, of how many, a column says something. */
export const filledQuery = ({ name, exposed, key }: AdminTable, column: string) =>
  queryOptions({
    queryKey: ['admin', 'tables', name, 'filled', column],
    queryFn: async ({ signal }) => {
      const count = { limit: 1, count: 'exact' as const, fields: key[0] }
      const [filled, all] = await Promise.all([
        queryRows(name, { ...count, filter: { [column]: { null: false } } }, signal),
        queryRows(name, count, signal),
      ])
      return { filled: filled.page.total ?? 0, all: all.page.total ?? 0 }
    },
    // What is not exposed is not counted either.
    enabled: exposed,
    gcTime: 0,
    retry: false,
  })

export const refreshTables = () => client.api.POST('/api/v1/admin/data/refresh')

export async function runRuleTests(
  table: string,
  settings: TableSettings,
  tests: TableRuleTest[],
): Promise<TableRuleTestResult[]> {
  return (await client.api.POST('/api/v1/admin/data/rules/test', { body: { table, settings, tests } })).data
}

/** Everything that is known of tables may be another now. */
export const renewTables = (cache: QueryClient): Promise<unknown> =>
  Promise.all([
    cache.invalidateQueries({ queryKey: ['admin', 'tables'] }),
    cache.invalidateQueries({ queryKey: ['data'] }),
  ])

/** What is to be otherwise than it was guessed, by name in the file; null leaves a column out. */
export type FileColumns = Readonly<Record<string, { name?: string; type?: string } | null>>

export interface TablePreview {
  rows: number
  failed: number
  errors: { row: number; message: string }[]
  columns: { source: string; name: string; type: string; samples: string[] }[]
}

interface FileTable {
  file: File
  name: string
  columns: FileColumns
}

function sendFile<Answer>({ file, name, columns }: FileTable, dryRun: boolean): Promise<Answer> {
  const form = new FormData()
  // In this order: what comes after the file is not read before it.
  form.set('name', name.trim())
  form.set('file', file)
  const query = {
    ...(Object.keys(columns).length > 0 ? { columns: JSON.stringify(columns) } : {}),
    ...(dryRun ? { dry_run: true } : {}),
  }
  return sendForm<Answer>('/api/v1/admin/data/tables', query, form)
}

export const previewFile = (asked: FileTable): Promise<TablePreview> => sendFile<TablePreview>(asked, true)
export const makeFromFile = (asked: FileTable): Promise<AdminTable> => sendFile<AdminTable>(asked, false)
