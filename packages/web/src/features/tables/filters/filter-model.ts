import { areaIn, joinItems, joinList, splitItems, splitList } from './written-values.ts'

/** A filter as its builder shows it. What the server also takes and the builder cannot show is kept as it is written. */
export interface FilterTest {
  kind: 'test'
  path: string
  operator: string
  /** As it is typed: one value, two, or a list. */
  values: string[]
}

export interface FilterGroup {
  kind: 'group'
  /** `none`: not one of them holds. */
  mode: 'and' | 'or' | 'none'
  items: FilterNode[]
}

/** Rows of another table that belong to the row: one of them at least, or none, for which all of it holds. */
export interface FilterRelated {
  kind: 'related'
  relation: string
  quantifier: 'some' | 'none'
  /** Without tests it asks whether there are any. */
  group: FilterGroup
}

export type FilterNode = FilterTest | FilterGroup | FilterRelated
export type Filter = Record<string, unknown>

/** `items`: a list in which a number is none of the texts; `numbers`: as many as `placeNumbers` says; `area`: GeoJSON. */
export type Takes = 'one' | 'two' | 'list' | 'flag' | 'items' | 'numbers' | 'area'

const ordered = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'between', 'in', 'nin', 'null']
const byType: Record<string, readonly string[]> = {
  text: [
    ...['icontains', 'search', 'contains', 'eq', 'neq', 'starts', 'ends', 'like', 'ilike', 'regex', 'in', 'nin'],
    ...['gt', 'gte', 'lt', 'lte', 'between', 'null'],
  ],
  boolean: ['eq', 'neq', 'null'],
  binary: ['null'],
  json: ['has_any', 'has_all', 'near', 'bbox', 'within', 'null'],
  other: ['null'],
}

/** Off for a table until an administrator allows them there. */
const optional: readonly string[] = ['ilike', 'regex']

export const operatorsFor = (type: string, allowed: readonly string[] = []): readonly string[] =>
  (byType[type] ?? ordered).filter((operator) => !optional.includes(operator) || allowed.includes(operator))

const taken: Record<string, Takes> = {
  ...{ between: 'two', in: 'list', nin: 'list', null: 'flag' },
  ...{ has_any: 'items', has_all: 'items', near: 'numbers', bbox: 'numbers', within: 'area' },
}
export const takes = (operator: string): Takes => taken[operator] ?? 'one'

/** What the numbers of a test are, in their order. */
export const placeNumbers: Record<string, readonly ('lon' | 'lat' | 'metres' | 'west' | 'south' | 'east' | 'north')[]> =
  {
    near: ['lon', 'lat', 'metres'],
    bbox: ['west', 'south', 'east', 'north'],
  }

export const emptyGroup = (): FilterGroup => ({ kind: 'group', mode: 'and', items: [] })

export function newTest(path: string, type: string): FilterTest {
  const operator = operatorsFor(type)[0] ?? 'eq'
  const first = type === 'boolean' ? 'true' : ''
  return { kind: 'test', path, operator, values: takes(operator) === 'flag' ? ['true'] : [first] }
}

/** Boolean columns compare with true and false; all other values may be sent as text. */
const sent = (value: string, type: string | undefined): unknown => (type === 'boolean' ? value === 'true' : value)

/** The part of it that is filled in; undefined when that is nothing. */
export function toFilter(node: FilterNode, typeOf: (path: string) => string | undefined): Filter | undefined {
  if (node.kind === 'group') {
    const items = node.items.map((item) => toFilter(item, typeOf)).filter((item) => item !== undefined)
    const [first] = items
    if (node.mode === 'none') return first && { not: items.length === 1 ? first : { or: items } }
    return items.length <= 1 ? first : { [node.mode]: items }
  }
  if (node.kind === 'related') {
    const { relation, quantifier, group } = node
    return { [relation]: { [quantifier]: toFilter(group, (path) => typeOf(`${relation}.${path}`)) ?? {} } }
  }
  const { path, operator, values } = node
  const type = typeOf(path)
  const given = values.map((value) => value.trim())
  switch (takes(operator)) {
    case 'flag':
      return { [path]: { [operator]: given[0] !== 'false' } }
    case 'two':
      if (!given[0] || !given[1]) return undefined
      return { [path]: { [operator]: given.slice(0, 2) } }
    case 'list': {
      const list = splitList(values[0] ?? '')
      return list.length > 0 ? { [path]: { [operator]: list.map((value) => sent(value, type)) } } : undefined
    }
    case 'items': {
      const items = splitItems(values[0] ?? '')
      return items.length > 0 ? { [path]: { [operator]: items } } : undefined
    }
    case 'numbers': {
      const numbers = given.map((value) => (value === '' ? Number.NaN : Number(value)))
      const isFilled = numbers.length === placeNumbers[operator]?.length && numbers.every(Number.isFinite)
      return isFilled ? { [path]: { [operator]: numbers } } : undefined
    }
    case 'area': {
      const area = areaIn(values[0] ?? '')
      return area && { [path]: { [operator]: area } }
    }
    default:
      // An empty text is a value to compare with, but to look for it inside others means nothing.
      if (!given[0] && !(type === 'text' && (operator === 'eq' || operator === 'neq'))) return undefined
      return { [path]: { [operator]: sent(type === 'text' ? (values[0] ?? '') : (given[0] ?? ''), type) } }
  }
}

