import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import { assembleCatalogue, type Column } from './catalogue.ts'
import { mariadbItems } from './json-items.ts'
import { introspectMariadb } from './mariadb-introspection.ts'
import { mostMatched, written } from './pattern.ts'
import { mariadbLies } from './point-tests.ts'
import { type NewColumn, needsExactText, type Sql, type TableFailure, type TablesDialect } from './tables-dialect.ts'

const words = { start: '\\A', end: '\\z', any: '.', char: (point: number) => `\\x{${point.toString(16)}}` }

const unicode = (value: Sql) => sql`convert(${value} using utf8mb4)`

const instant = (value: Sql) => sql`concat(date_format(${value}, '%Y-%m-%dT%H:%i:%s.'),
  if(microsecond(${value}) % 1000 = 0, lpad(microsecond(${value}) div 1000, 3, '0'), lpad(microsecond(${value}), 6, '0')), 'Z')`

function text(column: Column, value: Sql): Sql {
  switch (column.type) {
    case 'boolean':
      return sql`case when ${value} is null then null when ${value} then 'true' else 'false' end`
    case 'datetime':
      return instant(value)
    case 'time':
      return sql`if(microsecond(${value}) = 0, time_format(${value}, '%H:%i:%s'), trim(trailing '0' from cast(${value} as char)))`
    case 'text':
    case 'json':
      return unicode(value)
    case 'binary':
      return sql`lower(hex(${value}))`
    default:
      return sql`cast(${value} as char)`
  }
}

function piece(column: Column, value: Sql, exactAsText: boolean): Sql {
  switch (column.type) {
    case 'integer':
    case 'decimal': {
      const digits = text(column, value)
      return exactAsText && needsExactText(column) ? sql`json_quote(${digits})` : digits
    }
    case 'number':
    case 'boolean':
    case 'json':
      return text(column, value)
    case 'binary':
      return sql`concat('"', replace(to_base64(${value}), char(10), ''), '"')`
    default:
      return sql`json_quote(${text(column, value)})`
  }
}

function valueFor(column: Column, value: string): Sql {
  switch (column.type) {
    case 'integer':
      return (column.range?.[0] ?? -1n) < 0n ? sql`cast(${value} as signed)` : sql`cast(${value} as unsigned)`
    case 'decimal':
      // With the digits it has: by those of the column, what is looked for would be rounded to something that is there.
      return sql`cast(${value} as ${sql.raw(`decimal(65, ${Math.min((value.split('.')[1] ?? '').length, 38)})`)})`
    case 'number':
      return sql`cast(${value} as double)`
    case 'boolean':
      return sql`cast(${value === 'true' ? '1' : '0'} as signed)`
    case 'date':
      return sql`cast(${value} as date)`
    case 'time':
      return sql`cast(${value} as time(6))`
    case 'datetime':
      return sql`cast(${value.replace('T', ' ').replace('Z', '')} as datetime(6))`
    case 'binary':
      return sql`unhex(${value})`
    default:
      return sql`${value}`
  }
}

export function mariadbTables(): Omit<TablesDialect, 'changes'> {
  return {
    introspect: async (db, hidden) => assembleCatalogue(await introspectMariadb(db), hidden),
    // One collation for all pieces: the server refuses to put texts of several into one.
    json: (column, value, exactAsText) => sql`${unicode(piece(column, value, exactAsText))} collate utf8mb4_nopad_bin`,
    text,
    cell: undefined,
    // Of the others it looks at the digits, or writes them in another form.
    takesAnyText: new Set(['integer', 'number', 'text', 'uuid', 'date', 'time']),
    comparable: (column, value) => {
      if (column.type === 'uuid') return sql`cast(${value} as char)`
      if (column.type !== 'text' || column.byBytes) return value
      return sql`${unicode(value)} collate utf8mb4_nopad_bin`
    },
    value: valueFor,
    indexable: (column, value, wanted) => {
      if (column.type === 'uuid') return sql`${value} = ${wanted}`
      return column.type === 'text' && !column.byBytes ? sql`${value} = ${wanted}` : undefined
    },
    // The letters of the bytewise collation are those of a Unicode of long ago.
    lower: (value) =>
      sql`replace(lower(${value} collate utf8mb4_uca1400_as_cs) collate utf8mb4_nopad_bin, 'ς', 'σ') collate utf8mb4_nopad_bin`,
    contains: (value, part) => sql`locate(${part}, ${value}) > 0`,
    like: (value, pattern) => {
      const form = pattern
        .map((part) => (part === 'any' ? '%' : part === 'one' ? '_' : part.text.replace(/[%_!]/g, '!$&')))
        .join('')
      return sql`${value} like ${form} escape '!'`
    },
    matches: (value, pattern) =>
      sql`case when char_length(${value}) <= ${sql.lit(mostMatched)} then ${value} regexp ${`(?s-imx)${written(pattern, words)}`} when ${value} is not null then 0 end`,
    items: (_, value) => mariadbItems(value),
    lies: (_, value, test) => mariadbLies(value, test),
    order: (value, { descending, nullable, nullsFirst }) => {
      const nulls = nullable ? (nullsFirst ? sql`${value} is not null, ` : sql`${value} is null, `) : sql``
      return sql`${nulls}${value}${descending ? sql` desc` : sql` asc`}`
    },
    average: (value) => sql`cast(sum(${value}) as double) / count(${value})`,
    forUpdate: sql` for update`,
    oneBound: undefined,
    limit: (count) => sql`${count}`,
    steady: undefined,
    inTime: undefined,
    looksAtEachRow: true,
    defaultOf: () => sql`default`,
    beforeValues: sql``,
    decimalDigits: 38,
    countedKeys: async (db, count) => {
      const { rows } = await sql<{ first: string; step: string }>`
        select cast(last_insert_id() as char) as first, cast(@@auto_increment_increment as char) as step`.execute(db)
      const first = BigInt(rows[0]?.first ?? 0)
      const step = BigInt(rows[0]?.step ?? 1)
      return Array.from({ length: count }, (_, index) => String(first + BigInt(index) * step))
    },
    updateRows: (table, key, set, rows) => {
      const columns = [...key, ...set]
      const lists = rows.map((row) => {
        const values = columns.map((column, index) => {
          const text = row[index] ?? null
          const value = index < key.length && text !== null ? valueFor(column, text) : asText(column, text)
          return sql`${value} as ${sql.id(`c${index}`)}`
        })
        return sql`select ${sql.join(values)}`
      })
      const given = (index: number) => sql.id('_atrium_rows', `c${index}`)
      const assigned = set.map(({ name }, index) => sql`${sql.id(table, name)} = ${given(key.length + index)}`)
      const same = key.map(({ name }, index) => sql`${sql.id(table, name)} = ${given(index)}`)
      return sql`update ${sql.id(table)} join (${sql.join(lists, sql` union all `)}) as ${sql.id('_atrium_rows')}
        on ${sql.join(same, sql` and `)} set ${sql.join(assigned)}`
    },
    countPast: undefined,
    classify,
    createTable,
  }
}

