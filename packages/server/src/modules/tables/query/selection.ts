import type { TableView } from '../policy/table-view.ts'
import type { Relation } from '../registry.ts'
import { badFilter } from './bad-filter.ts'
import type { Field } from './condition.ts'

export interface SortTerm {
  field: Field
  descending: boolean
}

/** Which columns of a row are shown, and which rows that belong to it. */
export interface Selection {
  view: TableView
  fields: readonly Field[]
  expands: readonly Expand[]
}

export interface Expand {
  relation: Relation
  selection: Selection
  /** Of rows to many. */
  limit: number
  sort: readonly SortTerm[]
}

const limits = { depth: 3, expands: 10, sorts: 5, rows: 50, defaultRows: 10, text: 4000 }

interface Wanted {
  all: boolean
  fields: Set<string>
  expands: Map<string, Wanted & { limit?: number; sort?: string }>
}

const nothing = (): Wanted => ({ all: false, fields: new Set(), expands: new Map() })

/** `fields=id,author.name` and `expand=author,comments(limit:5,sort:-id)`. Throws bad_filter. */
export function parseSelection(
  view: TableView,
  { fields = '', expand = '' }: { fields?: string | undefined; expand?: string | undefined },
): Selection {
  if (fields.length > limits.text || expand.length > limits.text) throw badFilter('fields and expand are too long')
  const root = nothing()
  for (const path of list(fields)) addField(root, path.split('.'))
  let expands = 0
  for (const item of splitOutside(expand)) {
    const [, path = '', options = ''] = /^([^()]+?)(?:\(([^()]*)\))?$/.exec(item) ?? []
    if (path === '') throw badFilter('expand is a list like author,comments(limit:5,sort:-id)')
    const names = path.split('.')
    if (names.length > limits.depth) throw badFilter(`expand goes ${limits.depth} levels deep`)
    let at: Wanted & { limit?: number; sort?: string } = root
    for (const name of names) at = descend(at, name)
    Object.assign(at, parseOptions(options))
    if (at.fields.size === 0) at.all = true
    expands++
  }
  if (root.fields.size === 0) root.all = true
  if (expands > limits.expands || countOf(root) > limits.expands) throw badFilter(`At most ${limits.expands} relations`)
  return resolve(view, root, 0)
}

function addField(at: Wanted, path: readonly string[]): void {
  const [name = '', ...rest] = path
  if (rest.length > limits.depth) throw badFilter(`fields goes ${limits.depth} levels deep`)
  if (rest.length > 0) addField(descend(at, name), rest)
  else if (name === '*') at.all = true
  else at.fields.add(name)
}

function descend(at: Wanted, name: string): Wanted {
  const known = at.expands.get(name)
  if (known) return known
  const next = nothing()
  at.expands.set(name, next)
  return next
}

const countOf = (wanted: Wanted): number =>
  [...wanted.expands.values()].reduce((sum, next) => sum + 1 + countOf(next), 0)

function parseOptions(options: string): { limit?: number; sort?: string } {
  const sorts: string[] = []
  let limit: number | undefined
  let isSort = false
  for (const part of list(options)) {
    const [, name, value = ''] = /^(limit|sort):(.*)$/.exec(part) ?? []
    if (name === 'limit') {
      if (!/^\d{1,3}$/.test(value) || Number(value) < 1 || Number(value) > limits.rows) {
        throw badFilter(`The limit of a relation is 1 to ${limits.rows}`)
      }
      limit = Number(value)
    } else if (name === 'sort' || isSort) sorts.push(name === 'sort' ? value : part)
    else throw badFilter('A relation takes limit and sort')
    isSort = name !== 'limit'
  }
  return { ...(limit === undefined ? {} : { limit }), ...(sorts.length > 0 ? { sort: sorts.join(',') } : {}) }
}

function resolve(view: TableView, wanted: Wanted, depth: number): Selection {
  if (depth > limits.depth) throw badFilter(`expand goes ${limits.depth} levels deep`)
  const named = [...wanted.fields].map((name) => {
    const field = view.field(name)
    if (!field) throw badFilter('fields names a column that does not exist here')
    return field
  })
  const expands = [...wanted.expands].map(([name, next]): Expand => {
    const found = view.related(name)
    if (!found) throw badFilter('expand names a relation that does not exist here')
    const inner = next.fields.size === 0 ? { ...next, all: true } : next
    return {
      relation: found.relation,
      selection: resolve(found.view, inner, depth + 1),
      limit: next.limit ?? limits.defaultRows,
      sort: parseSort(found.view, next.sort),
    }
  })
  return { view, fields: wanted.all ? [...view.readable.values()] : named, expands }
}

const sortable = new Set(['integer', 'decimal', 'number', 'boolean', 'text', 'uuid', 'date', 'time', 'datetime'])

/** `-created_at,name`; the key is appended, so that the order is total. Throws bad_filter. */
export function parseSort(view: TableView, text = ''): SortTerm[] {
  if (text.length > limits.text) throw badFilter('sort is too long')
  const terms = list(text).map((item): SortTerm => {
    const descending = item.startsWith('-')
    const field = view.field(descending ? item.slice(1) : item)
    if (!field) throw badFilter('sort names a column that does not exist here')
    if (!sortable.has(field.column.type)) throw badFilter(`Columns of type ${field.column.type} have no order`)
    return { field, descending }
  })
  if (terms.length > limits.sorts) throw badFilter(`sort takes ${limits.sorts} columns`)
  const named = new Set(terms.map(({ field }) => field.column.name))
  if (named.size < terms.length) throw badFilter('sort names a column twice')
  const { key } = view
  // Bytes make a dull order, but a key of bytes has to make a page end somewhere.
  const rest = key.length > 0 ? key : [...view.readable.values()].filter(({ column }) => sortable.has(column.type))
  return [
    ...terms,
    ...rest
      .filter(({ column }) => !named.has(column.name) && (sortable.has(column.type) || column.type === 'binary'))
      .map((field) => ({ field, descending: false })),
  ]
}

const list = (text: string): string[] => (text === '' ? [] : text.split(',').map((item) => item.trim()))

/** At the commas that stand in no brackets. */
function splitOutside(text: string): string[] {
  if (text === '') return []
  const items: string[] = ['']
  let depth = 0
  for (const char of text) {
    if (char === '(') depth++
    if (char === ')') depth--
    if (char === ',' && depth === 0) items.push('')
    else items[items.length - 1] += char
  }
  return items.map((item) => item.trim())
}
