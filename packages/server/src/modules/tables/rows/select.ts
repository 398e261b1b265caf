import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { jsonObject, type Sql } from '../../../platform/db/tables/tables-dialect.ts'
import type { TableView } from '../policy/table-view.ts'
import { compile } from '../query/compile.ts'
import type { Compiling, Condition, Field } from '../query/condition.ts'
import { takeBounds, tightest } from '../query/one-bound.ts'
import type { SortTerm } from '../query/selection.ts'

/** A row as the database has written it: JSON of the fields asked for, and single values in their canonical text. */
export interface Row {
  json: string
  cells: readonly (string | null)[]
}

export interface RowQuery {
  view: TableView
  alias: string
  fields: readonly Field[]
  /** Further values, for cursors and relations. */
  cells: readonly Field[]
  where: readonly (Sql | undefined)[]
  order?: Sql | undefined
  limit?: number | undefined
  offset?: number | undefined
  exactAsText: boolean
  forUpdate?: boolean
}

/** By the first column, whose object is of one reading of one table: texts for what is asked again and again. */
const texts = new WeakMap<Column, Map<string, Sql>>()
const keptTexts = 100

/** The JSON of a row. Where it depends on no rule, the statement's largest part is made once and kept as text. */
export function rowJson(fields: readonly Field[], alias: string, context: Compiling, exactAsText: boolean): Sql {
  const [first] = fields
  if (!first || fields.some(({ isPlain }) => !isPlain)) return makeRowJson(fields, alias, context, exactAsText)
  const known = texts.get(first.column) ?? new Map<string, Sql>()
  texts.set(first.column, known)
  const shape = JSON.stringify([alias, exactAsText, ...fields.map(({ column }) => column.name)])
  const kept = known.get(shape)
  if (kept) return kept
  const made = makeRowJson(fields, alias, context, exactAsText)
  const text = context.textOf(made)
  if (text === undefined || known.size >= keptTexts) return made
  const raw = sql.raw(text)
  known.set(shape, raw)
  return raw
}

const makeRowJson = (fields: readonly Field[], alias: string, { dialect }: Compiling, exactAsText: boolean): Sql =>
  jsonObject(fields.map(({ column, ref }) => [column.name, dialect.json(column, ref(alias), exactAsText)] as const))

export const whereOf = (conditions: readonly (Sql | undefined)[]): Sql => {
  const parts = conditions.filter((part) => part !== undefined)
  return parts.length === 0 ? sql`` : sql` where ${sql.join(parts, sql` and `)}`
}

export const cellName = (index: number): string => `c${index}`

export async function selectRows(db: Db, query: RowQuery, context: Compiling): Promise<Row[]> {
  const { alias, fields, cells } = query
  const columns = [
    sql`${rowJson(fields, alias, context, query.exactAsText)} as ${sql.id('json')}`,
    ...textCells(cells, alias, context),
  ]
  const { rows } = await rowsText(query, columns, context).execute(db)
  return rows.map((row) => toRow(row, cells.length))
}

/** Single values in their canonical text, `c0` and so on. */
export const textCells = (fields: readonly Field[], alias: string, { dialect }: Compiling): Sql[] =>
  fields.map(({ column, ref }, index) => sql`${dialect.text(column, ref(alias))} as ${sql.id(cellName(index))}`)

type Asked = Pick<RowQuery, 'view' | 'alias' | 'where' | 'order' | 'limit' | 'offset' | 'forUpdate'>

export function rowsText(
  { view, alias, where, order, limit, offset = 0, forUpdate }: Asked,
  columns: readonly Sql[],
  { dialect }: Compiling,
): RawBuilder<Record<string, string | null>> {
  const bounds = limit === undefined ? sql`` : sql` limit ${dialect.limit(limit)} offset ${offset}`
  return sql`select ${sql.join(columns)} from ${sql.id(view.table)} as ${sql.id(alias)}${whereOf(where)}${
    order ? sql` order by ${order}` : sql``
  }${bounds}${forUpdate ? dialect.forUpdate : sql``}`
}

export const toRow = (row: Record<string, string | null>, cells: number): Row => ({
  json: row.json ?? '{}',
  cells: Array.from({ length: cells }, (_, index) => row[cellName(index)] ?? null),
})

export function orderOf(sort: readonly SortTerm[], alias: string, { dialect }: Compiling, backwards = false): Sql {
  const terms = sort.map(({ field, descending }) =>
    dialect.order(dialect.comparable(field.column, field.ref(alias)), {
      descending: descending !== backwards,
      nullable: field.column.nullable,
      nullsFirst: backwards,
    }),
  )
  return sql.join(terms)
}