/** Undefined for a filter that the builder cannot show. `relations`: names of those it offers. */
export function fromFilter(filter: Filter, relations: readonly string[] = []): FilterGroup | undefined {
  const node = readObject(filter, relations)
  return node && asGroup(node)
}

const asGroup = (node: FilterNode): FilterGroup =>
  node.kind === 'group' ? node : { kind: 'group', mode: 'and', items: [node] }

const isObject = (value: unknown): value is Filter =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readObject(filter: Filter, relations: readonly string[]): FilterNode | undefined {
  const items: FilterNode[] = []
  for (const [name, value] of Object.entries(filter)) {
    const read =
      (name === 'and' || name === 'or') && Array.isArray(value)
        ? readList(name, value, relations)
        : name === 'not' && isObject(value)
          ? readNot(value, relations)
          : (readRelated(name, value, relations) ?? readTests(name, value))
    if (!read) return undefined
    items.push(...read)
  }
  return items.length === 1 ? items[0] : { kind: 'group', mode: 'and', items }
}

function readList(mode: 'and' | 'or', list: unknown[], relations: readonly string[]): FilterNode[] | undefined {
  const items = list.map((item) => (isObject(item) ? readObject(item, relations) : undefined))
  return items.every((item) => item !== undefined) ? [{ kind: 'group', mode, items }] : undefined
}

function readNot(filter: Filter, relations: readonly string[]): FilterNode[] | undefined {
  const node = readObject(filter, relations)
  if (!node) return undefined
  const items = node.kind === 'group' && node.mode === 'or' ? node.items : [node]
  return [{ kind: 'group', mode: 'none', items }]
}

function readRelated(relation: string, value: unknown, relations: readonly string[]): FilterNode[] | undefined {
  const [[quantifier, inner] = [], ...more] = isObject(value) ? Object.entries(value) : []
  const isRelated = (quantifier === 'some' || quantifier === 'none') && isObject(inner) && more.length === 0
  if (!isRelated || !relations.includes(relation)) return undefined
  const group = fromFilter(inner)
  return group && [{ kind: 'related', relation, quantifier, group }]
}

const known = new Set([...ordered, ...(byType.text ?? []), ...(byType.json ?? [])])
const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

function readTests(path: string, value: unknown): FilterNode[] | undefined {
  const tests = isObject(value) ? value : value === null ? { null: true } : { eq: value }
  const nodes = Object.entries(tests).map(([operator, given]): FilterTest | undefined => {
    if (!known.has(operator)) return undefined
    if (takes(operator) === 'area')
      return isObject(given) ? { kind: 'test', path, operator, values: [JSON.stringify(given)] } : undefined
    const list = Array.isArray(given) ? given : [given]
    if (!list.every(isPlain)) return undefined
    const texts = list.map(String)
    if (takes(operator) === 'items') return { kind: 'test', path, operator, values: [joinItems(list)] }
    if (takes(operator) === 'numbers' && list.length !== placeNumbers[operator]?.length) return undefined
    if (takes(operator) === 'list') return { kind: 'test', path, operator, values: [joinList(texts)] }
    return Array.isArray(given) && takes(operator) !== 'two' && takes(operator) !== 'numbers'
      ? undefined
      : { kind: 'test', path, operator, values: texts }
  })
  return nodes.every((node) => node !== undefined) ? nodes : undefined
}

export function countTests(node: FilterNode): number {
  if (node.kind === 'test') return 1
  if (node.kind === 'related') return Math.max(1, countTests(node.group))
  return node.items.reduce((sum, item) => sum + countTests(item), 0)
}

/** The relations it asks about. */
export function relationsIn(node: FilterNode): string[] {
  if (node.kind === 'related') return [node.relation]
  return node.kind === 'group' ? [...new Set(node.items.flatMap(relationsIn))] : []
}

/** Whether rows of other tables decide about it: of those a table tells no changes. */
export function followsRelations(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(followsRelations)
  if (!isObject(filter)) return false
  return Object.entries(filter).some(
    ([name, value]) =>
      name.includes('.') || ((name === 'some' || name === 'none') && isObject(value)) || followsRelations(value),
  )
}
