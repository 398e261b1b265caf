import { sql } from 'kysely'
import type { Db } from '../schema.ts'
import type { Column, Found } from './catalogue.ts'
import { integerRange } from './tables-dialect.ts'

interface ColumnRow {
  table: string
  name: string
  type: string
  notnull: number
  dflt_value: string | null
  pk: number
  hidden: number
  sql: string | null
  without_rowid: number
}

export async function introspectSqlite(db: Db, readOnly: boolean): Promise<Found> {
  const { rows: tables } = await sql<{ name: string; type: 'table' | 'view'; sql: string | null }>`
    select l.name, l.type, s.sql from pragma_table_list l join sqlite_schema s on s.name = l.name and s.type = l.type
    where l.schema = 'main' and l.type in ('table', 'view') and l.name not like 'sqlite~_%' escape '~'
    order by l.name`.execute(db)
  const { rows: columns } = await sql<ColumnRow>`
    select l.name as "table", c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden, l.wr as without_rowid
    from pragma_table_list l join pragma_table_xinfo(l.name) c
    where l.schema = 'main' and l.type in ('table', 'view') and c.hidden <> 1 order by l.name, c.cid`.execute(db)
  const { rows: uniques } = await sql<{ table: string; index: string; name: string | null }>`
    select l.name as "table", i.name as "index", c.name
    from pragma_table_list l join pragma_index_list(l.name) i join pragma_index_info(i.name) c
    where l.schema = 'main' and l.type = 'table' and i."unique" = 1 and i.partial = 0 and i.origin <> 'pk'
    order by l.name, i.name, c.seqno`.execute(db)
  const { rows: references } = await sql<{
    table: string
    id: number
    target: string
    from: string
    to: string | null
  }>`
    select l.name as "table", f.id, f."table" as target, f."from", f."to"
    from pragma_table_list l join pragma_foreign_key_list(l.name) f
    where l.schema = 'main' and l.type = 'table' order by l.name, f.id, f.seq`.execute(db)

  const keys = [...Map.groupBy(columns, ({ table }) => table)].map(([table, own]) => ({
    table,
    columns: own
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map(({ name }) => name),
    primary: true,
  }))
  const keyOf = new Map(keys.map((key) => [key.table.toLowerCase(), key]))
  const nameOf = new Map(tables.map(({ name }) => [name.toLowerCase(), name]))
  return {
    tables: tables.map(({ name, type }) => {
      const isOpen = type === 'table' && !readOnly
      return { name, kind: type, insert: isOpen, update: isOpen, delete: isOpen }
    }),
    columns: columns.map((row) => ({
      table: row.table,
      ...toColumn(row, keyOf.get(row.table.toLowerCase())?.columns),
    })),
    keys: [
      ...keys.filter((key) => key.columns.length > 0),
      ...[...Map.groupBy(uniques, ({ table, index }) => `${table}\n${index}`).values()]
        // An index on an expression has no column's name.
        .filter((rows) => rows.every(({ name }) => name !== null))
        .map((rows) => ({ table: rows[0]?.table ?? '', columns: rows.map(({ name }) => name ?? ''), primary: false })),
    ],
    foreignKeys: [...Map.groupBy(references, ({ table, id }) => `${table}\n${id}`).values()].map((rows) => {
      const target = rows[0]?.target.toLowerCase() ?? ''
      const implied = keyOf.get(target)?.columns ?? []
      return {
        table: rows[0]?.table ?? '',
        key: {
          columns: rows.map(({ from }) => from),
          table: nameOf.get(target) ?? target,
          references: rows.map(({ to }, index) => to ?? implied[index] ?? ''),
        },
      }
    }),
    checks: tables.flatMap(({ name, sql: text }) =>
      checksIn(text ?? '').map((check) => ({ table: name, text: check })),
    ),
  }
}

function toColumn(row: ColumnRow, key: readonly string[] = []): Column {
  const isRowId = /^integer$/i.test(row.type) && key.length === 1 && key[0] === row.name && row.without_rowid === 0
  return {
    name: row.name,
    nativeType: row.type,
    nullable: row.notnull === 0 && !isRowId,
    default: row.dflt_value,
    autoIncrement: isRowId,
    generated: row.hidden === 2 || row.hidden === 3,
    byBytes: true,
    canonicalTime: /_TEXT$/i.test(row.type),
    ...typeOf(row.type),
  }
}

/** SQLite takes any name for a type; these are the ones in use, read as its own rules of affinity read them. */
function typeOf(declared: string): Pick<Column, 'type'> & Partial<Column> {
  const name = declared.toUpperCase()
  const [first, second] = [...name.matchAll(/\d+/g)].map(([digits]) => Number(digits))
  if (/^BOOL/.test(name) || name === 'TINYINT(1)') return { type: 'boolean' }
  if (/^(DATETIME|TIMESTAMP)/.test(name)) return { type: 'datetime', fraction: 3 }
  if (/^DATE/.test(name)) return { type: 'date' }
  if (/^TIME/.test(name)) return { type: 'time', fraction: 6 }
  if (/^UUID/.test(name)) return { type: 'uuid' }
  if (/^JSON/.test(name)) return { type: 'json' }
  if (name.includes('INT')) return { type: 'integer', range: integerRange(64) }
  if (/CHAR|CLOB|TEXT|STRING/.test(name)) return { type: 'text', ...(first ? { maxLength: first } : {}) }
  if (/BLOB|BINARY/.test(name)) return { type: 'binary' }
  if (/REAL|FLOA|DOUB/.test(name)) return { type: 'number' }
  if (/^(DECIMAL|NUMERIC|MONEY)/.test(name)) {
    // Kept as a double: what has more digits than it holds exactly is refused.
    const precision = Math.min(first ?? 15, 15)
    return { type: 'decimal', precision, ...(first === undefined ? {} : { scale: second ?? 0 }) }
  }
  return { type: 'other' }
}

/** The conditions of CHECK in a statement, by their brackets; text in quotes is passed over. */
function checksIn(statement: string): string[] {
  const checks: string[] = []
  const start = /\bcheck\s*\(/gi
  for (let match = start.exec(statement); match; match = start.exec(statement)) {
    let depth = 1
    let quote = ''
    let at = start.lastIndex
    for (; at < statement.length && depth > 0; at++) {
      const char = statement[at] ?? ''
      if (quote !== '') quote = char === quote ? '' : quote
      else if (char === "'" || char === '"' || char === '`') quote = char
      else if (char === '(') depth++
      else if (char === ')') depth--
    }
    checks.push(statement.slice(start.lastIndex, at - 1).trim())
    start.lastIndex = at
  }
  return checks
}
