import type { ApiError } from './errors.ts'

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

/** Of the columns of the table itself: what happens in other tables is not told here. */
export type LiveFilter<Row> =
  | { [Name in keyof Row]?: Test }
  | { and: readonly LiveFilter<Row>[] }
  | { or: readonly LiveFilter<Row>[] }
  | { not: LiveFilter<Row> }

export interface LiveQuery<Row, Name extends keyof Row = keyof Row> {
  filter?: LiveFilter<Row>
  /** All that are seen when left out. */
  fields?: readonly Name[]
  /** Numbers that a double may round come as texts with all their digits. */
  numbers?: 'string'
}

type KeyText<Key> = Key extends readonly unknown[] ? { readonly [At in keyof Key]: string } : string

export interface RowChange<Row, Key> {
  /** As text; one for each column of a key of several. */
  key: KeyText<Key>
  /** The same, as it stands in the address of the row. */
  path: string
  /** Of an update: the columns that have another value. */
  changed: readonly (keyof Row & string)[]
}

/** What is told of the rows, one after the other: the next waits for the promise that the one before returned. */
export interface RowHandlers<Row, Key> {
  /**
   * Called when changes begin to be told, and whenever what is held is worth nothing any more: load the rows anew.
   * What changes from then on waits until it is done. Where it fails it is called again.
   */
  load?(): void | Promise<void>
  /** A new row, or one that came into view. It may be here already: repeats do no harm. */
  insert?(row: Row, change: RowChange<Row, Key>): void | Promise<void>
  update?(row: Row, change: RowChange<Row, Key>): void | Promise<void>
  /** It was deleted, left the filter, or is not shown to this person any more. */
  delete?(change: RowChange<Row, Key>): void | Promise<void>
  /** Nothing more will come: `revoked`, or the code of the refusal (`not_found`, `bad_filter`, `state_conflict` …). */
  ended?(reason: string, error?: ApiError): void | Promise<void>
}

interface Methods<T extends TableTypes> {
  list: {
    list(query?: RowQuery<T['row']>): Promise<RowPage<T['row']>>
    /** Tells the changes until the answer is called, while `client.live` is connected; catches up after every break. */
    subscribe<Name extends keyof T['row'] = keyof T['row']>(
      query: LiveQuery<T['row'], Name>,
      handlers: RowHandlers<Pick<T['row'], Name>, T['key']>,
    ): () => void
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

/** A table without generated types. */
export interface AnyTable extends TableTypes {
  actions: 'list' | 'get' | 'create' | 'update' | 'delete'
  row: Record<string, unknown>
  create: Record<string, unknown>
  update: Record<string, unknown>
}

/** The tables of `atrium client generate`, typed: `tablesOf<Tables>(client).films.list({ filter: { price: { gte: 2 } } })`. */
export function tablesOf<Tables extends { [Name in keyof Tables]: TableTypes }>(client: {
  data(table: string): unknown
}): TableClients<Tables> {
  const known = new Map<string, unknown>()
  const of = (table: string) => {
    if (!known.has(table)) known.set(table, client.data(table))
    return known.get(table)
  }
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' ? of(name) : undefined) }) as TableClients<Tables>
}
