import type { AtriumClient } from './contract.ts'

/** What `atrium client generate` writes of a table. */
export interface TableTypes {
  actions: string
  key: string | number | readonly (string | number)[]
  row: object
  create: object
  update: object
}

type Scalar = string | number | boolean | null
/** Tests of one column: a value, or operators with theirs. */
export type Test = Scalar | Record<string, Scalar | readonly Scalar[]>
export type Filter<Row> =
  | { [Name in keyof Row]?: Test }
  | { and: readonly Filter<Row>[] }
  | { or: readonly Filter<Row>[] }
  | { not: Filter<Row> }
  /** Along a relation: `author.name`. */
  | Record<`${string}.${string}`, Test>

export interface RowQuery<Row> {
  filter?: Filter<Row>
  search?: string
  sort?: string
  fields?: string
  expand?: string
  limit?: number
  cursor?: string
  page?: number
  count?: 'none' | 'exact' | 'estimated'
}

export interface RowPage<Row> {
  data: Row[]
  page: {
    limit: number
    next_cursor?: string | null
    prev_cursor?: string | null
    has_more?: boolean
    number?: number
    total?: number
    pages?: number
  }
}

/** A row with the ETag that says which state of it was read. */
export interface Versioned<Row> {
  row: Row
  etag: string | null
}

/** Of numbers: counts on from what is there. */
export type Operation = Partial<Record<'$inc' | '$dec' | '$mul' | '$min' | '$max', number | string>>
export type Change<Update> = { [Name in keyof Update]?: Update[Name] | Operation }

interface Methods<T extends TableTypes> {
  list: {
    list(query?: RowQuery<T['row']>): Promise<RowPage<T['row']>>
  }
  get: {
    get(key: T['key'], shape?: { fields?: string; expand?: string }): Promise<Versioned<T['row']>>
  }
  create: {
    /** Undefined columns where the caller may write and not read. */
    create(row: T['create']): Promise<Versioned<T['row']>>
    createMany(rows: readonly T['create'][]): Promise<T['row'][]>
  }
  update: {
    /** With the `etag` that was read, a change by somebody else in between is refused with `precondition_failed`. */
    update(key: T['key'], change: Change<T['update']>, etag?: string | null): Promise<Versioned<T['row']>>
    replace(key: T['key'], row: T['update'], etag?: string | null): Promise<Versioned<T['row']>>
  }
  delete: {
    delete(key: T['key'], etag?: string | null): Promise<void>
  }
}

type Merged<T> = (T extends unknown ? (value: T) => void : never) extends (value: infer All) => void ? All : never
/** The calls that the rules open; others are not there. */
export type TableClient<T extends TableTypes> = Merged<Methods<T>[T['actions'] & keyof Methods<T>]>
export type TableClients<Tables extends { [Name in keyof Tables]: TableTypes }> = {
  readonly [Name in keyof Tables]: TableClient<Tables[Name]>
}

interface Answer {
  data?: unknown
  response: Response
}
type Call = (path: string, init: object) => Promise<Answer>

/** The tables of `atrium client generate`, typed: `tablesOf<Tables>(client).films.list({ filter: { price: { gte: 2 } } })`. */
export function tablesOf<Tables extends { [Name in keyof Tables]: TableTypes }>(
  client: Pick<AtriumClient, 'http'>,
): TableClients<Tables> {
  const known = new Map<string, unknown>()
  const of = (table: string) => {
    if (!known.has(table)) known.set(table, clientOf(client.http as unknown as Record<string, Call>, table))
    return known.get(table)
  }
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' ? of(name) : undefined) }) as TableClients<Tables>
}

function pathOf(key: TableTypes['key']): string {
  const parts = [key].flat().map((part) => encodeURIComponent(String(part)))
  // Ended by a comma it is a key, also where it is the name of a route, or dots.
  return /^[a-z._]*$/.test(parts.join()) ? `${parts.join()},` : parts.join()
}

function clientOf(http: Record<string, Call>, table: string): Methods<TableTypes>[keyof Methods<TableTypes>] {
  const base = `/api/v1/data/${encodeURIComponent(table)}`
  const call = (method: string, path: string, init: object = {}) => (http[method] as Call)(`${base}${path}`, init)
  const matching = (etag: string | null | undefined) =>
    typeof etag === 'string' ? { headers: { 'if-match': etag } } : {}
  const versioned = ({ data, response }: Answer) => ({ row: data as object, etag: response.headers.get('etag') })
  const methods = {
    list: async (query = {}) => (await call('POST', '/query', { body: query })).data,
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
