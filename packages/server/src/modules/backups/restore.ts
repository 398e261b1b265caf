import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { DatabaseRefusedError } from '../../platform/db/dialects/dialect.ts'
import { replaceEpoch } from '../../platform/db/installation.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { migrations } from '../../platform/db/migrations/index.ts'
import { assertModulesHere, migrateModules } from '../../platform/db/module-tables.ts'
import type { Db } from '../../platform/db/schema.ts'
import { sumTablesOf } from '../../platform/db/transfer/dump.ts'
import { assertUnused, TableLoader } from '../../platform/db/transfer/load.ts'
import { newId } from '../../platform/ids.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { isMarkedBy, type Manifest, type Progress } from './manifest.ts'
import { readBackup } from './read-backup.ts'

export interface RestoreTarget {
  /** Opened with the server's lock: no server holds it. */
  database: DatabaseHandle
  storage: Storage
  /** Where the file of the offered tables belongs. */
  tablesFile: string | undefined
  keys: SealingKeys
  /** Whether to go on where the backup was made with another SECRET_KEY. */
  withoutKey: boolean
  /** Before the file of the offered tables takes its place. */
  onTablesFile(file: string): Promise<void>
  onProgress: Progress
}

/**
 * Into a database that nobody uses, from a file that is checked before anything is written; all of it or nothing. Clients
 * that come back begin anew: what they know of after the backup is history that is gone.
 */
export async function restoreBackup(file: string, target: RestoreTarget): Promise<Manifest> {
  const { database, tablesFile, onProgress } = target
  const { manifest, names } = await check(file, target)
  const places = tablesFile !== undefined && manifest.tables_file
  if (places && existsSync(tablesFile))
    throw new DatabaseRefusedError(`There are tables already, in ${tablesFile}. Move that file away first.`)
  await database.migrationSession(assertUnused)
  // As it was then; what came since is applied to the rows, not to empty tables.
  await migrate(database, Object.fromEntries(Object.entries(migrations).filter(([name]) => names.includes(name))))
  await migrateModules(database, names)
  try {
    await database.migrationSession(async (session) => {
      await database.dialect.lockMigrations(session)
      await session.transaction().execute(async (tx) => {
        await assertUnused(tx)
        await load(file, target, tx)
        const sums = await sumTablesOf(tx, database, (done, total) => onProgress('comparing', done, total))
        const wrong = Object.entries(manifest.tables).filter(([name, { sha256 }]) => sums[name]?.sha256 !== sha256)
        if (wrong.length > 0)
          throw new DatabaseRefusedError(
            `The database keeps something else than the backup holds: ${wrong.join(', ')}.`,
          )
        await replaceEpoch(tx, newId())
        if (places) await place(tablesFile, target)
      })
    })
  } catch (error) {
    if (places) await Promise.all([tablesFile, restoredFile(tablesFile)].map((each) => rm(each, { force: true })))
    throw error
  }
  await migrate(database)
  await migrateModules(database)
  return manifest
}

async function check(file: string, { database, keys, withoutKey, onProgress }: RestoreTarget) {
  let names: string[] = []
  const manifest = await readBackup(
    file,
    {
      head: async (head) => {
        names = head.migrations
        const unknown = names.filter((name) => !(name in migrations) && !name.includes('/'))
        if (unknown.length > 0)
          throw new DatabaseRefusedError(`The backup is of a newer version of Atrium (it has ${unknown.join(', ')}).`)
        assertModulesHere(database, names)
        if (!withoutKey && !isMarkedBy(head, keys))
          throw new DatabaseRefusedError(
            'The backup was made with another SECRET_KEY. Set that one: without it authenticator apps, mails that wait and tokens cannot be read, and everyone signs in again. To go on all the same, say --without-key.',
          )
      },
    },
    (done, total) => onProgress('checking', done, total),
  )
  return { manifest, names }
}

async function load(file: string, { database, storage, tablesFile, onProgress }: RestoreTarget, tx: Db): Promise<void> {
  await readBackup(
    file,
    {
      table: async (name, columns) => {
        const loader = new TableLoader(tx, database, name, columns)
        await loader.begin()
        return { batch: loader.batch, add: (rows) => loader.add(rows) }
      },
      object: (key, bytes) => storage.put(key, bytes),
      tablesFile: async (bytes) => {
        if (tablesFile === undefined) return
        const target = restoredFile(tablesFile)
        await rm(target, { force: true })
        await pipeline(bytes, createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }))
      },
    },
    (done, total) => onProgress('restoring', done, total),
  )
}

const restoredFile = (tablesFile: string): string => `${tablesFile}.restored`

async function place(tablesFile: string, { onTablesFile }: RestoreTarget): Promise<void> {
  await onTablesFile(restoredFile(tablesFile))
  await rename(restoredFile(tablesFile), tablesFile)
}
