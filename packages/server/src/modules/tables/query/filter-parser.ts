import type { Column } from '../../../platform/db/tables/catalogue.ts'
import { canonical, ValueError } from '../values.ts'
import { badFilter } from './bad-filter.ts'
import type { Condition, Field, RowSource } from './condition.ts'
import { itemText, writtenItems } from './json-values.ts'
import { isOperator, type OperatorName, operators, optionalOperators, patternParts } from './operators.ts'
import { PatternError, parsePattern } from './pattern-parser.ts'
import { type PlaceOperator, placeText } from './place-values.ts'
import { type Given, Later, NeedsValue, plainOperators, type StandIns, Unplannable } from './stand-ins.ts'

/** The names a filter may use, for its reader. */
export interface Scope {
  field(name: string): Field | undefined
  /** A relation whose rows the reader may see. */
  relation(name: string): RelatedScope | undefined
  macros: Macros
}

/** What the words of a filter that begin with `$` mean. */
export interface Macros {
  me: string
  now: Date
  /** The filter is read before the request is there that it will be asked by. */
  standIns?: StandIns | undefined
}

export interface RelatedScope {
  columns: readonly Field[]
  references: readonly Field[]
  source: RowSource
  scope: Scope
}

const limits = {
  terms: 100,
  depth: 10,
  list: 200,
  text: 10_000,
  path: 3,
  wildcards: 4,
  patterns: 4,
  places: 10,
  search: 200,
  words: 5,
}

const noSuchColumn = () => badFilter('The filter names a column that does not exist here')

interface State {
  terms: number
  patterns: number
  places: number
  source: 'json' | 'query'
}

/** The full form: an object of columns with their tests, `and`, `or`, `not`. Throws bad_filter. */
export function parseFilter(filter: unknown, scope: Scope): Condition {
  return parseObject(filter, scope, 1, { terms: 0, patterns: 0, places: 0, source: 'json' })
}

/** The short form: one test for each name, all of which have to hold. */
export function parseShort(
  tests: readonly (readonly [path: string, operator: string, value: string | Later])[],
  scope: Scope,
): Condition {
  const state: State = { terms: 0, patterns: 0, places: 0, source: 'query' }
  return {
    kind: 'all',
    items: tests.map(([path, operator, value]) => parsePath(path, { [operator]: value }, scope, state)),
  }
}

function parseObject(filter: unknown, scope: Scope, depth: number, state: State, steps = 0): Condition {
  if (!isObject(filter)) throw badFilter('A filter is an object of columns with what they should be')
  if (depth > limits.depth) throw badFilter(`A filter may be nested ${limits.depth} levels deep`)
  const items = Object.entries(filter).map(([name, value]): Condition => {
    if ((name === 'and' || name === 'or') && Array.isArray(value)) {
      const kind = name === 'and' ? 'all' : 'any'
      return { kind, items: value.map((item) => parseObject(item, scope, depth + 1, count(state), steps)) }
    }
    if (name === 'not' && isObject(value)) {
      return { kind: 'not', item: parseObject(value, scope, depth + 1, count(state), steps) }
    }
    return parseQuantified(name, value, scope, depth, state, steps) ?? parsePath(name, value, scope, state, steps)
  })
  return items.length === 1 && items[0] ? items[0] : { kind: 'all', items }
}

/** `comments: {some: …}` and `comments: {none: …}`: what holds of one of the related rows, or of none. */
function parseQuantified(
  name: string,
  tests: unknown,
  scope: Scope,
  depth: number,
  state: State,
  steps: number,
): Condition | undefined {
  const [quantifier, ...more] = isObject(tests) ? Object.keys(tests) : []
  if (!isObject(tests) || more.length > 0 || (quantifier !== 'some' && quantifier !== 'none')) return undefined
  if (scope.field(name)) return undefined
  const related = scope.relation(name)
  if (!related) throw noSuchColumn()
  if (steps === limits.path) throw badFilter(`A filter may follow ${limits.path} relations`)
  const { scope: other, ...join } = related
  const inner = parseObject(tests[quantifier], other, depth + 1, count(state), steps + 1)
  const found: Condition = { kind: 'related', ...join, item: inner }
  return quantifier === 'some' ? found : { kind: 'not', item: found }
}

