import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Logger } from '../../platform/log.ts'
import { originalKey, type Storage } from '../../platform/storage/storage.ts'
import { listFilesAfter, listFilesById, lockFiles } from './files.repository.ts'
import type { Removals } from './removals.ts'
import { insertRemovals, listCountedUsage, listKnownKeys, listUsageAfter, setUsage } from './uploads.repository.ts'
import type { FileUses } from './uses.ts'

interface ReconciliationDependencies {
  database: DatabaseHandle
  storage: Storage
  removals: Removals
  uses: FileUses
  now: Clock
  log: Logger
}

export interface ReconciliationResult {
  objects: number
  files: number
  /** Keys that no row names; removed, unless it was a dry run. */
  orphans: string[]
  /** Files whose bytes are missing or have another length. */
  missing: string[]
  /** People whose count of bytes was wrong. */
  recounted: number
}

const batch = 200
/** Younger objects may belong to an upload that is just becoming a file. */
const youngMs = 600_000

/** Compares the storage with the rows, both ways. What the rows do not name goes; what they name and is not there is told. */
export class Reconciliation {
  readonly #deps: ReconciliationDependencies

  constructor(deps: ReconciliationDependencies) {
    this.#deps = deps
  }

  async run({ dryRun = false, removeRows = false } = {}): Promise<ReconciliationResult> {
    const { log } = this.#deps
    const stored = await this.#compareObjects(dryRun)
    const named = await this.#compareFiles(!dryRun && removeRows)
    const recounted = await this.#recount(dryRun)
    if (named.missing.length > 0) log.error({ file_ids: named.missing.slice(0, 100) }, 'bytes of files are missing')
    return { ...stored, ...named, recounted }
  }

  async #compareObjects(dryRun: boolean): Promise<Pick<ReconciliationResult, 'objects' | 'orphans'>> {
    const { storage } = this.#deps
    const orphans: string[] = []
    let objects = 0
    let keys = new Set<string>()
    const check = async () => {
      const known = await this.#known([...keys])
      const strays = [...keys].filter((key) => !known.has(key))
      if (!dryRun) await this.#remove(strays)
      orphans.push(...strays)
      keys = new Set()
    }
    for await (const { key, modifiedAt } of storage.list()) {
      objects++
      // The clock of the machine: it is the one that dated the object.
      if (modifiedAt.getTime() > Date.now() - youngMs) continue
      keys.add(originalKey(key))
      if (keys.size === batch) await check()
    }
    await check()
    return { objects, orphans: [...new Set(orphans)] }
  }

  #known(keys: readonly string[]): Promise<Set<string>> {
    return listKnownKeys(this.#deps.database.db, keys)
  }

  async #remove(keys: readonly string[]): Promise<void> {
    const { database, removals, now } = this.#deps
    if (keys.length === 0) return
    await database.unitOfWork(({ tx }) => insertRemovals(tx, keys, now().toISOString()))
    await removals.run()
  }

  async #compareFiles(removeRows: boolean): Promise<Pick<ReconciliationResult, 'files' | 'missing'>> {
    const { database, storage, uses } = this.#deps
    const missing: string[] = []
    let files = 0
    for (let after = ''; ; ) {
      const rows = await listFilesAfter(database.db, after, batch)
      const found = await Promise.all(rows.map(({ storage_key }) => storage.find(storage_key)))
      const suspects = rows.filter(({ size }, index) => found[index]?.size !== size).map(({ id }) => id)
      // Deleted while it was looked for: nothing is missing.
      const left = (await listFilesById(database.db, suspects)).map(({ id }) => id)
      missing.push(...left)
      if (removeRows && left.length > 0) {
        await database.unitOfWork(async (uow) => uses.remove(uow, await lockFiles(uow.tx, database.dialect, left)))
      }
      files += rows.length
      after = rows.at(-1)?.id ?? ''
      if (rows.length < batch) return { files, missing }
    }
  }

  async #recount(dryRun: boolean): Promise<number> {
    const { database } = this.#deps
    let recounted = 0
    for (let after = ''; ; ) {
      const rows = await listUsageAfter(database.db, after, batch)
      const ids = rows.map(({ owner_id }) => owner_id)
      const counted = await listCountedUsage(database.db, ids)
      for (const { owner_id, bytes } of rows) {
        if (bytes === (counted.get(owner_id) ?? 0)) continue
        recounted++
        if (!dryRun) await database.unitOfWork(({ tx }) => setUsage(tx, database.dialect, owner_id))
      }
      after = ids.at(-1) ?? ''
      if (rows.length < batch) return recounted
    }
  }
}
