import { sql } from 'kysely'
import { errorCode } from '../dialects/dialect.ts'
import type { Db } from '../schema.ts'
import { assembleCatalogue, type Column } from './catalogue.ts'
import { plainTypes } from './cells.ts'
import { postgresItems } from './json-items.ts'
import { mostMatched, written } from './pattern.ts'
import { postgresLies } from './point-tests.ts'
import { postgresCell } from './postgres-cells.ts'
import { countPastInPostgres } from './postgres-counters.ts'
import { introspectPostgres } from './postgres-introspection.ts'
import {
  type NewColumn,
  needsExactText,
  type Sql,
  type TableFailure,
  type TablesDialect,
  updateFromValues,
} from './tables-dialect.ts'

const quoted = (value: Sql) => sql`to_json(${value})::text`

const hex = (point: number, digits: number) => point.toString(16).padStart(digits, '0')
const words = {
  start: '^',
  end: '$',
  any: '.',
  char: (point: number) => (point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`),
}

/** `without time zone` is read as UTC, which every session of ours is in. */
const instant = (value: Sql) =>
  sql`regexp_replace(to_char(${value}::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '000$', '') || 'Z'`

function text(column: Column, value: Sql): Sql {
  switch (column.type) {
    case 'datetime':
      return instant(value)
    case 'date':
      return sql`to_char(${value}, 'YYYY-MM-DD')`
    case 'time':
      return sql`regexp_replace(to_char(${value}, 'HH24:MI:SS.US'), '\\.?0+$', '')`
    case 'binary':
      return sql`encode(${value}, 'hex')`
    case 'other':
      // As the type writes itself: a cast may add to it, like the mask to an address.
      return sql`case when ${value} is not null then format('%s', ${value}) end`
    default:
      return sql`${value}::text`
  }
}

function cast(column: Column): string {
  switch (column.type) {
    case 'binary':
      return 'bytea'
    case 'integer':
      return 'bigint'
    case 'decimal':
      return 'numeric'
    case 'number':
      return 'double precision'
    case 'boolean':
      return 'boolean'
    case 'uuid':
      return 'uuid'
    case 'date':
      return 'date'
    case 'time':
      return 'time'
    case 'datetime':
      return column.nativeType.includes('without') ? 'timestamp' : 'timestamptz'
    case 'json':
      return column.nativeType === 'json' ? 'json' : 'jsonb'
    default:
      return 'text'
  }
}

function json(column: Column, value: Sql, exactAsText: boolean): Sql {
  switch (column.type) {
    case 'integer':
    case 'decimal':
      return exactAsText && needsExactText(column) ? quoted(sql`${value}::text`) : quoted(value)
    case 'number':
      return quoted(value)
    case 'boolean':
    case 'json':
      return sql`${value}::text`
    case 'binary':
      return quoted(sql`translate(encode(${value}, 'base64'), chr(10), '')`)
    default:
      return quoted(text(column, value))
  }
}

function valueFor(column: Column, value: string): Sql {
  if (column.type === 'binary') return sql`decode(${value}, 'hex')`
  // A label of an enum is no text: the database finds its type by the column.
  if (column.values) return sql`${sql.lit(value)}`
  return sql`cast(${value} as ${sql.raw(cast(column))})`
}

export function postgresTables(): Omit<TablesDialect, 'changes'> {
  return {
    introspect: async (db, hidden) => assembleCatalogue(await introspectPostgres(db), hidden),
    json,
    cell: (column, value) => postgresCell(column, value, { json, text }),
    text,
    takesAnyText: plainTypes,
    comparable: (column, value) => {
      if (column.type !== 'text' || column.byBytes) return value
      return sql`${value}::text collate "C"`
    },
    value: valueFor,
    indexable: (column, value, wanted) =>
      column.type === 'text' && !column.byBytes && !column.values ? sql`${value} = ${wanted}` : undefined,
    // The database's own rules may know ASCII only.
    lower: (value) => sql`replace(lower(replace(${value}, 'İ', 'i') collate "und-x-icu"), 'ς', 'σ') collate "C"`,
    contains: (value, part) => sql`strpos(${value}, ${part}) > 0`,
    like: (value, pattern) => {
      const form = pattern
        .map((part) => (part === 'any' ? '%' : part === 'one' ? '_' : part.text.replace(/[%_!]/g, '!$&')))
        .join('')
      return sql`${value} like ${form} escape '!'`
    },
    // Who asks first how long it is gives no long text to the pattern.
    matches: (value, pattern) =>
      sql`case when char_length(${value}) <= ${sql.lit(mostMatched)} then ${value} ~ ${written(pattern, words)} when ${value} is not null then false end`,
    items: postgresItems,
    lies: postgresLies,
    order: (value, { descending, nullable, nullsFirst }) => {
      const nulls = nullable ? (nullsFirst ? sql` nulls first` : sql` nulls last`) : sql``
      return sql`${value}${descending ? sql` desc` : sql` asc`}${nulls}`
    },
    // avg() keeps squares beside the sum, which large numbers overflow.
    average: (value) => sql`sum(${value})::double precision / count(${value})`,
    forUpdate: sql` for update`,
    oneBound: undefined,
    limit: (count) => sql`${count}`,
    steady: undefined,
    inTime: undefined,
    looksAtEachRow: false,
    defaultOf: () => sql`default`,
    // A column that is always counted takes what was counted before the insert, and nobody else's number reaches it.
    beforeValues: sql` overriding system value`,
    decimalDigits: 38,
    countedKeys: async () => [],
    updateRows: (table, key, set, rows) =>
      updateFromValues({ table, key, set }, rows, (column, text, isFirst) => {
        const value = text === null ? sql`null` : valueFor(column, text)
        // A list of values has types of its own, and no column gives them any.
        return isFirst ? sql`cast(${value} as ${sql.raw(column.values ? column.nativeType : cast(column))})` : value
      }),
    countPast: countPastInPostgres,
    classify,
    createTable,
  }
}

function classify(error: unknown): TableFailure | undefined {
  switch (errorCode(error)) {
    case '23505':
      return 'unique'
    case '23503':
      return 'foreign_key'
    case '23502':
      return 'not_null'
    case '23514':
      return 'check'
    case '22001':
      return 'too_long'
    case '22003':
      return 'out_of_range'
    case '42501':
    case '25006':
      return 'read_only'
    case '57014':
      return 'timeout'
    case '42P01':
    case '42703':
      return 'changed'
    default:
      return /^22/.test(errorCode(error)) ? 'invalid' : undefined
  }
}

export function typeOf({ type, length, precision = 15, scale = 2, autoIncrement }: NewColumn): Sql {
  switch (type) {
    case 'integer':
      return autoIncrement ? sql`bigint generated by default as identity` : sql`bigint`
    case 'decimal':
      return sql.raw(`numeric(${precision}, ${scale})`)
    case 'number':
      return sql`double precision`
    case 'text':
      return length === undefined ? sql`text collate "C"` : sql`${sql.raw(`varchar(${length})`)} collate "C"`
    case 'datetime':
      return sql`timestamptz(3)`
    case 'json':
      return sql`jsonb`
    case 'binary':
      return sql`bytea`
    default:
      return sql.raw(type)
  }
}

export const literal = ({ type }: Pick<NewColumn, 'type'>, value: string): Sql =>
  type === 'binary' ? sql`decode(${sql.lit(value)}, 'hex')` : sql.lit(value)

/** As it stands in `create table` and `add column`. */
export function columnOf(column: NewColumn): Sql {
  const { references, default: value } = column
  const fallback = value === null ? sql`` : sql` default ${literal(column, value)}`
  const reference = references ? sql` references ${sql.id(references.table)} (${sql.id(references.column)})` : sql``
  return sql`${sql.id(column.name)} ${typeOf(column)}${column.nullable ? sql`` : sql` not null`}${fallback}${column.unique ? sql` unique` : sql``}${reference}`
}

async function createTable(db: Db, table: Parameters<TablesDialect['createTable']>[1]): Promise<void> {
  const parts = table.columns.map(columnOf)
  const key = sql`primary key (${sql.join(table.key.map((name) => sql.id(name)))})`
  await sql`create table ${sql.id(table.name)} (${sql.join([...parts, key])})`.execute(db)
}
