import { randomBytes } from 'node:crypto'
import type { Column, ColumnType } from '../../../platform/db/tables/catalogue.ts'
import type { TablesDialect } from '../../../platform/db/tables/tables-dialect.ts'

/** What a request brings to a statement that was written before it came. */
export interface Given {
  me: string
  now: Date
  /** Values of the tests in the address, in their order. */
  tests: readonly string[]
  /** Values of the row a cursor stands at, or of the key that is looked for. */
  place: readonly string[]
  /** Values of a new row, by column. */
  row?: ReadonlyMap<string, string | null>
}

type Read = (given: Given) => string | null

/** Whether the statement is this one depends on the values: it is written anew for each request. */
export class Unplannable extends Error {}

/** What the test at this place compares with has to be known before the statement is written. */
export class NeedsValue extends Unplannable {
  readonly index: number

  constructor(index: number) {
    super()
    this.index = index
  }
}

/** In the place of a value that comes with each request. */
export class Later {
  readonly index: number

  constructor(index: number) {
    this.index = index
  }
}

/** Tests that put their one value into the statement and do nothing else with it. */
export const plainOperators: ReadonlySet<string> = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte'])

/**
 * Texts that stand for values nobody knows yet. A statement is written with them like with any others; where each of them
 * has come through as it was, and nowhere else, the statement is the same for all values.
 */
export class StandIns {
  /** Nobody can have sent it, nor written it into a rule. */
  readonly #word = `atrium:${randomBytes(12).toString('hex')}:`
  readonly #reads = new Map<string, Read>()
  readonly #needed = new Map<string, ColumnType>()
  readonly #dialect: TablesDialect

  constructor(dialect: TablesDialect) {
    this.#dialect = dialect
  }

  /**
   * Throws Unplannable for a column whose values the engine has to see. Of rules there are some that a statement does not
   * ask; what a request brings has to be in it.
   */
  of(column: Column, read: Read, isOfRule = false): string {
    if (!this.takes(column)) throw new Unplannable()
    const text = `${this.#word}${this.#reads.size}`
    this.#reads.set(text, read)
    if (!isOfRule) this.#needed.set(text, column.type)
    return text
  }

  takes(column: Column): boolean {
    return this.#dialect.takesAnyText.has(column.type) && column.values === undefined
  }

  /** The type of what a request brings in the place of this parameter; undefined for what is of a rule. */
  typeOf(parameter: unknown): ColumnType | undefined {
    return this.#needed.get(parameter as string)
  }

  /** What fills the parameters of the statement. Throws Unplannable where it is not the same for all values. */
  binder(text: string, parameters: readonly unknown[]): (given: Given) => unknown[] {
    if (text.includes(this.#word)) throw new Unplannable()
    const missing = new Set(this.#needed.keys())
    const reads = parameters.map((parameter) => {
      const read = typeof parameter === 'string' ? this.#reads.get(parameter) : undefined
      if (!read && typeof parameter === 'string' && parameter.includes(this.#word)) throw new Unplannable()
      missing.delete(parameter as string)
      return read ?? (() => parameter)
    })
    if (missing.size > 0) throw new Unplannable()
    return (given) => reads.map((read) => read(given))
  }
}
