import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import type { Config } from '../config/config.ts'
import { isChainOurs, latestAudit } from '../modules/audit/index.ts'
import { countInstances } from '../modules/presence/index.ts'
import type { Clock } from '../platform/clock.ts'
import { type DatabaseHandle, openDatabase } from '../platform/db/database.ts'
import { DatabaseRefusedError, DatabaseUnavailableError } from '../platform/db/dialects/dialect.ts'
import { migrationStatus } from '../platform/db/migrate.ts'
import type { ModuleTables } from '../platform/db/migration.ts'
import { moduleMigrationStatus } from '../platform/db/module-tables.ts'
import { deriveKeys } from '../platform/keys.ts'
import type { Logger } from '../platform/log.ts'
import { type Check, type Finding, type FindingId, found } from './findings.ts'

const poolSize = 10
/** Of the pool, and one each for migrations and for news. */
const connectionsPerProcess = poolSize + 2
const tolerableMs = 5_000
const oldBackupDays = 8

export async function examineDatabase(
  config: Config,
  { log, now, modules }: { log: Logger; now: Clock; modules: readonly ModuleTables[] },
): Check {
  // Nothing was started here yet, and to look at it would make it.
  if ('file' in config.database && !existsSync(config.database.file)) return []
  let handle: DatabaseHandle
  try {
    handle = await openDatabase(config.database, { log, now, modules, serverLock: false })
  } catch (error) {
    return [refusal(error)]
  }
  try {
    const steps = [...(await migrationStatus(handle)), ...(await moduleMigrationStatus(handle))]
    const pending = steps.filter(({ applied_at }) => applied_at === null)
    const names = pending.map(({ name }) => name)
    return [
      ...(await oddities(handle, config.workers * connectionsPerProcess)),
      await judgeClock(handle, now),
      names.length > 0 ? found('migrations_pending', names.join(', ')) : undefined,
      ...(names.length > 0 ? [] : await judgeContent(handle, config, now)),
    ]
  } catch (error) {
    return [refusal(error)]
  } finally {
    await handle.close()
  }
}

const byReason = {
  version: 'database_version',
  durability: 'database_durability',
  newer: 'database_newer',
} as const satisfies Record<string, FindingId>

function refusal(error: unknown): Finding {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof DatabaseRefusedError)
    return found(error.reason ? byReason[error.reason] : 'database_refused', message)
  if (error instanceof DatabaseUnavailableError) return found('database_unreachable', message)
  if (['28P01', '28000', 'ER_ACCESS_DENIED_ERROR'].includes(code ?? ''))
    return found('database_credentials', 'The server answers, and does not let us in.')
  return found('database_refused', message || (code ?? 'no reason was given'))
}

async function oddities({ db, dialect }: DatabaseHandle, connections: number): Promise<Finding[]> {
  return (await dialect.oddities(db, connections)).map(({ kind, detail }) => found(`database_${kind}`, detail))
}

async function judgeClock({ db, dialect }: DatabaseHandle, now: Clock): Promise<Finding | undefined> {
  if (!dialect.hasOwnClock) return undefined
  const { rows } = await sql<{ now: number }>`select ${dialect.nowMs} as now`.execute(db)
  const apartMs = Math.abs(Number(rows[0]?.now) - now().getTime())
  return apartMs > tolerableMs ? found('database_clock', `They are ${Math.round(apartMs / 1000)} s apart.`) : undefined
}

async function judgeContent({ db, dialect }: DatabaseHandle, config: Config, now: Clock) {
  const { key, oldKeys, redis } = config.secrets
  const isOurs = key === '' || (await isChainOurs(db, deriveKeys(key, oldKeys).audit))
  const instances = redis ? 0 : await countInstances(db, dialect)
  return [
    isOurs ? undefined : found('secret_key_wrong', 'The end of the audit log is signed with another key.'),
    instances > 1 ? found('instances_without_redis', `${instances} servers are at work.`) : undefined,
    judgeBackup(await latestAudit(db, 'backup_created'), now()),
  ]
}

function judgeBackup(at: string | undefined, now: Date): Finding | undefined {
  if (at === undefined) return found('backup_never', 'The audit log knows of none.')
  const days = Math.floor((now.getTime() - Date.parse(at)) / 86_400_000)
  return days > oldBackupDays ? found('backup_old', `It was made ${days} days ago.`) : undefined
}
