import type { Config } from '../../config/config.ts'
import { applyStored, isRuntimeName, type StoredSettings } from '../../config/runtime.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { Logger } from '../../platform/log.ts'
import { listSettings, type SettingRow } from './settings.repository.ts'

/** Those that this version lets be changed. */
export const storedOf = (rows: readonly SettingRow[]): StoredSettings =>
  Object.fromEntries(rows.flatMap(({ name, value }) => (isRuntimeName(name) ? [[name, value]] : [])))

/**
 * Before anything is built on the configuration. What no longer fits the environment is left out, so that nothing that is
 * stored keeps a server from starting.
 */
export async function loadStoredSettings(config: Config, db: Db, log: Logger): Promise<void> {
  const rows = await listSettings(db)
  if (rows.length === 0) return
  try {
    applyStored(config, storedOf(rows))
  } catch (error) {
    log.warn({ err: error }, 'the stored settings do not fit the others; the defaults are used instead')
  }
}
