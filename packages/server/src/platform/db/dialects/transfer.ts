import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../schema.ts'

/** What moving all rows from one database to another needs to know of an engine. */
export interface TransferDialect {
  /** Columns of the primary key of each table, in their order. */
  primaryKeys(db: Db): Promise<Map<string, string[]>>
}

interface KeyColumn {
  table_name: string
  column_name: string
}

async function grouped(db: Db, query: RawBuilder<KeyColumn>): Promise<Map<string, string[]>> {
  const keys = new Map<string, string[]>()
  for (const { table_name, column_name } of (await query.execute(db)).rows)
    keys.set(table_name, [...(keys.get(table_name) ?? []), column_name])
  return keys
}

export const sqliteTransfer: TransferDialect = {
  primaryKeys: (db) =>
    grouped(
      db,
      sql<KeyColumn>`select tables.name as table_name, columns.name as column_name
        from sqlite_schema as tables join pragma_table_info(tables.name) as columns
        where tables.type = 'table' and columns.pk > 0 order by tables.name, columns.pk`,
    ),
}

export const postgresTransfer: TransferDialect = {
  primaryKeys: (db) =>
    grouped(
      db,
      sql<KeyColumn>`select tables.relname as table_name, columns.attname as column_name
        from pg_index as keys
        join pg_class as tables on tables.oid = keys.indrelid
        cross join lateral unnest(keys.indkey) with ordinality as part(number, place)
        join pg_attribute as columns on columns.attrelid = tables.oid and columns.attnum = part.number
        where keys.indisprimary and tables.relnamespace = current_schema()::regnamespace
        order by tables.relname, part.place`,
    ),
}

export const mariadbTransfer: TransferDialect = {
  primaryKeys: (db) =>
    grouped(
      db,
      sql<KeyColumn>`select table_name as table_name, column_name as column_name from information_schema.key_column_usage
        where table_schema = database() and constraint_name = 'PRIMARY' order by table_name, ordinal_position`,
    ),
}
