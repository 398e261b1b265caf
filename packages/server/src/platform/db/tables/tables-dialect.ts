import { type RawBuilder, sql } from 'kysely'
import type { PlaceTest } from '../../geo/place-test.ts'
import type { Db } from '../schema.ts'
import type { Catalogue, Column, ColumnType } from './catalogue.ts'
import type { ReadCell } from './cells.ts'
import type { SafePattern } from './pattern.ts'

export type Sql = RawBuilder<unknown>

/** A pattern of LIKE, taken apart: text as it stands, or a place for any characters or one. */
export type PatternPart = { text: string } | 'any' | 'one'

export type JsonScalar = string | number | boolean

/** The items of an array in a JSON column, one row each; none of what is no array. */
export interface JsonItems {
  from: Sql
  /** An item is one of these texts, numbers as doubles, or truth values, and of no other type. */
  among(scalars: readonly JsonScalar[]): Sql
  /** Of those: the same for what is the same, and for nothing else. */
  key: Sql
}

/** Why a column cannot be one of another type here, in words for an administrator. */
export class RetypingRefused extends Error {
  override readonly name = 'RetypingRefused'
}

/** What went wrong with a statement on a table of others, in our words. */
export type TableFailure =
  | 'unique'
  | 'foreign_key'
  | 'not_null'
  | 'check'
  | 'too_long'
  | 'out_of_range'
  | 'invalid'
  | 'read_only'
  | 'timeout'
  | 'changed'

/** A column of a table that is to be made. */
export interface NewColumn {
  name: string
  type: Exclude<ColumnType, 'other'>
  length?: number | undefined
  precision?: number | undefined
  scale?: number | undefined
  nullable: boolean
  /** Canonical text of the value. */
  default: string | null
  unique: boolean
  autoIncrement: boolean
  /** `nativeType`: of the column it points to. */
  references?: { table: string; column: string; nativeType: string } | undefined
}

/**
 * What the engines do differently with tables nobody of us has designed. Values travel as text in one canonical form
 * per type; the database turns them into its own and back, so no driver rounds them on the way.
 */
export interface TablesDialect {
  introspect(db: Db, hidden: (name: string) => boolean): Promise<Catalogue>
  /** The value as a piece of JSON, or null. `exactAsText`: numbers a double may not hold become strings. */
  json(column: Column, value: Sql, exactAsText: boolean): Sql
  /** The same where it is made here; undefined on an engine that does it best itself. */
  cell: ReadCell | undefined
  /** The value in its canonical text, or null. */
  text(column: Column, value: Sql): Sql
  /** The value in a form that compares and sorts alike on every engine: text by code points, time as time. */
  comparable(column: Column, value: Sql): Sql
  /** A canonical text as a value of the column. */
  value(column: Column, text: string): Sql
  /** `value` and `indexable` put a text of these types into the statement without a look at it. */
  takesAnyText: ReadonlySet<ColumnType>
  /** For equality, beside the exact comparison: one an index on the column can serve; undefined where that is the same. */
  indexable(column: Column, value: Sql, text: string): Sql | undefined
  /** As `lowered` does it, as far as the engine knows the letters. */
  lower(text: Sql): Sql
  contains(text: Sql, part: string): Sql
  like(text: Sql, pattern: readonly PatternPart[]): Sql
  /** Whether the pattern is found in the text; not in one of more than 1,000 characters. */
  matches(text: Sql, pattern: SafePattern): Sql
  /** The items of the array in a JSON column, to be asked one by one. */
  items(column: Column, value: Sql): JsonItems
  /** A JSON column holds a GeoJSON Point that lies so. Never null. */
  lies(column: Column, value: Sql, test: PlaceTest): Sql
  /** One term of an order; nulls come last, or first where the order is read backwards. */
  order(value: Sql, options: { descending: boolean; nullable: boolean; nullsFirst: boolean }): Sql
  /** Of an engine that takes only one bound on a side of a column into an index; undefined where it takes the tightest. */
  oneBound: { tightest(bounds: readonly Sql[], isLow: boolean): Sql; aside(value: Sql): Sql } | undefined
  /** At most so many rows, without the engine choosing its way anew for each number. */
  limit(count: number): Sql
  /** Of an engine that may choose its way anew each time a statement is asked; undefined where it keeps to one by itself. */
  steady: SteadyStatements | undefined
  /** True; ends a statement that takes too long on an engine without a limit of its own. Asked for each row. */
  inTime: Sql | undefined
  /** The average as a double. */
  average(value: Sql): Sql
  /** At the end of a select whose rows are about to be written. */
  forUpdate: Sql
  /** Foreign keys are checked after each row of a statement, and not after all of them. */
  looksAtEachRow: boolean
  /** In an update, the column's default. */
  defaultOf(column: Column): Sql
  /** Between the columns and the values of an insert. */
  beforeValues: Sql
  /** Most digits of a decimal that are kept exactly. */
  decimalDigits: number
  /** Changes many rows by one statement. Its values are canonical texts, the first ones of a row those of its key. */
  updateRows(table: string, key: readonly Column[], set: readonly Column[], rows: readonly (string | null)[][]): Sql
  /** Keys of the rows the last insert of this connection has counted up, in their order. */
  countedKeys(db: Db, count: number): Promise<string[]>
  /** Before an insert that brings numbers of its own; undefined where counting goes on behind the largest by itself. */
  countPast: ((db: Db, table: string, column: string, largest: bigint) => Promise<void>) | undefined
  classify(error: unknown): TableFailure | undefined
  createTable(db: Db, table: { name: string; columns: readonly NewColumn[]; key: readonly string[] }): Promise<void>
  changes: TableChanges
}

