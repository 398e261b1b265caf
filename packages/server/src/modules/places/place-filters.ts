import { platformErrors } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'

const fields = ['category', 'visibility', 'owner_id', 'name', 'created_at', 'updated_at'] as const
type Field = (typeof fields)[number]

const comparisons = { eq: '=', neq: '!=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

/** One condition on a column; all of them hold together. */
export type PlaceFilter =
  | { field: Field; operator: (typeof comparisons)[keyof typeof comparisons]; value: string }
  | { field: Field; operator: 'in'; value: string[] }
  | { field: Field; operator: 'is' | 'is not'; value: null }

const booleans = new Map([
  ['true', true],
  ['false', false],
])
const maxListed = 100

const bad = (detail: string) => platformErrors.bad_filter({ detail })

/** `filter[category]=cafe` and `filter[created_at][gte]=…` of a query. Throws bad_filter. */
export function filtersOfQuery(query: Readonly<Record<string, unknown>>, viewerId: string): PlaceFilter[] {
  const short = Object.entries(query).flatMap(([key, value]) => {
    if (!key.startsWith('filter[')) return []
    const [, field = '', operator = 'eq'] = /^filter\[(\w+)\](?:\[(\w+)\])?$/.exec(key) ?? []
    if (field === '') throw bad('A filter is written filter[field][operator]=value')
    const text = String(value)
    const listed = operator === 'in' ? text.split(',') : operator === 'null' ? (booleans.get(text) ?? text) : text
    return [toFilter(field, operator, listed, viewerId)]
  })
  const category = query.category === undefined ? [] : [toFilter('category', 'eq', query.category, viewerId)]
  if (typeof query.filter !== 'string') return [...category, ...short]
  return [...category, ...short, ...filtersOf(parsed(query.filter), viewerId)]
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Not JSON: said below.
  }
  throw bad('filter is a JSON object')
}

/** `{"category": {"in": ["cafe", "bar"]}}`, or `{"category": "cafe"}`. Throws bad_filter. */
export function filtersOf(filter: object, viewerId: string): PlaceFilter[] {
  return Object.entries(filter).flatMap(([field, condition]: [string, unknown]) => {
    if (typeof condition !== 'object' || condition === null || Array.isArray(condition))
      return [toFilter(field, condition === null ? 'null' : 'eq', condition ?? true, viewerId)]
    return Object.entries(condition).map(([operator, value]) => toFilter(field, operator, value, viewerId))
  })
}

function toFilter(name: string, operator: string, value: unknown, viewerId: string): PlaceFilter {
  const field = fields.find((known) => known === name)
  if (!field) throw bad(`Places cannot be filtered by ${name.slice(0, 64)}`)
  if (operator === 'null') {
    if (typeof value !== 'boolean') throw bad('null takes true or false')
    return { field, operator: value ? 'is' : 'is not', value: null }
  }
  if (operator === 'in') {
    if (!Array.isArray(value) || value.length === 0 || value.length > maxListed)
      throw bad(`in takes a list of 1 to ${maxListed} values`)
    return { field, operator, value: value.map((item) => toValue(field, item, viewerId)) }
  }
  const isOrdered = field === 'created_at' || field === 'updated_at'
  // What comes first among texts is a matter of the language a database was made with.
  if (!(operator in comparisons) || (!isOrdered && operator !== 'eq' && operator !== 'neq'))
    throw bad(`There is no operator ${operator.slice(0, 32)} for ${field}`)
  return {
    field,
    operator: comparisons[operator as keyof typeof comparisons],
    value: toValue(field, value, viewerId),
  }
}

/** Engines refuse, or compare each in its own way, what is no id or no time. */
function toValue(field: Field, value: unknown, viewerId: string): string {
  if (typeof value !== 'string' || value.length > 500 || value.includes('\0'))
    throw bad(`${field} is compared with text`)
  if (field === 'owner_id') {
    if (value === '$me') return viewerId
    if (!isId(value)) throw bad('owner_id is compared with an id, or with $me')
    return value
  }
  if (field !== 'created_at' && field !== 'updated_at') return value
  const time = new Date(value)
  if (!/^\d{4}-\d\d-\d\d/.test(value) || Number.isNaN(time.getTime())) throw bad(`${field} is compared with a time`)
  return time.toISOString()
}
