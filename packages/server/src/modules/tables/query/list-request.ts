import { platformErrors } from '../../../platform/errors.ts'
import type { TableView } from '../policy/table-view.ts'
import { tablesErrors } from '../tables.errors.ts'
import { badFilter } from './bad-filter.ts'
import type { Condition } from './condition.ts'
import { isObject, parseFilter, parseShort, wordsOf } from './filter-parser.ts'
import { parseSelection, parseSort, type Selection, type SortTerm } from './selection.ts'
import type { Later } from './stand-ins.ts'

/** A list as it is asked for, in an address or a body. */
export interface ListQuery {
  filter?: unknown
  /** `filter[price][gte]=10`, from an address. */
  short?: readonly (readonly [path: string, operator: string, value: string | Later])[] | undefined
  search?: string | undefined
  sort?: string | undefined
  fields?: string | undefined
  expand?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
  page?: number | undefined
  count?: 'none' | 'exact' | 'estimated' | undefined
}

export interface ListRequest {
  condition: Condition
  sort: readonly SortTerm[]
  /** The sort as it was written, which a cursor belongs to. */
  order: string
  selection: Selection
  limit: number
  cursor: string | undefined
  page: number | undefined
  count: 'none' | 'exact' | 'estimated'
}

const limits = { page: 10_000 }

export function parseListRequest(view: TableView, query: ListQuery): ListRequest {
  const { limit = 20, cursor, page, count = 'none', sort = '' } = query
  if (cursor !== undefined && page !== undefined) throw tablesErrors.paging_conflict()
  if (page !== undefined && page > limits.page) throw badFilter(`There are ${limits.page} pages; use cursors instead`)
  return {
    condition: parseCondition(view, query),
    sort: parseSort(view, sort),
    order: sort,
    selection: parseSelection(view, query),
    limit,
    cursor,
    page,
    count,
  }
}

export function parseCondition(view: TableView, { filter, short = [], search }: ListQuery): Condition {
  const items: Condition[] = []
  if (filter !== undefined) items.push(parseFilter(typeof filter === 'string' ? parsed(filter) : filter, view))
  if (short.length > 0) items.push(parseShort(short, view))
  if (search !== undefined && search !== '') items.push(parseSearch(view, search))
  return items.length === 1 && items[0] ? items[0] : { kind: 'all', items }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Said below.
  }
  throw badFilter('filter is a JSON object, or written as filter[column][operator]=value')
}

/** Every word somewhere in the texts of the row, whatever its case. */
function parseSearch(view: TableView, search: string): Condition {
  const words = wordsOf(search)
  const texts = [...view.readable.values()].filter(({ column }) => column.type === 'text')
  return {
    kind: 'all',
    items: words.map((word) => ({
      kind: 'any',
      items: texts.map((field) => ({ kind: 'test', field, operator: 'icontains', values: [word] })),
    })),
  }
}

const ofLists = ['filter', 'search', 'sort', 'fields', 'expand', 'limit', 'cursor', 'page', 'count']

/** The parameters of an address, filters among them. Throws bad_filter, and unknown_field for what is none of them. */
export function readParameters(
  query: Readonly<Record<string, unknown>>,
  more: readonly string[] = [],
  known: readonly string[] = ofLists,
): { filter?: string; short: [string, string, string][] } {
  const short: [string, string, string][] = []
  for (const [name, value] of Object.entries(query)) {
    if (known.includes(name) || more.includes(name)) {
      if (Array.isArray(value)) throw badFilter(`${name} is given twice`)
      continue
    }
    const [, path, operator = 'eq'] = /^filter\[([^\][]{1,300})\](?:\[([a-z_]{1,20})\])?$/.exec(name) ?? []
    if (path === undefined) {
      const error = { pointer: `/${name.slice(0, 100)}`, code: 'unknown_field', message: 'There is no such parameter' }
      if (name.startsWith('filter') || name.startsWith('having'))
        throw badFilter('A filter is written filter[column][operator]=value')
      throw platformErrors.unknown_field({ members: { errors: [error] } })
    }
    if (typeof value !== 'string') throw badFilter('The same test is given twice')
    short.push([path, operator, value])
  }
  const { filter } = query
  return { ...(typeof filter === 'string' ? { filter } : {}), short }
}
