import type { Command } from 'commander'
import { type DatabaseHandle, openDatabase } from '../platform/db/database.ts'
import { migrate, migrationStatus } from '../platform/db/migrate.ts'
import { migrateModules, moduleMigrationStatus } from '../platform/db/module-tables.ts'
import type { BackupCommandTools } from './backup-commands.ts'

type MigrateCommandTools = Pick<BackupCommandTools, 'log' | 'modules' | 'readConfig' | 'report'>

export function addMigrateCommands(migrations: Command, tools: MigrateCommandTools): void {
  const { log, modules, readConfig, report } = tools

  const withDatabase = async <T>(work: (database: DatabaseHandle) => Promise<T>): Promise<T> => {
    const database = await openDatabase(readConfig().database, { log, modules: modules() })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }

  migrations
    .command('up')
    .description('apply what is missing')
    .action(async (_options, command: Command) => {
      const applied = await withDatabase(async (db) => [...(await migrate(db)), ...(await migrateModules(db))])
      report(command, { applied }, applied.length === 0 ? 'Nothing to do.' : `Applied: ${applied.join(', ')}`)
    })
  migrations
    .command('status')
    .description('what is applied and what is missing')
    .action(async (_options, command: Command) => {
      const status = await withDatabase(async (db) => [
        ...(await migrationStatus(db)),
        ...(await moduleMigrationStatus(db)),
      ])
      report(command, status, JSON.stringify(status, null, 2))
    })
}
