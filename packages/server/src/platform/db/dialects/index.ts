import type { DatabaseConfig } from '../database-url.ts'
import type { Dialect } from './dialect.ts'

/** With the driver of that engine, and no other one's. */
export async function selectDialect(config: DatabaseConfig): Promise<Dialect> {
  switch (config.kind) {
    case 'sqlite':
      return (await import('./sqlite.ts')).sqliteDialect(config.file, config.readOnly)
    case 'postgres':
      return (await import('./postgres.ts')).postgresDialect(config.url)
    case 'mariadb':
      return (await import('./mariadb.ts')).mariadbDialect(config.url)
  }
}
