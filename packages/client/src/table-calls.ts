import type { Http } from './http/api.ts'
import type { RowSubscriptions } from './live/row-subscriptions.ts'
import type { AnyTable, LiveQuery, RowHandlers, TableClient, TableTypes } from './tables.ts'

interface Answer {
  data?: unknown
  response: Response
}
type Call = (path: string, init: object) => Promise<Answer>

function pathOf(key: TableTypes['key']): string {
  const parts = [key].flat().map((part) => encodeURIComponent(String(part)))
  // Ended by a comma it is a key, also where it is the name of a route, or dots.
  return /^[a-z._]*$/.test(parts.join()) ? `${parts.join()},` : parts.join()
}

/** What can be done with one table. Routes of tables are not in the generated types: each person has others. */
export function tableOf(openHttp: Http, subscriptions: RowSubscriptions, table: string): TableClient<AnyTable> {
  const http = openHttp as unknown as Record<string, Call>
  const base = `/api/v1/data/${encodeURIComponent(table)}`
  const call = (method: string, path: string, init: object = {}) => (http[method] as Call)(`${base}${path}`, init)
  const matching = (etag: string | null | undefined) =>
    typeof etag === 'string' ? { headers: { 'if-match': etag } } : {}
  const versioned = ({ data, response }: Answer) => ({ row: data as object, etag: response.headers.get('etag') })
  const methods = {
    list: async (query = {}) => (await call('POST', '/query', { body: query })).data,
    subscribe: (query: LiveQuery<object>, handlers: RowHandlers<object, unknown>) =>
      subscriptions.subscribe({ ...query, table }, handlers as never),
    get: async (key: TableTypes['key'], shape = {}) =>
      versioned(await call('GET', `/${pathOf(key)}`, { params: { query: shape } })),
    create: async (body: object) => versioned(await call('POST', '', { body })),
    createMany: async (body: readonly object[]) => ((await call('POST', '', { body })).data as { data: object[] }).data,
    update: async (key: TableTypes['key'], body: object, etag?: string | null) =>
      versioned(await call('PATCH', `/${pathOf(key)}`, { body, ...matching(etag) })),
    replace: async (key: TableTypes['key'], body: object, etag?: string | null) =>
      versioned(await call('PUT', `/${pathOf(key)}`, { body, ...matching(etag) })),
    delete: async (key: TableTypes['key'], etag?: string | null) => {
      await call('DELETE', `/${pathOf(key)}`, matching(etag))
    },
  }
  return methods as never
}
