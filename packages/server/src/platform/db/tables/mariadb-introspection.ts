import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import type { Column, Found } from './catalogue.ts'
import { integerRange } from './tables-dialect.ts'

interface ColumnRow {
  table: string
  name: string
  data_type: string
  column_type: string
  nullable: string
  default_text: string | null
  extra: string
  max_length: number | null
  digits: number | null
  scale: number | null
  fraction: number | null
  collation: string | null
}

export async function introspectMariadb(db: Db): Promise<Found> {
  const { rows: tables } = await sql<{ name: string; type: string; updatable: string | null }>`
    select t.table_name as name, t.table_type as type, v.is_updatable as updatable
    from information_schema.tables t left join information_schema.views v
      on v.table_schema = t.table_schema and v.table_name = t.table_name
    where t.table_schema = database() and t.table_type in ('BASE TABLE', 'VIEW') order by t.table_name`.execute(db)
  const { rows: columns } = await sql<ColumnRow>`
    select table_name as \`table\`, column_name as name, data_type, column_type, is_nullable as nullable,
      column_default as default_text, extra, character_maximum_length as max_length,
      numeric_precision as digits, numeric_scale as scale, datetime_precision as fraction,
      collation_name as collation
    from information_schema.columns where table_schema = database()
    order by table_name, ordinal_position`.execute(db)
  const { rows: keys } = await sql<{ table: string; name: string; column: string }>`
    select table_name as \`table\`, index_name as name, column_name as \`column\` from information_schema.statistics
    where table_schema = database() and non_unique = 0 and sub_part is null
    order by table_name, index_name, seq_in_index`.execute(db)
  const { rows: references } = await sql<{
    table: string
    name: string
    column: string
    target: string
    reference: string
  }>`
    select table_name as \`table\`, constraint_name as name, column_name as \`column\`, referenced_table_name as target,
      referenced_column_name as reference
    from information_schema.key_column_usage
    where table_schema = database() and referenced_table_schema = database()
    order by table_name, constraint_name, ordinal_position`.execute(db)
  const { rows: checks } = await sql<{ table: string; text: string }>`
    select table_name as \`table\`, check_clause as text from information_schema.check_constraints
    where constraint_schema = database() order by table_name, constraint_name`.execute(db)
  const may = await grants(db)

  const json = new Set(
    checks.flatMap(({ table, text }) => {
      const [, column] = /^json_valid\(`(.+)`\)$/.exec(text) ?? []
      return column === undefined ? [] : [`${table}\n${column.replaceAll('``', '`')}`]
    }),
  )
  const firstOf = <T>(rows: readonly T[]): T => rows[0] as T
  return {
    tables: tables.map(({ name, type, updatable }) => {
      const isOpen = type === 'BASE TABLE' || updatable === 'YES'
      return {
        name,
        kind: type === 'VIEW' ? 'view' : 'table',
        insert: isOpen && may(name, 'INSERT'),
        update: isOpen && may(name, 'UPDATE'),
        delete: isOpen && may(name, 'DELETE'),
      }
    }),
    columns: columns.map((row) => ({ table: row.table, ...toColumn(row, json.has(`${row.table}\n${row.name}`)) })),
    keys: [...Map.groupBy(keys, ({ table, name }) => `${table}\n${name}`).values()].map((rows) => ({
      table: firstOf(rows).table,
      columns: rows.map(({ column }) => column),
      primary: firstOf(rows).name === 'PRIMARY',
    })),
    foreignKeys: [...Map.groupBy(references, ({ table, name }) => `${table}\n${name}`).values()].map((rows) => ({
      table: firstOf(rows).table,
      key: {
        columns: rows.map(({ column }) => column),
        table: firstOf(rows).target,
        references: rows.map(({ reference }) => reference),
      },
    })),
    checks,
  }
}

/** What this user may do, as far as it is written for the server, the database or the table. */
async function grants(db: Db): Promise<(table: string, privilege: string) => boolean> {
  const { rows } = await sql<{ name: string | null; privilege: string }>`
    select null as name, privilege_type as privilege from information_schema.user_privileges
    union select null, privilege_type from information_schema.schema_privileges where database() like table_schema
    union select table_name, privilege_type from information_schema.table_privileges where table_schema = database()`.execute(
    db,
  )
  const { rows: states } = await sql<{ closed: number }>`select @@global.read_only as closed`.execute(db)
  const held = new Set(rows.map(({ name, privilege }) => `${name ?? ''}\n${privilege}`))
  const isClosed = states[0]?.closed === 1 && !held.has('\nSUPER') && !held.has('\nREAD_ONLY ADMIN')
  return (table, privilege) => !isClosed && (held.has(`\n${privilege}`) || held.has(`${table}\n${privilege}`))
}

function toColumn(row: ColumnRow, isJson: boolean): Column {
  const isGenerated = /GENERATED/.test(row.extra)
  return {
    name: row.name,
    nativeType: row.column_type,
    nullable: row.nullable === 'YES',
    default: isGenerated || row.default_text === 'NULL' ? null : row.default_text,
    autoIncrement: /auto_increment/.test(row.extra),
    generated: isGenerated,
    byBytes: row.collation === 'utf8mb4_nopad_bin',
    canonicalTime: true,
    ...(isJson ? { type: 'json' as const } : typeOf(row)),
  }
}

const bits: Record<string, number> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 }

function typeOf(row: ColumnRow): Pick<Column, 'type'> & Partial<Column> {
  const { data_type: type, column_type: full } = row
  const maxLength = row.max_length === null ? {} : { maxLength: row.max_length }
  if (full.startsWith('tinyint(1)')) return { type: 'boolean' }
  if (type in bits) return { type: 'integer', range: integerRange(bits[type] ?? 64, full.includes('unsigned')) }
  switch (type) {
    case 'decimal':
      return { type: 'decimal', precision: Number(row.digits), scale: Number(row.scale) }
    case 'float':
    case 'double':
      return { type: 'number' }
    case 'char':
    case 'varchar':
      return { type: 'text', ...maxLength }
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      return { type: 'text' }
    case 'enum':
      return {
        type: 'text',
        values: [...full.matchAll(/'((?:[^']|'')*)'/g)].map(([, label = '']) => label.replaceAll("''", "'")),
      }
    case 'uuid':
      return { type: 'uuid' }
    case 'date':
      return { type: 'date' }
    case 'time':
      return { type: 'time', fraction: row.fraction ?? 0 }
    case 'datetime':
    case 'timestamp':
      return { type: 'datetime', fraction: row.fraction ?? 0 }
    case 'json':
      return { type: 'json' }
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      return { type: 'binary' }
    default:
      return { type: 'other' }
  }
}
