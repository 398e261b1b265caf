import { CompiledQuery, sql } from 'kysely'
import { errorCode } from '../dialects/dialect.ts'
import type { Db } from '../schema.ts'
import { assembleCatalogue, type Column } from './catalogue.ts'
import { plainTypes } from './cells.ts'
import { sqliteItems } from './json-items.ts'
import { sqliteLies } from './point-tests.ts'
import { sqliteCell } from './sqlite-cells.ts'
import { introspectSqlite } from './sqlite-introspection.ts'
import { sqliteSteady } from './sqlite-steady.ts'
import {
  type NewColumn,
  needsExactText,
  type Sql,
  type TableFailure,
  type TablesDialect,
  updateFromValues,
} from './tables-dialect.ts'

/** Tells the statements apart whose patterns have a bound on their work. */
let uses = 0

/** A column of SQLite may hold any type: what is not as declared is shown as it is. */
const anyJson = (value: Sql) =>
  sql`case typeof(${value}) when 'blob' then json_quote(atrium_base64(${value})) when 'null' then null else json_quote(${value}) end`

const lastKey = CompiledQuery.raw('select cast(last_insert_rowid() as text) as last') as CompiledQuery<{ last: string }>

const instant = '%Y-%m-%dT%H:%M:%fZ'

function canonicalTime(column: Column, value: Sql): Sql {
  if (column.canonicalTime) return value
  switch (column.type) {
    case 'datetime':
      return sql`strftime(${sql.lit(instant)}, ${value})`
    case 'date':
      return sql`date(${value})`
    default:
      return value
  }
}

function text(column: Column, value: Sql): Sql {
  switch (column.type) {
    case 'boolean':
      return sql`case when ${value} is null then null when ${value} then 'true' else 'false' end`
    case 'decimal':
      return column.scale === undefined
        ? sql`cast(${value} as text)`
        : sql`case typeof(${value}) when 'null' then null when 'text' then ${value} else printf(${sql.lit(`%.${column.scale}f`)}, ${value}) end`
    case 'number':
      return sql`case when ${value} is null then null else json_quote(cast(${value} as real)) end`
    case 'date':
    case 'datetime':
    case 'time':
      return sql`coalesce(${canonicalTime(column, value)}, cast(${value} as text))`
    case 'binary':
      return sql`case when ${value} is null then null else lower(hex(${value})) end`
    default:
      return sql`cast(${value} as text)`
  }
}

function json(column: Column, value: Sql, exactAsText: boolean): Sql {
  switch (column.type) {
    case 'boolean':
      return text(column, value)
    case 'integer':
    case 'decimal': {
      const digits = text(column, value)
      const piece = exactAsText && needsExactText(column) ? sql`json_quote(${digits})` : digits
      return sql`case when typeof(${value}) in ('integer', 'real') then ${piece} else ${anyJson(value)} end`
    }
    case 'json':
      return sql`case when json_valid(${value}) then json(${value}) else ${anyJson(value)} end`
    case 'binary':
      return sql`case when ${value} is null then null else json_quote(atrium_base64(${value})) end`
    case 'date':
    case 'datetime':
    case 'time':
      return sql`case when ${value} is null then null else json_quote(${text(column, value)}) end`
    default:
      return anyJson(value)
  }
}

function valueFor(column: Column, value: string): Sql {
  switch (column.type) {
    case 'integer':
      return sql`cast(${value} as integer)`
    case 'decimal':
      return sql`cast(${value} as numeric)`
    case 'number':
      return sql`cast(${value} as real)`
    case 'boolean':
      return sql`cast(${value === 'true' ? '1' : '0'} as integer)`
    case 'binary':
      return sql`unhex(${value})`
    default:
      return sql`${value}`
  }
}