/** `price`, or `author.name` along a relation. */
function parsePath(path: string, tests: unknown, scope: Scope, state: State, steps = 0): Condition {
  count(state)
  const field = scope.field(path)
  if (field) return parseTests(field, tests, scope, state)
  const dot = path.indexOf('.')
  const related = dot < 0 ? undefined : scope.relation(path.slice(0, dot))
  if (!related) throw noSuchColumn()
  if (steps === limits.path) throw badFilter(`A filter may follow ${limits.path} relations`)
  const { scope: other, ...join } = related
  return { kind: 'related', ...join, item: parsePath(path.slice(dot + 1), tests, other, state, steps + 1) }
}

function parseTests(field: Field, tests: unknown, scope: Scope, state: State): Condition {
  const given = isObject(tests) ? tests : tests === null ? { null: true } : { eq: tests }
  const entries = Object.entries(given)
  if (entries.length === 0) throw badFilter('A column in a filter needs a test, like {"eq":1}')
  const items = entries.map(([name, value]): Condition => {
    if (!isOperator(name)) throw badFilter('The filter uses an operator that does not exist')
    if (!operators[name].types.has(field.column.type)) {
      throw badFilter(`${name} cannot be used with a column of type ${field.column.type}`)
    }
    if (optionalOperators.has(name) && !field.optional?.has(name)) {
      throw badFilter(`${name} is off for this table; an administrator can allow it in its settings`)
    }
    return { kind: 'test', field, operator: name, values: valuesOf(name, value, field.column, scope, count(state)) }
  })
  return items.length === 1 && items[0] ? items[0] : { kind: 'all', items }
}

function valuesOf(operator: OperatorName, value: unknown, column: Column, scope: Scope, state: State): string[] {
  const { takes } = operators[operator]
  const one = (item: unknown) => parseValue(item, column, scope, state)
  switch (takes) {
    case 'flag': {
      const flag = state.source === 'query' ? { true: true, false: false }[String(value)] : value
      if (typeof flag !== 'boolean') throw badFilter(`${operator} needs true or false`)
      return [String(flag)]
    }
    case 'text': {
      if (typeof value !== 'string' || value.length > limits.text) throw badFilter(`${operator} needs a text`)
      assertCheap(operator, value, state)
      return [value]
    }
    case 'words':
      if (typeof value !== 'string') throw badFilter(`${operator} needs a text`)
      return wordsOf(value)
    case 'two':
      return listOf(operator, value, state, 2).map(one)
    case 'some':
      return listOf(operator, value, state).map(one)
    case 'place':
      if (++state.places > limits.places) throw badFilter(`A filter may ask ${limits.places} times where points lie`)
      return [placeText(operator as PlaceOperator, value, column.name, state.source === 'query')]
    case 'items': {
      const isWritten = state.source === 'query' && typeof value === 'string'
      const list = isWritten ? writtenItems(value) : value
      return listOf(operator, list, state).map((item) => itemText(withMacros(item, column, scope)))
    }
    default:
      return [standIn(operator, value, column, scope, state) ?? one(value)]
  }
}

function listOf(operator: OperatorName, value: unknown, state: State, length?: number): unknown[] {
  const list = state.source === 'query' && typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(list)) throw badFilter(`${operator} needs a list`)
  if (length !== undefined && list.length !== length) throw badFilter(`${operator} needs two values`)
  if (list.length === 0 || list.length > limits.list) throw badFilter(`A list has 1 to ${limits.list} values`)
  return list
}

