import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { client } from '../../app/client.ts'
import { changeQueries } from '../../app/late-answers.ts'
import { queryRows, type RowQuery } from './data-api.ts'
import { keyPath } from './row-key.ts'
import type { Row, RowPage } from './types.ts'

export const tablesQuery = queryOptions({
  queryKey: ['data', 'tables'],
  queryFn: async () => (await client.api.GET('/api/v1/data')).data,
  staleTime: 60_000,
})

export const schemaQuery = (table: string) =>
  queryOptions({
    queryKey: ['data', 'schema', table],
    queryFn: () => client.api.GET('/api/v1/data/{table}/schema', { params: { path: { table } } }),
    staleTime: 60_000,
    retry: false,
  })

/** Which rows, in which order, with what of them. */
export type RowView = Pick<RowQuery, 'filter' | 'search' | 'sort' | 'fields'>

export const blockSize = 100
const rowsKey = (table: string) => ['data', 'rows', table] as const
const blockKey = (table: string, view: RowView, index: number) => [...rowsKey(table), view, index] as const

/** Rows `index * 100` and those after: from where the block before ended, or counted when one has jumped there. */
export const blockQuery = (table: string, view: RowView, index: number) =>
  queryOptions({
    queryKey: blockKey(table, view, index),
    queryFn: ({ signal, client: cache }): Promise<RowPage> => {
      const before = index > 0 ? cache.getQueryState<RowPage>(blockKey(table, view, index - 1)) : undefined
      const cursor = before?.isInvalidated ? undefined : before?.data?.page.next_cursor
      const place = index === 0 ? {} : cursor ? { cursor } : { page: index + 1 }
      return queryRows(table, { ...view, limit: blockSize, ...place }, signal)
    },
    gcTime: 2 * 60_000,
  })

export const totalQuery = (table: string, { filter, search }: RowView, key: string | undefined) =>
  queryOptions({
    queryKey: [...rowsKey(table), 'total', { filter, search }],
    queryFn: async ({ signal }) =>
      (await queryRows(table, { filter, search, limit: 1, count: 'exact', fields: key }, signal)).page.total,
    retry: false,
  })

/** A row is another one now: wherever it is shown it changes in its place. */
export function showRow(cache: QueryClient, table: string, key: readonly string[], row: Row): void {
  const path = keyPath(key, row)
  changeQueries<RowPage | number>(cache, { queryKey: rowsKey(table) }, (page) => {
    if (typeof page !== 'object' || !('data' in page) || !page.data.some((shown) => keyPath(key, shown) === path))
      return page
    return { ...page, data: page.data.map((shown) => (keyPath(key, shown) === path ? { ...shown, ...row } : shown)) }
  })
}

/** Rows have come or gone: what is in sight is asked for anew. */
export const renewRows = (cache: QueryClient, table: string): Promise<void> =>
  cache.invalidateQueries({ queryKey: rowsKey(table) })
