import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import type { Column, Found } from './catalogue.ts'
import { integerRange } from './tables-dialect.ts'

interface ColumnRow {
  table: string
  name: string
  native_type: string
  base: string
  kind: string
  modifier: number
  required: boolean
  default_text: string | null
  counter: string | null
  identity: string
  generated: string
  collation: string | null
  labels: string | null
}

/** The schema the connection is in; what it may not read is not there. */
export async function introspectPostgres(db: Db): Promise<Found> {
  const { rows: tables } = await sql<{
    name: string
    relkind: string
    can_insert: boolean
    can_update: boolean
    can_delete: boolean
  }>`
    select c.relname as name, c.relkind::text as relkind, w.open and has_table_privilege(c.oid, 'INSERT')
        and (c.relkind in ('r', 'p') or pg_relation_is_updatable(c.oid, false) & 8 = 8) as can_insert,
      w.open and has_table_privilege(c.oid, 'UPDATE')
        and (c.relkind in ('r', 'p') or pg_relation_is_updatable(c.oid, false) & 4 = 4) as can_update,
      w.open and has_table_privilege(c.oid, 'DELETE')
        and (c.relkind in ('r', 'p') or pg_relation_is_updatable(c.oid, false) & 16 = 16) as can_delete
    from pg_class c, (select not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off' as open) w
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and has_table_privilege(c.oid, 'SELECT')
    order by c.relname`.execute(db)
  const { rows: columns } = await sql<ColumnRow>`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as native_type,
      case when a.attidentity <> '' then format('nextval(pg_get_serial_sequence(%L, %L))',
        quote_ident(current_schema()) || '.' || quote_ident(c.relname), a.attname) end as counter,
      b.typname as base, b.typtype::text as kind,
      case when t.typtype = 'd' then t.typtypmod else a.atttypmod end as modifier,
      a.attnotnull or t.typnotnull as required, pg_get_expr(d.adbin, d.adrelid) as default_text,
      a.attidentity::text as identity, a.attgenerated::text as generated, o.collname as collation,
      (select json_agg(e.enumlabel order by e.enumsortorder)::text from pg_enum e where e.enumtypid = b.oid) as labels
    from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid
      join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      left join pg_collation o on o.oid = a.attcollation
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and c.relkind in ('r', 'p', 'v', 'm', 'f') and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`.execute(db)
  const { rows: keys } = await sql<{ table: string; is_primary: boolean; columns: string }>`
    select c.relname as "table", i.indisprimary as is_primary,
      (select json_agg(a.attname order by k.n)::text from unnest(i.indkey::int[]) with ordinality k (attnum, n)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where k.n <= i.indnkeyatts) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
    order by c.relname, i.indexrelid`.execute(db)
  const { rows: constraints } = await sql<{
    table: string
    type: string
    target: string | null
    columns: string | null
    references: string | null
    text: string
  }>`
    select c.relname as "table", k.contype::text as type, f.relname as target, pg_get_constraintdef(k.oid) as text,
      (select json_agg(a.attname order by x.n)::text from unnest(k.conkey) with ordinality x (attnum, n)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = x.attnum) as columns,
      (select json_agg(a.attname order by x.n)::text from unnest(k.confkey) with ordinality x (attnum, n)
        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = x.attnum) as references
    from pg_constraint k join pg_class c on c.oid = k.conrelid
      left join pg_class f on f.oid = k.confrelid and f.relnamespace = c.relnamespace
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and k.contype in ('f', 'c') and k.conparentid = 0
    order by c.relname, k.conname`.execute(db)

  const list = (text: string | null) => JSON.parse(text ?? '[]') as string[]
  return {
    tables: tables.map(({ name, relkind, can_insert, can_update, can_delete }) => ({
      name,
      kind: relkind === 'v' || relkind === 'm' ? 'view' : 'table',
      insert: can_insert,
      update: can_update,
      delete: can_delete,
    })),
    columns: columns.map((row) => ({ table: row.table, ...toColumn(row) })),
    keys: keys.map(({ table, is_primary, columns }) => ({ table, columns: list(columns), primary: is_primary })),
    foreignKeys: constraints
      .filter(({ type, target }) => type === 'f' && target !== null)
      .map(({ table, target, columns, references }) => ({
        table,
        key: { columns: list(columns), table: target ?? '', references: list(references) },
      })),
    checks: constraints.filter(({ type }) => type === 'c').map(({ table, text }) => ({ table, text })),
  }
}

const bytewise = new Set(['C', 'POSIX', 'ucs_basic'])

function toColumn(row: ColumnRow): Column {
  return {
    name: row.name,
    nativeType: row.native_type,
    nullable: !row.required,
    default: row.generated === '' ? (row.counter ?? row.default_text) : null,
    autoIncrement: row.identity !== '' || /^nextval\(/.test(row.default_text ?? ''),
    generated: row.generated !== '' || row.identity === 'a',
    byBytes: row.collation !== null && bytewise.has(row.collation) && ['text', 'varchar'].includes(row.base),
    canonicalTime: true,
    ...typeOf(row),
  }
}

function typeOf({ base, kind, modifier, labels }: ColumnRow): Pick<Column, 'type'> & Partial<Column> {
  if (kind === 'e') return { type: 'text', values: JSON.parse(labels ?? '[]') as string[] }
  switch (base) {
    case 'int2':
      return { type: 'integer', range: integerRange(16) }
    case 'int4':
      return { type: 'integer', range: integerRange(32) }
    case 'int8':
      return { type: 'integer', range: integerRange(64) }
    case 'numeric':
      if (modifier < 4) return { type: 'decimal' }
      return { type: 'decimal', precision: ((modifier - 4) >> 16) & 0xffff, scale: (modifier - 4) & 0x7ff }
    case 'float4':
    case 'float8':
      return { type: 'number' }
    case 'bool':
      return { type: 'boolean' }
    case 'varchar':
    case 'bpchar':
      return { type: 'text', ...(modifier > 4 ? { maxLength: modifier - 4 } : {}) }
    case 'text':
      return { type: 'text' }
    case 'uuid':
      return { type: 'uuid' }
    case 'date':
      return { type: 'date' }
    case 'time':
      return { type: 'time', fraction: modifier < 0 ? 6 : modifier }
    case 'timestamp':
    case 'timestamptz':
      return { type: 'datetime', fraction: modifier < 0 ? 6 : modifier }
    case 'json':
    case 'jsonb':
      return { type: 'json' }
    case 'bytea':
      return { type: 'binary' }
    default:
      return { type: 'other' }
  }
}