/** For a value that comes later; undefined for one that is there. */
function standIn(
  operator: OperatorName,
  value: unknown,
  column: Column,
  { macros: { standIns } }: Scope,
  state: State,
): string | undefined {
  if (!standIns || !(value instanceof Later || isMacro(value))) return undefined
  if (!plainOperators.has(operator)) throw new Unplannable()
  const source = state.source
  const read = (given: Given) => {
    const text = value instanceof Later ? given.tests[value.index] : value
    return parseValue(text, column, { macros: given }, { source })
  }
  if (value instanceof Later && !standIns.takes(column)) throw new NeedsValue(value.index)
  return standIns.of(column, read, !(value instanceof Later))
}

function assertCheap(operator: OperatorName, value: string, state: State): void {
  if (operator === 'like' || operator === 'ilike') {
    const isCostly = patternParts(value).filter((part) => part === 'any').length > limits.wildcards
    if (isCostly) throw badFilter(`A pattern may have ${limits.wildcards} places for any text`)
  }
  if (operator !== 'regex') return
  if (++state.patterns > limits.patterns) throw badFilter(`A filter may have ${limits.patterns} patterns`)
  try {
    parsePattern(value)
  } catch (error) {
    throw error instanceof PatternError ? badFilter(error.message) : error
  }
}

/** Of a search, all of which have to be found. Throws bad_filter. */
export function wordsOf(search: string): string[] {
  const words = search.trim().split(/\s+/).filter(Boolean)
  if (search.length > limits.search || words.length > limits.words) {
    throw badFilter(`search takes ${limits.words} words of ${limits.search} characters in all`)
  }
  return words
}

const withoutLimits = new WeakMap<Column, Column>()

/** A column's own limits say what fits in, not what may be looked for. */
function unlimited(column: Column): Column {
  const known = withoutLimits.get(column)
  if (known) return known
  const { maxLength: _, values: __, precision: ___, scale: ____, ...wide } = column
  const made = { ...wide, fraction: 6 }
  withoutLimits.set(column, made)
  return made
}

const spans: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

function parseValue(
  given: unknown,
  column: Column,
  scope: Pick<Scope, 'macros'>,
  { source }: Pick<State, 'source'>,
): string {
  const value = withMacros(given, column, scope)
  if (typeof value === 'object' || value === undefined)
    throw badFilter('Values in a filter are text, numbers, true or false')
  if (typeof value === 'string' && value.length > limits.text) throw badFilter('A value in the filter is too long')
  try {
    return canonical(unlimited(column), value, typeof value === 'string' ? 'query' : source)
  } catch (error) {
    if (error instanceof ValueError) throw badFilter(`A value in the filter does not fit its column: ${error.message}`)
    throw error
  }
}

const macro = /^\$(?:me|now(?:\(([+-])(\d{1,6})([smhd])\))?)$/
const isMacro = (value: unknown): boolean => typeof value === 'string' && macro.test(value)

/** `$me`, `$now`, `$now(-7d)`; `$$me` is the text `$me`. */
function withMacros(value: unknown, column: Column, { macros }: Pick<Scope, 'macros'>): unknown {
  if (typeof value !== 'string' || !value.startsWith('$')) return value
  if (value.startsWith('$$')) return value.slice(1)
  const found = macro.exec(value)
  if (!found) return value
  // Somewhere its value decides what the statement is.
  if (macros.standIns) throw new Unplannable()
  if (value === '$me') return macros.me
  const [, sign = '+', amount = '0', unit = 's'] = found
  const seconds = Number(`${sign}${amount}`) * (spans[unit] ?? 1)
  const moment = new Date(macros.now.getTime() + seconds * 1000).toISOString()
  return column.type === 'date' ? moment.slice(0, 10) : moment
}

function count(state: State): State {
  state.terms++
  if (state.terms > limits.terms) throw badFilter(`A filter may have ${limits.terms} parts`)
  return state
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
