import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import {
  deleteFiles,
  deleteUses,
  type FileRow,
  type FileUse,
  insertUses,
  listInUse,
  listUsed,
  lockFiles,
  setUnusedSince,
  unusedQuery,
} from './files.repository.ts'
import { isLasting, unusedSeconds } from './purposes.ts'
import type { Removals } from './removals.ts'
import { addUsage, insertRemovals } from './uploads.repository.ts'

interface UsesDependencies {
  database: DatabaseHandle
  removals: Removals
  now: Clock
}

const batch = 100

/** Which rows of other rooms show a file. It stays for as long as one does. */
export class FileUses {
  readonly #deps: UsesDependencies

  constructor(deps: UsesDependencies) {
    this.#deps = deps
  }

  /** Keeps the files for one more use; again is harmless. Answers those that are still there. */
  async retain(tx: Db, fileIds: readonly string[], use: FileUse): Promise<FileRow[]> {
    const { database, now } = this.#deps
    const rows = await lockFiles(tx, database.dialect, fileIds)
    const ids = rows.map(({ id }) => id)
    const known = new Set(await listUsed(tx, use, ids))
    const time = now().toISOString()
    await insertUses(
      tx,
      ids.filter((id) => !known.has(id)),
      use,
      time,
    )
    await setUnusedSince(tx, ids, null)
    return rows
  }

  /** Gives the use back, of these files or of all it had; what was kept for its uses only goes with its last one. */
  async release(uow: UnitOfWork, use: FileUse, fileIds?: readonly string[]): Promise<void> {
    const { tx } = uow
    const rows = await lockFiles(tx, this.#deps.database.dialect, await listUsed(tx, use, fileIds))
    const ids = rows.map(({ id }) => id)
    if (ids.length === 0) return
    await deleteUses(tx, use, ids)
    const inUse = await listInUse(tx, ids)
    await this.remove(
      uow,
      rows.filter((row) => !inUse.has(row.id) && !isLasting(row.purpose)),
    )
  }

  /** Rows that the caller has locked; the bytes go after the commit. */
  async remove(uow: UnitOfWork, rows: readonly FileRow[]): Promise<void> {
    const { removals, now } = this.#deps
    if (rows.length === 0) return
    await deleteFiles(
      uow.tx,
      rows.map(({ id }) => id),
    )
    const sizes = new Map<string, number>()
    for (const { owner_id, size } of rows) sizes.set(owner_id, (sizes.get(owner_id) ?? 0) + size)
    for (const [ownerId, size] of [...sizes].sort()) await addUsage(uow.tx, ownerId, -size, undefined)
    await insertRemovals(
      uow.tx,
      rows.map((row) => row.storage_key),
      now().toISOString(),
    )
    uow.afterCommit(() => removals.run())
  }

  /** What was uploaded for a use that never came; answers how much went. */
  async removeUnused(): Promise<number> {
    const { database, now } = this.#deps
    const before = new Date(now().getTime() - unusedSeconds * 1000).toISOString()
    const found = await unusedQuery(database.db, before, batch).execute()
    return database.unitOfWork(async (uow) => {
      const locked = await lockFiles(
        uow.tx,
        database.dialect,
        found.map(({ id }) => id),
      )
      const rows = locked.filter(({ unused_since }) => unused_since !== null && unused_since <= before)
      await this.remove(uow, rows)
      return rows.length
    })
  }
}
