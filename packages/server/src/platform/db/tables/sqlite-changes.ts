import { sql } from 'kysely'
import { retypeInSqlite } from './sqlite-retyping.ts'
import { columnOf, literal } from './sqlite-tables.ts'
import type { TableChanges } from './tables-dialect.ts'

export const sqliteChanges: TableChanges = {
  addColumn: async (db, table, column) => {
    await sql`alter table ${sql.id(table)} add column ${columnOf({ ...column, unique: false })}`.execute(db)
    if (!column.unique) return
    const index = sql.id(`${table}_${column.name}_key`)
    await sql`create unique index ${index} on ${sql.id(table)} (${sql.id(column.name)})`.execute(db)
  },
  renameColumn: async (db, table, from, to) => {
    await sql`alter table ${sql.id(table)} rename column ${sql.id(from)} to ${sql.id(to)}`.execute(db)
  },
  dropColumn: async (db, table, column) => {
    // The other engines drop an index with its column.
    const { rows } = await sql<{ name: string }>`
      select i.name from pragma_index_list(${table}) i
      where i.origin = 'c' and (select group_concat(c.name, char(0)) from pragma_index_info(i.name) c) = ${column}`.execute(
      db,
    )
    for (const { name } of rows) await sql`drop index ${sql.id(name)}`.execute(db)
    await sql`alter table ${sql.id(table)} drop column ${sql.id(column)}`.execute(db)
  },
  setNullable: async (db, table, column, nullable) => {
    const change = nullable ? sql`drop not null` : sql`set not null`
    await sql`alter table ${sql.id(table)} alter column ${sql.id(column)} ${change}`.execute(db)
  },
  // There is no statement for it: another column takes the place of this one.
  setDefault: async (db, table, column, value) => {
    const { name, nativeType, nullable, type } = column
    const on = sql.id(table)
    const own = sql.id(name)
    const next = sql.id(`atrium_next_${name}`)
    const check =
      type === 'boolean' ? sql` check (${next} in (0, 1))` : type === 'json' ? sql` check (json_valid(${next}))` : sql``
    const fallback = value === null || type === 'other' ? sql`` : sql` default (${sql.raw(literal({ type }, value))})`
    await sql`alter table ${on} add column ${next} ${sql.raw(nativeType)}${fallback}${check}`.execute(db)
    await sql`update ${on} set ${next} = ${own}`.execute(db)
    await sql`alter table ${on} drop column ${own}`.execute(db)
    await sql`alter table ${on} rename column ${next} to ${own}`.execute(db)
    if (!nullable) await sql`alter table ${on} alter column ${own} set not null`.execute(db)
  },
  retype: retypeInSqlite,
  renameTable: async (db, from, to) => {
    await sql`alter table ${sql.id(from)} rename to ${sql.id(to)}`.execute(db)
  },
  dropTable: async (db, table) => {
    await sql`drop table if exists ${sql.id(table)}`.execute(db)
  },
  countOn: async () => {},
  listTables: async (db, prefix) => {
    const { rows } = await sql<{ name: string }>`
      select name from sqlite_schema where type = 'table' and substr(name, 1, ${prefix.length}) = ${prefix}`.execute(db)
    return rows.map(({ name }) => name)
  },
}