export function sqliteTables(readOnly = false): Omit<TablesDialect, 'changes'> {
  return {
    introspect: async (db, hidden) => assembleCatalogue(await introspectSqlite(db, readOnly), hidden),
    json,
    cell: (column, value) => sqliteCell(column, value, { json, text }),
    text,
    takesAnyText: plainTypes,
    comparable: (column, value) => {
      if (column.type === 'text' || column.type === 'uuid') return sql`${value} collate binary`
      return canonicalTime(column, value)
    },
    value: valueFor,
    indexable: () => undefined,
    lower: (value) => sql`atrium_lower(${value})`,
    contains: (value, part) => sql`instr(${value}, ${part}) > 0`,
    like: (value, pattern) => {
      const glob = pattern
        .map((part) => (part === 'any' ? '*' : part === 'one' ? '?' : part.text.replace(/[*?[]/g, '[$&]')))
        .join('')
      return sql`${value} glob ${glob}`
    },
    matches: (value, pattern) => sql`atrium_matches(${value}, ${JSON.stringify(pattern)}, ${uses++})`,
    items: (_, value) => sqliteItems(value),
    lies: (_, value, test) => sqliteLies(value, test),
    order: (value, { descending, nullable, nullsFirst }) => {
      const nulls = nullable ? (nullsFirst ? sql` nulls first` : sql` nulls last`) : sql``
      return sql`${value}${descending ? sql` desc` : sql` asc`}${nulls}`
    },
    // Like a value beside a column with statistics: SQLite looks at what stands bare.
    limit: (count) => sql`+${count}`,
    steady: sqliteSteady,
    inTime: sql`atrium_in_time()`,
    average: (value) => sql`sum(cast(${value} as real)) / count(${value})`,
    forUpdate: sql``,
    oneBound: {
      tightest: (bounds, isLow) => sql`${isLow ? sql`max` : sql`min`}(${sql.join(bounds)})`,
      // No index is asked for what is no bare column.
      aside: (value) => sql`+${value}`,
    },
    looksAtEachRow: false,
    defaultOf: (column) => (column.default === null ? sql`null` : sql`(${sql.raw(column.default)})`),
    beforeValues: sql``,
    decimalDigits,
    countedKeys: async (db, count) => {
      const { rows } = await db.executeQuery(lastKey)
      const last = BigInt(rows[0]?.last ?? 0)
      return Array.from({ length: count }, (_, index) => String(last - BigInt(count - 1 - index)))
    },
    updateRows: (table, key, set, rows) =>
      updateFromValues({ table, key, set }, rows, (column, text) =>
        text === null ? sql`null` : valueFor(column, text),
      ),
    countPast: undefined,
    classify,
    createTable,
  }
}

function classify(error: unknown): TableFailure | undefined {
  const code = errorCode(error)
  const message = error instanceof Error ? error.message : ''
  if (['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'].includes(code))
    return 'unique'
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return 'foreign_key'
  if (code === 'SQLITE_CONSTRAINT_NOTNULL') return 'not_null'
  if (code === 'SQLITE_CONSTRAINT_CHECK' || code === 'SQLITE_CONSTRAINT_TRIGGER') return 'check'
  if (code === 'SQLITE_CONSTRAINT_DATATYPE' || code === 'SQLITE_MISMATCH') return 'invalid'
  if (code === 'SQLITE_TOOBIG') return 'too_long'
  if (code.startsWith('SQLITE_READONLY')) return 'read_only'
  if (code === 'ATRIUM_TOO_COSTLY') return 'timeout'
  if (message.includes('integer overflow')) return 'out_of_range'
  if (/no such (table|column)|has no column/.test(message)) return 'changed'
  return undefined
}

/** Names that say the type again when they are read back, each with the affinity the values need. */
const typeNames: Record<NewColumn['type'], string> = {
  integer: 'BIGINT',
  decimal: 'DECIMAL',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'TEXT',
  uuid: 'UUID_TEXT',
  date: 'DATE_TEXT',
  time: 'TIME_TEXT',
  datetime: 'DATETIME_TEXT',
  json: 'JSON_TEXT',
  binary: 'BLOB',
}

export function typeOf({ type, length, precision = 15, scale = 2, autoIncrement }: NewColumn): string {
  if (autoIncrement) return 'INTEGER'
  if (type === 'decimal') return `DECIMAL(${Math.min(precision, decimalDigits)},${scale})`
  if (type === 'text' && length !== undefined) return `VARCHAR(${length})`
  return typeNames[type]
}

/** Kept as doubles. */
const decimalDigits = 15

/** As it is written in a statement. */
export function literal({ type }: Pick<NewColumn, 'type'>, value: string): string {
  if (type === 'boolean') return value === 'true' ? '1' : '0'
  if (type === 'integer' || type === 'decimal' || type === 'number') return value
  const quoted = `'${value.replaceAll("'", "''")}'`
  return type === 'binary' ? `x${quoted}` : quoted
}

async function createTable(db: Db, table: Parameters<TablesDialect['createTable']>[1]): Promise<void> {
  const parts = table.columns.map(columnOf)
  const isCounted = table.columns.some(({ autoIncrement }) => autoIncrement)
  const key = isCounted ? [] : [sql`primary key (${sql.join(table.key.map((name) => sql.id(name)))})`]
  await sql`create table ${sql.id(table.name)} (${sql.join([...parts, ...key])})`.execute(db)
}

/** As it stands in `create table` and `add column`. */
export function columnOf(column: NewColumn): Sql {
  const id = sql.id(column.name)
  const isCounted = column.autoIncrement ? sql` primary key autoincrement` : sql``
  const fallback = column.default === null ? sql`` : sql` default (${sql.raw(literal(column, column.default))})`
  return sql`${id} ${sql.raw(typeOf(column))}${column.nullable ? sql`` : sql` not null`}${fallback}${isCounted}${column.unique ? sql` unique` : sql``} ${sql.raw(ownCheck(column))}${reference(column)}`
}

/** What the types of the other engines would refuse by themselves. */
export function ownCheck({ name, type }: Pick<NewColumn, 'name' | 'type'>): string {
  const id = `"${name.replaceAll('"', '""')}"`
  if (type === 'boolean') return `check (${id} in (0, 1))`
  return type === 'json' ? `check (json_valid(${id}))` : ''
}

const reference = ({ references }: NewColumn): Sql =>
  references ? sql` references ${sql.id(references.table)} (${sql.id(references.column)})` : sql``
