import { ApiError } from '@atrium/client'
import { client } from '../../app/client.ts'
import type { Revision, Row, RowPage } from './types.ts'

type Init = { headers?: Record<string, string>; body?: unknown; signal?: AbortSignal; params?: object }
type Send = (path: string, init?: Init) => Promise<{ data?: unknown; response: Response }>

/** The key of a row is encoded by its own rule, so the address is complete before it is handed on. */
const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE') => client.http[method] as unknown as Send
const exact = { prefer: 'numbers=string' }
const rowPath = (table: string, key: string) => `/api/v1/data/${encodeURIComponent(table)}/${key}`

/** A row as it was at one moment, and the mark of that moment. */
export interface HeldRow {
  row: Row
  etag: string
}

export interface RowQuery {
  filter?: Record<string, unknown> | undefined
  search?: string | undefined
  sort?: string | undefined
  fields?: string | undefined
  expand?: string | undefined
  limit: number
  cursor?: string | undefined
  page?: number | undefined
  count?: 'exact' | 'estimated' | undefined
}

export async function queryRows(table: string, query: RowQuery, signal?: AbortSignal): Promise<RowPage> {
  const body = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''))
  const path = `/api/v1/data/${encodeURIComponent(table)}/query`
  const answer = await send('POST')(path, { body, headers: exact, ...(signal ? { signal } : {}) })
  return answer.data as RowPage
}

export async function fetchRow(table: string, key: string): Promise<HeldRow> {
  const { data, response } = await send('GET')(rowPath(table, key), { headers: exact })
  return { row: data as Row, etag: response.headers.get('etag') ?? '' }
}

export async function patchRow(table: string, key: string, etag: string, changes: Row): Promise<HeldRow> {
  const headers = { ...exact, 'if-match': etag }
  const { data, response } = await send('PATCH')(rowPath(table, key), { headers, body: changes })
  return { row: data as Row, etag: response.headers.get('etag') ?? '' }
}

/** `attempt` names this one try, so that a repeat after a lost answer does not add the row twice. */
export async function createRow(table: string, row: Row, attempt: string): Promise<Row> {
  const headers = { ...exact, 'idempotency-key': `"${attempt}"` }
  const path = `/api/v1/data/${encodeURIComponent(table)}`
  return (await send('POST')(path, { headers, body: row })).data as Row
}

export async function deleteRow(table: string, key: string, etag: string): Promise<void> {
  await send('DELETE')(rowPath(table, key), { headers: { 'if-match': etag } })
}

/** Newest first. */
export async function fetchRevisions(table: string, key: string): Promise<Revision[]> {
  const { data } = await send('GET')(`${rowPath(table, key)}/revisions`, { headers: exact })
  return (data as { data: Revision[] }).data
}

/** Writes what a row was again, unless it is another one by now than the one that was looked at. */
export async function revertRow(table: string, key: string, etag: string, rev: string): Promise<Row> {
  const headers = { ...exact, 'if-match': etag }
  const path = `${rowPath(table, key)}/revisions/${encodeURIComponent(rev)}/revert`
  return (await send('POST')(path, { headers })).data as Row
}

/** The row is in its table again, as it was when it was deleted. */
export async function restoreRow(table: string, key: string): Promise<void> {
  await send('POST')(`${rowPath(table, key)}/restore`, { headers: exact })
}

export const isConflict = (error: unknown): boolean => error instanceof ApiError && error.code === 'precondition_failed'
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404