/** What the column itself turns into its value: a union would make one type of several, with fewer digits. */
function asText(column: Column, text: string | null): Sql {
  if (text === null) return sql`null`
  if (column.type === 'binary') return sql`unhex(${text})`
  if (column.type === 'boolean') return sql`${text === 'true' ? '1' : '0'}`
  return sql`${column.type === 'datetime' ? text.replace('T', ' ').replace('Z', '') : text}`
}

const failures: Record<number, TableFailure> = {
  1062: 'unique',
  1216: 'foreign_key',
  1217: 'foreign_key',
  1451: 'foreign_key',
  1452: 'foreign_key',
  1048: 'not_null',
  1364: 'not_null',
  4025: 'check',
  1644: 'check',
  1406: 'too_long',
  1264: 'out_of_range',
  1690: 'out_of_range',
  1265: 'invalid',
  1292: 'invalid',
  1366: 'invalid',
  1142: 'read_only',
  1143: 'read_only',
  1290: 'read_only',
  1792: 'read_only',
  1969: 'timeout',
  3024: 'timeout',
  1054: 'changed',
  1146: 'changed',
}

function classify(error: unknown): TableFailure | undefined {
  return error instanceof Error && 'errno' in error ? failures[Number(error.errno)] : undefined
}

export function typeOf({ type, length, precision = 15, scale = 2, references }: NewColumn): Sql {
  switch (type) {
    case 'integer':
      // A reference has to be of the very type it points to.
      return references ? sql.raw(references.nativeType) : sql`bigint`
    case 'decimal':
      return sql.raw(`decimal(${precision}, ${scale})`)
    case 'number':
      return sql`double`
    case 'text':
      return length === undefined ? sql`longtext` : sql.raw(`varchar(${length})`)
    case 'datetime':
      return sql`datetime(3)`
    case 'time':
      return sql`time(6)`
    case 'binary':
      return sql`longblob`
    default:
      return sql.raw(type)
  }
}

export function literal({ type }: Pick<NewColumn, 'type'>, value: string): Sql {
  switch (type) {
    case 'boolean':
      return sql.lit(value === 'true' ? 1 : 0)
    case 'binary':
      return sql`x${sql.lit(value)}`
    case 'datetime':
      return sql.lit(value.replace('T', ' ').replace('Z', ''))
    default:
      return sql.lit(value)
  }
}

/** As it stands in `create table` and `add column`. */
export function columnOf(column: NewColumn): Sql {
  const fallback = column.default === null ? sql`` : sql` default (${literal(column, column.default)})`
  const counted = column.autoIncrement ? sql` auto_increment` : sql``
  return sql`${sql.id(column.name)} ${typeOf(column)}${column.nullable ? sql` null` : sql` not null`}${fallback}${counted}${column.unique ? sql` unique` : sql``}`
}

/** A reference beside its column would be read and forgotten. */
export const foreignKeyOf = ({ name, references }: NewColumn): Sql[] =>
  references
    ? [sql`foreign key (${sql.id(name)}) references ${sql.id(references.table)} (${sql.id(references.column)})`]
    : []

async function createTable(db: Db, table: Parameters<TablesDialect['createTable']>[1]): Promise<void> {
  const parts = table.columns.map(columnOf)
  const references = table.columns.flatMap(foreignKeyOf)
  const key = sql`primary key (${sql.join(table.key.map((name) => sql.id(name)))})`
  await sql`create table ${sql.id(table.name)} (${sql.join([...parts, ...references, key])})
    engine = InnoDB default character set utf8mb4 collate utf8mb4_nopad_bin`.execute(db)
}