/**
 * Rows behind the place, or before it where the list is read backwards. For columns without nulls it is written
 * `a >= x and (a > x or …)`, from which every engine makes a range of an index.
 */
function beyond(
  sort: readonly SortTerm[],
  place: readonly (string | null)[],
  alias: string,
  context: Compiling,
  backwards: boolean,
  bounds: readonly string[] = [],
): Sql {
  const [term, ...rest] = sort
  const [at = null, ...places] = place
  if (!term) return sql`1 = 0`
  const { column, ref } = term.field
  const raw = ref(alias)
  const value = context.dialect.comparable(column, raw)
  const next = rest.length > 0 ? beyond(rest, places, alias, context, backwards) : undefined
  const same = (test: Sql) => (next ? sql`(${test} and ${next})` : undefined)
  const or = (...parts: (Sql | undefined)[]) =>
    sql`(${sql.join(
      parts.filter((part) => part !== undefined),
      sql` or `,
    )})`
  if (at === null) {
    const isNull = sql`${raw} is null`
    if (backwards) return or(sql`${raw} is not null`, same(isNull))
    return same(isNull) ?? sql`1 = 0`
  }
  const boundOf = (text: string) => (column.type === 'text' ? sql`${text}` : context.dialect.value(column, text))
  const bound = boundOf(at)
  const sign = sql.raw(term.descending !== backwards ? '<' : '>')
  if (!column.nullable) {
    const most =
      bounds.length > 0 ? tightest([at, ...bounds].map(boundOf), sideOf(term, backwards), context) : undefined
    if (most) {
      const behind = sql`${context.dialect.oneBound?.aside(value) ?? value} ${sign} ${bound}`
      return sql`(${value} ${sign}= ${most} and ${next ? sql`(${behind} or ${next})` : behind})`
    }
    return next
      ? sql`(${value} ${sign}= ${bound} and (${value} ${sign} ${bound} or ${next}))`
      : sql`${value} ${sign} ${bound}`
  }
  const nulls = backwards ? undefined : sql`${raw} is null`
  return or(sql`${value} ${sign} ${bound}`, nulls, same(sql`${value} = ${bound}`))
}

const sideOf = (term: SortTerm, backwards: boolean) => (term.descending !== backwards ? 'high' : 'low')

/** Rows of a condition, behind a place in their order where one is given, or before it. */
export function from(
  condition: Condition,
  sort: readonly SortTerm[],
  place: readonly (string | null)[] | undefined,
  { alias, context, backwards = false }: { alias: string; context: Compiling; backwards?: boolean },
): Sql[] {
  const [first] = sort
  if (!place || !first) return [compile(condition, alias, context), ...(place ? [sql`1 = 0`] : [])]
  const isBounded = !first.field.column.nullable && place[0] !== null
  const taken = isBounded
    ? takeBounds(condition, first.field, sideOf(first, backwards), context)
    : { condition, bounds: [] }
  return [compile(taken.condition, alias, context), beyond(sort, place, alias, context, backwards, taken.bounds)]
}

/** Rows whose values are one of these, value by value in the order of the fields. */
export function matching(
  fields: readonly Field[],
  tuples: readonly (readonly string[])[],
  alias: string,
  { dialect }: Compiling,
): Sql {
  const [first] = fields
  if (!first || tuples.length === 0) return sql`1 = 0`
  const values = fields.map(({ column, ref }) => ({
    column,
    raw: ref(alias),
    value: dialect.comparable(column, ref(alias)),
  }))
  const bound = (index: number, text: string) => {
    const column = fields[index]?.column ?? first.column
    return column.type === 'text' ? sql`${text}` : dialect.value(column, text)
  }
  const equals = (index: number, text: string) => {
    const item = values[index]
    if (!item) return sql`1 = 0`
    const rough = dialect.indexable(item.column, item.raw, text)
    const exact = sql`${item.value} = ${bound(index, text)}`
    return rough ? sql`${rough} and ${exact}` : exact
  }
  if (fields.length === 1 && tuples.length > 1) {
    return sql`${values[0]?.value} in (${sql.join(tuples.map(([text = '']) => bound(0, text)))})`
  }
  const any = tuples.map(
    (tuple) =>
      sql`(${sql.join(
        tuple.map((text, index) => equals(index, text)),
        sql` and `,
      )})`,
  )
  return anyOfMany(any)
}

/** By halves: an engine takes only so many conditions in a row, and any number of them side by side. */
export function anyOfMany(conditions: readonly Sql[]): Sql {
  if (conditions.length <= 20) return sql`(${sql.join(conditions, sql` or `)})`
  const middle = Math.ceil(conditions.length / 2)
  return sql`(${anyOfMany(conditions.slice(0, middle))} or ${anyOfMany(conditions.slice(middle))})`
}
