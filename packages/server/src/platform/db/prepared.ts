import type { Compilable, CompiledQuery, QueryResult } from 'kysely'
import type { Db } from './schema.ts'

type Value = string | number | null
type Values = Readonly<Record<string, Value | readonly string[]>>

/** Stands for a value in a query that is written before there is one. */
class Placeholder {
  readonly #name: string
  readonly #index: number | undefined

  constructor(name: string, index?: number) {
    this.#name = name
    this.#index = index
  }

  in(values: Values): unknown {
    const value = values[this.#name]
    return this.#index === undefined ? value : (value as readonly string[])[this.#index]
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

/** Lists up to here are given a statement for each length; longer ones are rare, and cost more than their writing. */
const longestList = 8

/**
 * A query of the hot paths: Kysely writes it once, and from then on it is the same text with other values. `build` may use
 * its values only as values: never to decide what the query is. `by` is what differs by engine, where anything
 * does.
 */
export interface Prepared<Input extends Values, Row, With> {
  (db: Db, values: Input, by: With): Promise<QueryResult<Row>>
  /** To be run together with others. */
  written(db: Db, values: Input, by: With): CompiledQuery<Row>
}

export function prepared<Input extends Values, Row, With = void>(
  build: (db: Db, values: Input, by: With) => Compilable<Row>,
): Prepared<Input, Row, With> {
  const known = new Texts<CompiledQuery<Row>>()
  const write = (db: Db, values: Input, by: With): CompiledQuery<Row> => {
    const lists = Object.values(values).flatMap((value) => (Array.isArray(value) ? [value.length] : []))
    if (lists.some((length) => length > longestList)) return build(db, values, by).compile()
    const byShape = known.of(db)
    const shape = lists.join()
    const text = byShape.get(shape) ?? build(db, placeholdersOf(values), by).compile()
    byShape.set(shape, text)
    const parameters = text.parameters.map((each) => (each instanceof Placeholder ? each.in(values) : each))
    return { ...text, parameters }
  }
  const run = async (db: Db, values: Input, by: With) => db.executeQuery(write(db, values, by))
  return Object.assign(run, { written: write })
}

function placeholdersOf<Input extends Values>(values: Input): Input {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map((_, index) => new Placeholder(name, index)) : new Placeholder(name),
  ])
  return Object.fromEntries(entries) as Input
}
