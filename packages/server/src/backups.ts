import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Config } from './config/config.ts'
import { AuditService, type AuditType } from './modules/audit/index.ts'
import { type Manifest, type Progress, restoreBackup, rowsOf, writeBackup } from './modules/backups/index.ts'
import { listObjectKeys } from './modules/files/index.ts'
import { type DatabaseHandle, openDatabase } from './platform/db/database.ts'
import { migrationStatus } from './platform/db/migrate.ts'
import type { ModuleTables } from './platform/db/migration.ts'
import { moduleMigrationStatus } from './platform/db/module-tables.ts'
import { areTablesBesideOurs, ownTablesFile, renewRowHistory } from './platform/db/tables/own-file.ts'
import { newId } from './platform/ids.ts'
import { deriveKeys } from './platform/keys.ts'
import type { Logger } from './platform/log.ts'
import { openStorage } from './platform/storage/open-storage.ts'

export interface BackupTools {
  config: Config
  log: Logger
  version: string
  now: () => Date
  onProgress: Progress
  /** Modules that keep tables beside ours. */
  modules?: readonly ModuleTables[]
}

async function withDatabase<T>(
  { config, log, now, modules = [] }: BackupTools,
  serverLock: boolean,
  work: (database: DatabaseHandle) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(config.database, { log, now, serverLock, modules })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

async function record(database: DatabaseHandle, type: AuditType, file: string, manifest: Manifest, tools: BackupTools) {
  const { created_at, version, objects } = manifest
  const detail = { file: basename(file), of: created_at, version, rows: rowsOf(manifest), objects }
  const audit = new AuditService(tools)
  await database.unitOfWork(({ tx }) => audit.record(tx, { type, resource: { type: 'backup', id: null }, detail }))
}

/** Beside a running server. */
export const backUp = (file: string, tools: BackupTools): Promise<Manifest> =>
  withDatabase(tools, false, async (database) => {
    const { config, version, now, onProgress } = tools
    const tablesFile = ownTablesFile(config)
    const manifest = await writeBackup(file, {
      ...{ database, version, now, onProgress, listKeys: listObjectKeys },
      storage: openStorage(config.files.storage, config.secrets.s3),
      keys: deriveKeys(config.secrets.key, config.secrets.oldKeys).backupMark,
      tablesFile: tablesFile !== undefined && existsSync(tablesFile) ? tablesFile : undefined,
      hasTablesElsewhere: tablesFile === undefined && !areTablesBesideOurs(config),
      migrations: async () =>
        [...(await migrationStatus(database)), ...(await moduleMigrationStatus(database))].flatMap(
          ({ name, applied_at }) => (applied_at === null ? [] : [name]),
        ),
    })
    await record(database, 'backup_created', file, manifest, tools)
    return manifest
  })

/** While no server runs. */
export const restore = (file: string, tools: BackupTools, { withoutKey = false } = {}): Promise<Manifest> =>
  withDatabase(tools, true, async (database) => {
    const { config, log, onProgress } = tools
    const manifest = await restoreBackup(file, {
      ...{ database, onProgress, withoutKey, tablesFile: ownTablesFile(config) },
      storage: openStorage(config.files.storage, config.secrets.s3),
      keys: deriveKeys(config.secrets.key, config.secrets.oldKeys).backupMark,
      onTablesFile: (tables) => renewRowHistory(tables, newId(), log),
    })
    await record(database, 'backup_restored', file, manifest, tools)
    return manifest
  })
