import { sql } from 'kysely'
import { retypeInPostgres } from './postgres-retyping.ts'
import { columnOf, literal } from './postgres-tables.ts'
import type { TableChanges } from './tables-dialect.ts'

export const postgresChanges: TableChanges = {
  addColumn: async (db, table, column) => {
    await sql`alter table ${sql.id(table)} add column ${columnOf(column)}`.execute(db)
  },
  renameColumn: async (db, table, from, to) => {
    await sql`alter table ${sql.id(table)} rename column ${sql.id(from)} to ${sql.id(to)}`.execute(db)
  },
  dropColumn: async (db, table, column) => {
    await sql`alter table ${sql.id(table)} drop column ${sql.id(column)}`.execute(db)
  },
  setNullable: async (db, table, column, nullable) => {
    const change = nullable ? sql`drop not null` : sql`set not null`
    await sql`alter table ${sql.id(table)} alter column ${sql.id(column)} ${change}`.execute(db)
  },
  setDefault: async (db, table, { name, type }, value) => {
    const change = value === null || type === 'other' ? sql`drop default` : sql`set default ${literal({ type }, value)}`
    await sql`alter table ${sql.id(table)} alter column ${sql.id(name)} ${change}`.execute(db)
  },
  retype: retypeInPostgres,
  renameTable: async (db, from, to) => {
    await sql`alter table ${sql.id(from)} rename to ${sql.id(to)}`.execute(db)
    // Else the next table of this kind would meet its key's name.
    const { rows } = await sql<{ name: string }>`
      select conname as name from pg_constraint where conrelid = ${to}::text::regclass and contype = 'p'`.execute(db)
    for (const { name } of rows) {
      const key = sql.id(`${to.slice(0, 50)}_pkey`)
      await sql`alter table ${sql.id(to)} rename constraint ${sql.id(name)} to ${key}`.execute(db)
    }
  },
  dropTable: async (db, table) => {
    await sql`drop table if exists ${sql.id(table)}`.execute(db)
  },
  countOn: async (db, table, column) => {
    const sequence = sql`pg_get_serial_sequence(${JSON.stringify(table)}, ${column})`
    const largest = sql`(select coalesce(max(${sql.id(column)}), 0) from ${sql.id(table)})`
    await sql`select setval(${sequence}, greatest(${largest}, 1), ${largest} > 0)`.execute(db)
  },
  listTables: async (db, prefix) => {
    const { rows } = await sql<{ name: string }>`
      select tablename as name from pg_tables
      where schemaname = current_schema() and left(tablename, ${prefix.length}) = ${prefix}`.execute(db)
    return rows.map(({ name }) => name)
  },
}
