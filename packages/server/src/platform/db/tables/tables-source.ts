import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import type { Logger } from '../../log.ts'
import { type DatabaseHandle, openDatabase } from '../database.ts'
import type { DatabaseConfig } from '../database-url.ts'
import { readEpoch } from '../installation.ts'
import { listModuleTables } from '../module-tables.ts'
import { isOwnTable } from '../own-tables.ts'
import { type Bookkeeping, openBookkeeping } from './bookkeeping.ts'
import type { Catalogue } from './catalogue.ts'
import { selectTablesDialect } from './index.ts'
import type { TablesDialect } from './tables-dialect.ts'

export interface OpenTables {
  handle: DatabaseHandle
  dialect: TablesDialect
  /** Undefined where nothing of ours may be made. */
  books: Bookkeeping | undefined
}

/** The database whose tables are offered. Opened when it is first asked for: without it everything else still works. */
export class TablesSource {
  readonly #config: DatabaseConfig
  readonly #main: DatabaseHandle
  readonly #log: Logger
  readonly #isMain: boolean
  #opening: Promise<OpenTables> | undefined

  constructor(options: { config: DatabaseConfig; main: DatabaseHandle; mainConfig: DatabaseConfig; log: Logger }) {
    this.#config = asItCanBeOpened(options.config)
    this.#main = options.main
    this.#log = options.log
    this.#isMain = !isReadOnly(this.#config) && placeOf(options.config) === placeOf(options.mainConfig)
  }

  /** Throws as the driver does while it is out of reach; the next call tries again. */
  open(): Promise<OpenTables> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Every table but ours and those of modules. */
  async introspect(): Promise<Catalogue> {
    const { handle, dialect } = await this.open()
    const isShared = this.#isMain || (await this.#holdsOurs(handle))
    const ofModules = new Set(isShared ? (await listModuleTables(handle.db)).map(({ name }) => name) : [])
    return dialect.introspect(handle.db, (name) => isShared && (isOwnTable(name) || ofModules.has(name.toLowerCase())))
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined)
    if (opened && opened.handle !== this.#main) await opened.handle.close()
  }

  async #open(): Promise<OpenTables> {
    const dialect = selectTablesDialect(this.#config)
    // Two connections to one SQLite file would wait for each other on one thread.
    const handle = this.#isMain
      ? this.#main
      : await openDatabase(this.#config, { log: this.#log, allowUnsafeDurability: true, meter: this.#main.meter })
    try {
      return { handle, dialect, books: await openBookkeeping(handle, dialect, this.#log) }
    } catch (error) {
      if (!this.#isMain) await handle.close()
      throw error
    }
  }

  /** The same database can be named in several ways: an installation has a word of its own to know it by. */
  async #holdsOurs(handle: DatabaseHandle): Promise<boolean> {
    const there = await sql<{ value: string }>`select value from installation where name = 'epoch'`
      .execute(handle.db)
      .catch(() => ({ rows: [] }))
    return there.rows[0]?.value === (await readEpoch(this.#main.db))
  }
}

const isReadOnly = (config: DatabaseConfig): boolean => config.kind === 'sqlite' && config.readOnly === true

/** A file that this process may not write is read as it is. */
function asItCanBeOpened(config: DatabaseConfig): DatabaseConfig {
  if (config.kind !== 'sqlite' || !existsSync(config.file)) return config
  return [config.file, dirname(config.file)].every(mayWrite) ? config : { ...config, readOnly: true }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function placeOf(config: DatabaseConfig): string {
  if (config.kind !== 'sqlite') return config.url
  return existsSync(config.file) ? realpathSync(config.file) : config.file
}
