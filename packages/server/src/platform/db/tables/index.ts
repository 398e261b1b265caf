import type { DatabaseConfig } from '../database-url.ts'
import { mariadbTables } from './mariadb-tables.ts'
import { postgresTables } from './postgres-tables.ts'
import { sqliteTables } from './sqlite-tables.ts'
import type { TablesDialect } from './tables-dialect.ts'

export function selectTablesDialect({ kind }: Pick<DatabaseConfig, 'kind'>): TablesDialect {
  switch (kind) {
    case 'sqlite':
      return sqliteTables()
    case 'postgres':
      return postgresTables()
    case 'mariadb':
      return mariadbTables()
  }
}
