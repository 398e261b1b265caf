import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import type { Question } from './at-once.ts'
import type { Dialect } from './dialects/dialect.ts'
import type { Db } from './schema.ts'

type Value = string | number | null
type Row = Readonly<Record<string, Value>>
/** A list of values is a set, for `in`; of rows each has its place, as in `values`. */
type Values = Readonly<Record<string, Value | readonly Value[] | readonly Row[]>>

/** Stands for a value in a query that is written before there is one. */
class Placeholder {
  readonly #path: readonly (string | number)[]

  constructor(...path: (string | number)[]) {
    this.#path = path
  }

  in(values: Values): unknown {
    let value: unknown = values
    for (const step of this.#path) value = (value as Record<string | number, unknown>)[step]
    return value
  }
}

/**
 * What was written for one way to a database. An adapter is one handle's: another one may be another engine. A plugin may
 * write other names for the same tables, as that of the bookkeeping does.
 */
class Texts<Text> {
  readonly #below = new WeakMap<object, Texts<Text>>()
  readonly #byShape = new Map<string, Text>()

  of(db: Db): Map<string, Text> {
    const { adapter, plugins } = db.getExecutor()
    let place: Texts<Text> = this
    for (const each of [adapter, ...plugins]) {
      const below: Texts<Text> = place.#below.get(each) ?? new Texts()
      place.#below.set(each, below)
      place = below
    }
    return place.#byShape
  }
}

/**
 * So long are the lists that a query is written for, and kept. A set between two of them is written with its last value
 * more than once. Rows of another number, and longer lists, are rare and cost more than their writing.
 */
export const keptLengths = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64] as const

type List = readonly Value[] | readonly Row[]

const isList = (value: Value | List): value is List => Array.isArray(value)
const isRows = (list: List): list is readonly Row[] => typeof (list[0] ?? '') === 'object'

/** The same values with sets of a length that is kept; undefined where something is of another length. */
function evened<Input extends Values>(values: Input): { even: Input; shape: string } | undefined {
  let even: Values = values
  let shape = ''
  for (const name in values) {
    const list = values[name] as Value | List
    if (!isList(list)) continue
    const length = keptLengths.find((each) => each >= list.length)
    if (length === undefined || list.length === 0) return undefined
    if (length > list.length) {
      if (isRows(list)) return undefined
      even = { ...even, [name]: [...list, ...Array<Value>(length - list.length).fill(list.at(-1) as Value)] }
    }
    shape += `${length},`
  }
  return { even: even as Input, shape }
}

/**
 * A query of the hot paths: Kysely writes it once, and from then on it is the same text with other values. `build` may use
 * its values only as values: never to decide what the query is. `by` is what differs by engine, where anything
 * does.
 */
export interface Prepared<Input extends Values, Row, With> {
  (db: Db, values: Input, by: With): Promise<QueryResult<Row>>
  /** To be run together with others. */
  written(db: Db, values: Input, by: With): CompiledQuery<Row>
  /** The same, for its rows. */
  asked(db: Db, values: Input, by: With): Question<Row[]>
}

export function prepared<Input extends Values, Row, With = void>(
  build: (db: Db, values: Input, by: With) => Compilable<Row>,
): Prepared<Input, Row, With> {
  const known = new Texts<CompiledQuery<Row>>()
  const write = (db: Db, values: Input, by: With): CompiledQuery<Row> => {
    const lists = evened(values)
    if (!lists) return build(db, values, by).compile()
    const { even, shape } = lists
    const byShape = known.of(db)
    const text = byShape.get(shape) ?? build(db, placeholdersOf(even), by).compile()
    byShape.set(shape, text)
    const parameters = text.parameters.map((each) => (each instanceof Placeholder ? each.in(even) : each))
    return { ...text, parameters }
  }
  const run = async (db: Db, values: Input, by: With) => db.executeQuery(write(db, values, by))
  const asked = (db: Db, values: Input, by: With) => ({
    queries: [write(db, values, by)],
    read: ([result]: readonly QueryResult<unknown>[]) => (result?.rows ?? []) as Row[],
  })
  return Object.assign(run, { written: write, asked })
}

/** Rows to be inserted, by as many statements as the engine likes. */
export function rowsWritten<Row extends Readonly<Record<string, Value>>>(
  insert: Prepared<{ rows: readonly Row[] }, unknown, void>,
  db: Db,
  { insertsAlone }: Pick<Dialect, 'insertsAlone'>,
  rows: readonly Row[],
): CompiledQuery[] {
  return insertsAlone ? rows.map((row) => insert.written(db, { rows: [row] })) : [insert.written(db, { rows })]
}

function placeholdersOf<Input extends Values>(values: Input): Input {
  const entries = Object.entries(values).map(([name, value]) => {
    if (!isList(value)) return [name, new Placeholder(name)]
    if (!isRows(value)) return [name, value.map((_, index) => new Placeholder(name, index))]
    const rowOf = (row: Row, index: number) =>
      Object.fromEntries(Object.keys(row).map((column) => [column, new Placeholder(name, index, column)]))
    return [name, value.map(rowOf)]
  })
  return Object.fromEntries(entries) as Input
}
