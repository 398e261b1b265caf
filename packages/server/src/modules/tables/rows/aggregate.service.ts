import { sql } from 'kysely'
import type { Actor } from '../../../platform/actor.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { jsonObject, type Sql, type TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'
import { accessOf, type CallerAccessDependencies } from '../caller-access.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableView } from '../policy/table-view.ts'
import { badFilter } from '../query/bad-filter.ts'
import { compile } from '../query/compile.ts'
import type { Condition, Field } from '../query/condition.ts'
import { parseShort } from '../query/filter-parser.ts'
import { type ListQuery, parseCondition } from '../query/list-request.ts'
import type { ReadingService } from './reading.service.ts'
import { whereOf } from './select.ts'

export interface AggregateQuery extends Pick<ListQuery, 'filter' | 'short' | 'search'> {
  group_by?: string | undefined
  metrics?: string | undefined
  /** `having[sum_price][gte]=10`. */
  having?: readonly (readonly [path: string, operator: string, value: string])[] | undefined
  limit?: number | undefined
}

interface Metric {
  name: string
  column: Column
  make(dialect: TablesDialect, alias: string): Sql
}

const limits = { groups: 5, metrics: 10, text: 1000 }
const numeric = new Set(['integer', 'decimal', 'number'])
const ordered = new Set([...numeric, 'text', 'date', 'time', 'datetime'])

const numberColumn = (name: string, type: 'integer' | 'decimal' | 'number', scale?: number): Column => ({
  name,
  type,
  nativeType: '',
  nullable: true,
  default: null,
  autoIncrement: false,
  generated: false,
  byBytes: true,
  canonicalTime: true,
  ...(scale === undefined ? {} : { scale }),
})

/** Counts, sums and the like over the rows and columns the caller sees. */
export class AggregateService {
  readonly #deps: CallerAccessDependencies
  readonly #reading: ReadingService

  constructor(deps: CallerAccessDependencies & { reading: ReadingService }) {
    this.#deps = deps
    this.#reading = deps.reading
  }

  async aggregate(actor: Actor, table: string, query: AggregateQuery, exactAsText: boolean): Promise<string> {
    return this.aggregateWith(await accessOf(this.#deps, actor), table, query, exactAsText)
  }

  async aggregateWith(
    access: TableAccess,
    table: string,
    query: AggregateQuery,
    exactAsText: boolean,
  ): Promise<string> {
    const view = access.view(table, 'list')
    const condition = parseCondition(view, query)
    const groups = parseGroups(view, query.group_by ?? '')
    const metrics = parseMetrics(view, query.metrics ?? 'count')
    const having = parseHaving(metrics, query.having ?? [], view)
    const { limit = 100 } = query
    return this.#reading.guarded(access, async () => {
      const { compiling: context, snapshot } = access
      const { dialect } = context
      const alias = context.alias()
      const groupNames = groups.map((_, index) => sql.id(`g${index}`))
      const orderNames = groups.map((_, index) => sql.id(`o${index}`))
      const columns = [
        ...groups.map(({ column, ref }, index) => {
          const piece = dialect.json(column, ref(alias), exactAsText)
          // By its bytes, whatever the collation says.
          return sql`${dialect.comparable(textColumn, piece)} as ${groupNames[index]}`
        }),
        ...groups.map(({ column, ref }, index) => {
          const value = numeric.has(column.type)
            ? ref(alias)
            : dialect.comparable(textColumn, dialect.text(column, ref(alias)))
          return sql`${value} as ${orderNames[index]}`
        }),
        ...metrics.map(({ make }, index) => sql`${make(dialect, alias)} as ${sql.id(`v${index}`)}`),
      ]
      const where = whereOf([compile(condition, alias, context), view.visible(alias)])
      const inner = sql`select ${sql.join(columns)} from ${sql.id(view.table)} as ${sql.id(alias)}${where}`
      const results = metrics.map(
        ({ name }, index) => sql`${fold(name, sql.id(`v${index}`), dialect)} as ${sql.id(`m${index}`)}`,
      )
      const orders = groups.map((_, index) => sql`min(${orderNames[index]}) as ${sql.id(`s${index}`)}`)
      const outer = [...groupNames, ...results, ...orders]
      const grouped = sql`select ${sql.join(outer)} from (${inner}) as ${sql.id('base')}${
        groups.length > 0 ? sql` group by ${sql.join(groupNames)}` : sql``
      }`
      const pieces = [
        ...groups.map(({ column }, index) => [column.name, groupNames[index] ?? sql`null`] as const),
        ...metrics.map(
          ({ name, column }, index) => [name, dialect.json(column, sql.id(`m${index}`), exactAsText)] as const,
        ),
      ]
      const sorts = groups.map((_, index) =>
        dialect.order(sql.id(`s${index}`), {
          descending: false,
          nullable: true,
          nullsFirst: false,
        }),
      )
      const order = sorts.length > 0 ? sql` order by ${sql.join(sorts)}` : sql``
      const kept = whereOf(having ? [compile(having, 'grouped', context)] : [])
      const { rows } = await sql<{ json: string }>`
        select ${jsonObject(pieces)} as ${sql.id('json')} from (${grouped}) as ${sql.id('grouped')}${kept}${order}
        limit ${context.dialect.limit(limit + 1)}`.execute(snapshot.handle.db)
      const page = { limit, next_cursor: null, prev_cursor: null, has_more: rows.length > limit }
      const data = rows.slice(0, limit).map(({ json }) => json)
      return `{"data":[${data.join(',')}],"page":${JSON.stringify(page)}}`
    })
  }
}

