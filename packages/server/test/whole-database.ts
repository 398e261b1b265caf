import { sql } from 'kysely'
import type { DatabaseHandle } from '../src/platform/db/database.ts'
import { testEngine } from './databases.ts'

const lists = {
  sqlite: sql<{ name: string }>`select name from sqlite_schema where type = 'table'`,
  postgres: sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = current_schema() and table_type = 'BASE TABLE'`,
  mariadb: sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = database() and table_type = 'BASE TABLE'`,
}

/** Every table there is, whoever made it: those of indexes too. */
export async function listTables({ db }: DatabaseHandle): Promise<string[]> {
  const { rows } = await lists[testEngine].execute(db)
  return rows.map(({ name }) => name)
}