/** Lets an engine keep to the way it has chosen, where no value could make another one better. */
export interface SteadyStatements {
  /** Types whose values it looks at. */
  seen: ReadonlySet<ColumnType>
  /** The same statement, whose parameters at these places it does not look at. */
  blind(text: string, isHidden: readonly boolean[]): string
  /** What tells the way of a statement. */
  explain(text: string): string
  /**
   * Whether it reads, in the wanted order, only rows that pass all these tests, from the place on. Then the values change
   * nothing. Else, a rare one may be found in an index where a frequent one is best met on the way.
   */
  isSure(steps: readonly unknown[], tests: { equal: readonly string[]; behind: string | undefined }): boolean
}

/** A column that becomes one of another type. */
export interface Retyping {
  table: string
  key: readonly Column[]
  from: Column
  next: NewColumn
  /** Fills the engine's table of new values in the transaction in which nobody else changes the table; answers with how many. */
  fill(db: Db): Promise<number>
}

/** Changes of tables that are there. The database refuses what others of its parts rely on. */
export interface TableChanges {
  addColumn(db: Db, table: string, column: NewColumn): Promise<void>
  renameColumn(db: Db, table: string, from: string, to: string): Promise<void>
  dropColumn(db: Db, table: string, column: string): Promise<void>
  setNullable(db: Db, table: string, column: string, nullable: boolean): Promise<void>
  /** `value`: canonical text, or null for none. On SQLite the column becomes the last one. */
  setDefault(db: Db, table: string, column: Column, value: string | null): Promise<void>
  /**
   * Makes the column one of another type in its place, with what the other columns, indexes and conditions are. All of it
   * or nothing. `session`: without a transaction and without time limits. Throws RetypingRefused.
   */
  retype(session: Db, change: Retyping): Promise<void>
  renameTable(db: Db, from: string, to: string): Promise<void>
  dropTable(db: Db, table: string): Promise<void>
  /** After rows came with numbers of their own, counting goes on behind the largest. */
  countOn(db: Db, table: string, column: string): Promise<void>
  /** Names of tables, also hidden ones, that begin so. */
  listTables(db: Db, prefix: string): Promise<string[]>
}

/**
 * Without the difference of capitals, each letter by itself: what surrounds a sigma, or the language, would make one
 * text of it in a row and another one in what is looked for.
 */
export const lowered = (text: string): string => text.replaceAll('İ', 'i').toLowerCase().replaceAll('ς', 'σ')

/** The text of a JSON object from names and pieces of JSON. */
export function jsonObject(entries: readonly (readonly [name: string, piece: Sql])[]): Sql {
  if (entries.length === 0) return sql`'{}'`
  const pieces = entries.map(([name, piece], index) => {
    const before = `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`
    return sql`${sql.lit(before)} || coalesce(${piece}, 'null')`
  })
  return sql`(${sql.join(pieces, sql` || `)} || '}')`
}

/** For `updateRows`, on engines that update from a list of values: `first` makes those of the first row. */
export function updateFromValues(
  { table, key, set }: { table: string; key: readonly Column[]; set: readonly Column[] },
  rows: readonly (string | null)[][],
  value: (column: Column, text: string | null, isFirst: boolean) => Sql,
): Sql {
  const columns = [...key, ...set]
  const names = columns.map((_, index) => sql.id(`c${index}`))
  const lists = rows.map((row, at) => {
    return sql`(${sql.join(columns.map((column, index) => value(column, row[index] ?? null, at === 0)))})`
  })
  const given = (index: number) => sql.id('_atrium_rows', `c${index}`)
  const assigned = set.map(({ name }, index) => sql`${sql.id(name)} = ${given(key.length + index)}`)
  const same = key.map(({ name }, index) => sql`${sql.id(table, name)} = ${given(index)}`)
  return sql`with ${sql.id('_atrium_rows')} (${sql.join(names)}) as (values ${sql.join(lists)})
    update ${sql.id(table)} set ${sql.join(assigned)} from ${sql.id('_atrium_rows')} where ${sql.join(same, sql` and `)}`
}

/** Integers a double holds exactly. */
const safe = [BigInt(Number.MIN_SAFE_INTEGER), BigInt(Number.MAX_SAFE_INTEGER)] as const

/** Whether a JSON reader with doubles may round its values. */
export function needsExactText({ type, range }: Column): boolean {
  if (type === 'decimal') return true
  return type === 'integer' && (range === undefined || range[0] < safe[0] || range[1] > safe[1])
}

export const integerRange = (bits: number, unsigned = false): readonly [bigint, bigint] =>
  unsigned ? [0n, (1n << BigInt(bits)) - 1n] : [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n]
