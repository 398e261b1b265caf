import type { DatabaseConfig } from '../database-url.ts'
import type { Dialect } from './dialect.ts'
import { mariadbDialect } from './mariadb.ts'
import { postgresDialect } from './postgres.ts'
import { sqliteDialect } from './sqlite.ts'

export function selectDialect(config: DatabaseConfig): Dialect {
  switch (config.kind) {
    case 'sqlite':
      return sqliteDialect(config.file)
    case 'postgres':
      return postgresDialect(config.url)
    case 'mariadb':
      return mariadbDialect(config.url)
  }
}
