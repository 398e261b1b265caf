import { existsSync } from 'node:fs'
import type { BackupTools } from './backups.ts'
import { AuditService } from './modules/audit/index.ts'
import { type DatabaseHandle, openDatabase } from './platform/db/database.ts'
import type { DatabaseConfig } from './platform/db/database-url.ts'
import { DatabaseRefusedError } from './platform/db/dialects/dialect.ts'
import { areTablesBesideOurs, ownTablesFile } from './platform/db/tables/own-file.ts'
import type { TableSum } from './platform/db/transfer/dump.ts'
import { moveRows } from './platform/db/transfer/move.ts'
import { listForeignTables } from './platform/db/transfer/table-list.ts'
import { newId } from './platform/ids.ts'

export interface Moved {
  tables: Record<string, TableSum>
  /** Tables that are not ours, and stayed in the old database. */
  left: string[]
  /** The file of tables that are not ours, which the new settings have to name. */
  tables_file: string | null
}

/** While no server runs on either database: all rows of Atrium, into `to`. */
export async function moveTo(to: DatabaseConfig, tools: BackupTools): Promise<Moved> {
  const { config, log, now, modules = [] } = tools
  const source = await openDatabase(config.database, { log, now, serverLock: true, modules })
  try {
    const target = await openDatabase(to, { log, now, serverLock: true, modules })
    try {
      const tables = await moveAll(source, target, tools)
      const file = ownTablesFile(config)
      return {
        tables,
        left: areTablesBesideOurs(config) ? await listForeignTables(source.db) : [],
        tables_file: file !== undefined && existsSync(file) ? file : null,
      }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

async function moveAll(source: DatabaseHandle, target: DatabaseHandle, tools: BackupTools): Promise<Moved['tables']> {
  try {
    const tables = await moveRows({ source, target, epoch: newId(), onProgress: tools.onProgress })
    const detail = { moved_rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0) }
    const resource = { type: 'database', id: null }
    const audit = new AuditService(tools)
    await target.unitOfWork(({ tx }) => audit.record(tx, { type: 'system_config_changed', resource, detail }))
    return tables
  } catch (error) {
    if (error instanceof DatabaseRefusedError || !(error instanceof Error)) throw error
    const words = `The move stopped: ${error.message} The old database is as it was, and the new one holds no rows. Put right what stopped it and move again.`
    throw new DatabaseRefusedError(words, { cause: error })
  }
}