const textColumn: Column = { ...numberColumn('', 'integer'), type: 'text', byBytes: false }

function parseGroups(view: TableView, text: string): Field[] {
  if (text.length > limits.text) throw badFilter('group_by is too long')
  const names = text === '' ? [] : text.split(',')
  if (names.length > limits.groups || new Set(names).size < names.length) {
    throw badFilter(`group_by takes ${limits.groups} different columns`)
  }
  return names.map((name) => {
    const field = view.field(name)
    if (!field) throw badFilter('group_by names a column that does not exist here')
    if (['json', 'binary', 'other'].includes(field.column.type)) {
      throw badFilter(`Columns of type ${field.column.type} make no groups`)
    }
    return field
  })
}

function parseMetrics(view: TableView, text: string): Metric[] {
  if (text.length > limits.text) throw badFilter('metrics is too long')
  const metrics = text.split(',').map((item) => parseMetric(view, item))
  if (metrics.length > limits.metrics || new Set(metrics.map(({ name }) => name)).size < metrics.length) {
    throw badFilter(`metrics takes ${limits.metrics} different ones`)
  }
  return metrics
}

function parseMetric(view: TableView, item: string): Metric {
  if (item === 'count')
    return {
      name: 'count',
      column: { ...numberColumn('count', 'integer'), range: [0n, BigInt(Number.MAX_SAFE_INTEGER)] },
      make: () => sql`1`,
    }
  const [, kind = '', columnName = ''] = /^(sum|avg|min|max|count_distinct):(.+)$/.exec(item) ?? []
  if (kind === '') throw badFilter('metrics are count, sum:x, avg:x, min:x, max:x, count_distinct:x')
  const field = view.field(columnName)
  if (!field) throw badFilter('metrics names a column that does not exist here')
  const { column } = field
  const name = `${kind}_${columnName}`
  const isFine =
    kind === 'count_distinct'
      ? !['json', 'other'].includes(column.type)
      : (kind === 'min' || kind === 'max' ? ordered : numeric).has(column.type)
  if (!isFine) throw badFilter(`${kind} cannot be used with a column of type ${column.type}`)
  switch (kind) {
    case 'count_distinct':
      return {
        name,
        column: { ...numberColumn(name, 'integer'), range: [0n, BigInt(Number.MAX_SAFE_INTEGER)] },
        make: (dialect, alias) => dialect.comparable(textColumn, dialect.text(column, field.ref(alias))),
      }
    case 'avg':
      return { name, column: numberColumn(name, 'number'), make: (_, alias) => field.ref(alias) }
    case 'sum':
      return {
        name,
        column: numberColumn(name, column.type as 'integer' | 'decimal' | 'number', column.scale),
        make: (_, alias) => field.ref(alias),
      }
    default:
      return {
        name,
        column: { ...column, name, nullable: true },
        make: (dialect, alias) => dialect.comparable(column, field.ref(alias)),
      }
  }
}

function fold(name: string, value: Sql, dialect: TablesDialect): Sql {
  if (name === 'count') return sql`count(*)`
  if (name.startsWith('count_distinct_')) return sql`count(distinct ${value})`
  if (name.startsWith('sum_')) return sql`sum(${value})`
  if (name.startsWith('avg_')) return dialect.average(value)
  return name.startsWith('min_') ? sql`min(${value})` : sql`max(${value})`
}

/** Tests on the results; only metrics that were asked for can be tested. */
function parseHaving(
  metrics: readonly Metric[],
  tests: readonly (readonly [path: string, operator: string, value: string])[],
  view: TableView,
): Condition | undefined {
  if (tests.length === 0) return undefined
  return parseShort(tests, {
    field: (name) => {
      const index = metrics.findIndex((metric) => metric.name === name)
      const metric = metrics[index]
      return metric && { column: metric.column, ref: (alias) => sql.id(alias, `m${index}`) }
    },
    relation: () => undefined,
    macros: view.macros,
  })
}
