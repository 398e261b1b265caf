import type { QueryResult } from 'kysely'
import pg from 'pg'
import type { Statement } from './session.ts'

interface NamedStatement extends Statement {
  name: string | undefined
}

/** What the driver keeps of a connection's prepared statements. */
interface Prepared {
  parsedStatements: Record<string, string>
  submittedNamedStatements: Record<string, string>
}

/** The driver's own, which its types do not tell of. */
interface ResultBuilder extends pg.QueryResult {
  addFields(fields: unknown): void
  parseRow(fields: unknown): unknown
  addRow(row: unknown): void
  addCommandComplete(message: unknown): void
}
const Result = pg.Result as unknown as new (mode: string | undefined, types: pg.CustomTypesConfig) => ResultBuilder

const toText = (value: unknown): string | null => (value === null ? null : String(value))

/**
 * Statements that are sent together, with one mark at their end: the server answers all of them at once, and runs none
 * after one that fails. The methods are those that the driver calls as messages come in.
 */
export class StatementGroup implements pg.Submittable {
  readonly results: Promise<pg.QueryResult[]>
  readonly #statements: readonly NamedStatement[]
  readonly #types: pg.CustomTypesConfig
  readonly #onAnswer: () => void
  readonly #outcome = Promise.withResolvers<pg.QueryResult[]>()
  readonly #answered: ResultBuilder[] = []
  #result: ResultBuilder
  #failure: Error | undefined

  constructor(statements: readonly NamedStatement[], types: pg.CustomTypesConfig, onAnswer: () => void) {
    this.#statements = statements
    this.#types = types
    this.#onAnswer = onAnswer
    this.results = this.#outcome.promise
    this.#result = new Result(undefined, types)
  }

  /** Of the statement that is being answered: when it is parsed, the driver writes down that its connection knows it. */
  get name(): string | undefined {
    return this.#statements[this.#answered.length]?.name
  }

  get text(): string | undefined {
    return this.#statements[this.#answered.length]?.sql
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    try {
      for (const statement of this.#statements) send(connection, statement)
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
  }

  handleRowDescription({ fields }: { fields: unknown }): void {
    this.#result.addFields(fields)
  }

  handleDataRow({ fields }: { fields: unknown }): void {
    if (this.#failure) return
    try {
      this.#result.addRow(this.#result.parseRow(fields))
    } catch (error) {
      this.#failure = error as Error
    }
  }

  handleCommandComplete(message: unknown): void {
    this.#result.addCommandComplete(message)
    this.#answered.push(this.#result)
    this.#result = new Result(undefined, this.#types)
    this.#onAnswer()
  }

  handleError(error: Error, connection: pg.Connection): void {
    // What comes after it was not read.
    const { submittedNamedStatements } = connection as unknown as Prepared
    for (const { name } of this.#statements.slice(this.#answered.length)) {
      if (name !== undefined) delete submittedNamedStatements[name]
    }
    this.#outcome.reject(this.#failure ?? error)
  }

  handleReadyForQuery(): void {
    if (this.#failure) this.#outcome.reject(this.#failure)
    else this.#outcome.resolve(this.#answered)
  }
}

function send(connection: pg.Connection, { sql: text, parameters, name, isSilent }: NamedStatement): void {
  const { parsedStatements, submittedNamedStatements } = connection as unknown as Prepared
  const isKnown = name !== undefined && (parsedStatements[name] ?? submittedNamedStatements[name]) !== undefined
  if (!isKnown) {
    connection.parse({ text, name: name ?? '', types: [] }, true)
    if (name !== undefined) submittedNamedStatements[name] = text
  }
  connection.bind({ portal: '', statement: name ?? '', values: parameters.map(toText) } as pg.BindConfig, true)
  if (!isSilent) connection.describe({ type: 'P', name: '' }, true)
  connection.execute(null, true)
}

export function toResult(text: string | undefined, { command, rowCount, rows }: pg.QueryResult): QueryResult<unknown> {
  if (text === 'commit' && command === 'ROLLBACK') throw new Error('The transaction had failed and was rolled back.')
  return isWrite.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows }
}

const isWrite = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])
