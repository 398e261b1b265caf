import type { DatabaseConfig } from '../database-url.ts'
import { mariadbChanges } from './mariadb-changes.ts'
import { mariadbTables } from './mariadb-tables.ts'
import { postgresChanges } from './postgres-changes.ts'
import { postgresTables } from './postgres-tables.ts'
import { sqliteChanges } from './sqlite-changes.ts'
import { sqliteTables } from './sqlite-tables.ts'
import type { TablesDialect } from './tables-dialect.ts'

export function selectTablesDialect({ kind }: Pick<DatabaseConfig, 'kind'>): TablesDialect {
  switch (kind) {
    case 'sqlite':
      return { ...sqliteTables(), changes: sqliteChanges }
    case 'postgres':
      return { ...postgresTables(), changes: postgresChanges }
    case 'mariadb':
      return { ...mariadbTables(), changes: mariadbChanges }
  }
}
