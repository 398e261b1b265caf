import { sql } from 'kysely'
import type { Column, ColumnType } from '../../../platform/db/tables/catalogue.ts'
import {
  type JsonScalar,
  lowered,
  type PatternPart,
  type Sql,
  type TablesDialect,
} from '../../../platform/db/tables/tables-dialect.ts'
import { parsePattern } from './pattern-parser.ts'

interface Operand {
  dialect: TablesDialect
  column: Column
  /** The column's value as it is. */
  raw: Sql
  /** In the form that compares alike everywhere. */
  value: Sql
  values: readonly string[]
}

interface Operator {
  /** How many values it takes; `some`: one to 200; `words`: a text with words in it; `items`: JSON values, one to 200; `place`: where a point may lie. */
  takes: 'one' | 'two' | 'some' | 'flag' | 'text' | 'words' | 'items' | 'place'
  /** Only where an administrator lets the table be asked so. */
  isOptIn?: true
  types: ReadonlySet<ColumnType>
  /** Never true of null, but for `null` itself. */
  compile(operand: Operand): Sql
}

const set = (...types: ColumnType[]): ReadonlySet<ColumnType> => new Set(types)
const ordered = set('integer', 'decimal', 'number', 'text', 'uuid', 'date', 'time', 'datetime')
const equal = set(...ordered, 'boolean', 'binary')
const text = set('text')
const json = set('json')
const any = set(...equal, 'json', 'other')

/** A value as it compares: an enum’s label or a UUID is text on some engines. */
const plain = (value: string): Sql => sql`${value}`

function isEqual(operand: Operand, value: string): Sql {
  const { dialect, column, raw } = operand
  const exact = sql`${operand.value} = ${comparand(operand, value)}`
  const rough = dialect.indexable(column, raw, value)
  return rough ? sql`(${rough} and ${exact})` : exact
}

/** Text compares with text, whatever type the column itself has. */
const comparand = ({ dialect, column }: Operand, value: string): Sql =>
  column.type === 'text' ? plain(value) : dialect.value(column, value)

const compare = (sign: string): Operator => ({
  takes: 'one',
  types: ordered,
  compile: (operand) => sql`${operand.value} ${sql.raw(sign)} ${comparand(operand, operand.values[0] ?? '')}`,
})

const oneOf = (operand: Operand): Sql =>
  operand.values.length === 1
    ? isEqual(operand, operand.values[0] ?? '')
    : sql`${operand.value} in (${sql.join(operand.values.map((value) => comparand(operand, value)))})`

/** The first text, by code points, that is larger than every text beginning with this one. */
export function successor(prefix: string): string | undefined {
  const points = [...prefix]
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0) ?? 0
    if (point === 0x10ffff) continue
    return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
  }
  return undefined
}

function starts({ value, values: [prefix = ''] }: Operand): Sql {
  if (prefix === '') return sql`${value} is not null`
  const end = successor(prefix)
  return end === undefined ? sql`${value} >= ${prefix}` : sql`(${value} >= ${prefix} and ${value} < ${end})`
}

const contains = ({ dialect, value, values: [part = ''] }: Operand): Sql =>
  part === '' ? sql`${value} is not null` : dialect.contains(value, part)

const icontains = ({ dialect, value, values: [part = ''], ...rest }: Operand): Sql =>
  contains({ ...rest, dialect, value: dialect.lower(value), values: [lowered(part)] })

/** `%` any characters, `_` one, a backslash takes the meaning away from what follows it. */
export function patternParts(pattern: string): PatternPart[] {
  const parts: PatternPart[] = []
  const points = [...pattern]
  let plainText = ''
  const flush = () => {
    if (plainText !== '') parts.push({ text: plainText })
    plainText = ''
  }
  for (let index = 0; index < points.length; index++) {
    const point = points[index] ?? ''
    if (point === '\\' && index + 1 < points.length) plainText += points[++index]
    else if (point === '%' || point === '_') {
      flush()
      if (point === '_') parts.push('one')
      else if (parts.at(-1) !== 'any') parts.push('any')
    } else plainText += point
  }
  flush()
  return parts
}

