import type { DatabaseConfig } from '../database-url.ts'
import { mariadbChanges } from './mariadb-changes.ts'
import { mariadbTables } from './mariadb-tables.ts'
import { postgresChanges } from './postgres-changes.ts'
import { postgresTables } from './postgres-tables.ts'
import { sqliteChanges } from './sqlite-changes.ts'
import { sqliteTables } from './sqlite-tables.ts'
import type { TablesDialect } from './tables-dialect.ts'

export function selectTablesDialect(config: Pick<DatabaseConfig, 'kind'> & { readOnly?: true }): TablesDialect {
  switch (config.kind) {
    case 'sqlite':
      return { ...sqliteTables(config.readOnly), changes: sqliteChanges }
    case 'postgres':
      return { ...postgresTables(), changes: postgresChanges }
    case 'mariadb':
      return { ...mariadbTables(), changes: mariadbChanges }
  }
}