/** Each item is read once, however many are looked for. */
const hasItems =
  (isAll: boolean) =>
  ({ dialect, column, raw, values }: Operand): Sql => {
    const { from, among, key } = dialect.items(column, raw)
    const wanted = [...new Set(values)].map((json): JsonScalar => JSON.parse(json))
    const found = sql`from ${from} where ${among(wanted)}`
    return isAll
      ? sql`(select count(distinct ${key}) ${found}) = ${sql.lit(wanted.length)}`
      : sql`exists (select 1 ${found})`
  }

const lies: Operator = {
  takes: 'place',
  types: json,
  compile: ({ dialect, column, raw, values: [test = ''] }) => dialect.lies(column, raw, JSON.parse(test)),
}

/** The one table of operators: parsers, rules and compilers all read it. */
export const operators = {
  eq: { takes: 'one', types: equal, compile: (operand) => isEqual(operand, operand.values[0] ?? '') },
  neq: {
    takes: 'one',
    types: equal,
    compile: (operand) => sql`${operand.value} <> ${comparand(operand, operand.values[0] ?? '')}`,
  },
  gt: compare('>'),
  gte: compare('>='),
  lt: compare('<'),
  lte: compare('<='),
  between: {
    takes: 'two',
    types: ordered,
    compile: (operand) => {
      const [low = '', high = ''] = operand.values
      return sql`(${operand.value} >= ${comparand(operand, low)} and ${operand.value} <= ${comparand(operand, high)})`
    },
  },
  in: { takes: 'some', types: equal, compile: oneOf },
  nin: { takes: 'some', types: equal, compile: (operand) => sql`not (${oneOf(operand)})` },
  null: {
    takes: 'flag',
    types: any,
    compile: ({ raw, values: [flag] }) => (flag === 'true' ? sql`${raw} is null` : sql`${raw} is not null`),
  },
  contains: { takes: 'text', types: text, compile: contains },
  icontains: {
    takes: 'text',
    types: text,
    compile: icontains,
  },
  starts: { takes: 'text', types: text, compile: starts },
  ends: {
    takes: 'text',
    types: text,
    compile: ({ dialect, value, values: [end = ''] }) => dialect.like(value, ['any', { text: end }]),
  },
  like: {
    takes: 'text',
    types: text,
    compile: ({ dialect, value, values: [pattern = ''] }) => dialect.like(value, patternParts(pattern)),
  },
  ilike: {
    takes: 'text',
    types: text,
    isOptIn: true,
    compile: ({ dialect, value, values: [pattern = ''] }) =>
      dialect.like(dialect.lower(value), patternParts(lowered(pattern))),
  },
  regex: {
    takes: 'text',
    types: text,
    isOptIn: true,
    compile: ({ dialect, value, values: [pattern = ''] }) => dialect.matches(value, parsePattern(pattern)),
  },
  search: {
    takes: 'words',
    types: text,
    compile: ({ values: words, ...operand }) =>
      sql`(${sql.join(
        (words.length > 0 ? words : ['']).map((word) => icontains({ ...operand, values: [word] })),
        sql` and `,
      )})`,
  },
  has_any: { takes: 'items', types: json, compile: hasItems(false) },
  has_all: { takes: 'items', types: json, compile: hasItems(true) },
  near: lies,
  within: lies,
  bbox: lies,
} as const satisfies Record<string, Operator>

export type OperatorName = keyof typeof operators

export const isOperator = (name: string): name is OperatorName => Object.hasOwn(operators, name)

const all: Readonly<Record<string, Operator>> = operators

/** Those that an administrator has to allow for a table. */
export const optionalOperators: ReadonlySet<string> = new Set(Object.keys(all).filter((name) => all[name]?.isOptIn))
