import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { NewEvent } from '../../platform/events/streams.ts'
import {
  type AllFilesFilter,
  allFilesQuery,
  countFilesOf,
  listKindsOfUse,
  listUsesOf,
  sumUsage,
  usageQuery,
} from './all-files.repository.ts'
import { type FileRow, listFilesById, lockFiles } from './files.repository.ts'
import type { FileHolders } from './holders.ts'
import type { FileUses } from './uses.ts'

interface AllFilesDependencies {
  database: DatabaseHandle
  holders: FileHolders
  uses: FileUses
}

/** Files whoever has them, for the room of the administrators: it says who may ask. */
export class AllFiles {
  readonly #deps: AllFilesDependencies

  constructor(deps: AllFilesDependencies) {
    this.#deps = deps
  }

  /** With what shows each of them. */
  async list(filter: AllFilesFilter): Promise<{ row: FileRow; uses: string[] }[]> {
    const { db } = this.#deps.database
    if (filter.ownerIds?.length === 0) return []
    const rows = await allFilesQuery(db, filter).execute()
    const kinds = await listKindsOfUse(
      db,
      rows.map(({ id }) => id),
    )
    return rows.map((row) => ({ row, uses: kinds.get(row.id) ?? [] }))
  }

  /** Who takes how much room, the most first. */
  async listUsage(
    after: { ownerId: string; bytes: number } | undefined,
    limit: number,
  ): Promise<{ ownerId: string; bytes: number; files: number }[]> {
    const { db } = this.#deps.database
    const rows = await usageQuery(db, after, limit).execute()
    const counts = await countFilesOf(
      db,
      rows.map(({ owner_id }) => owner_id),
    )
    return rows.map(({ owner_id, bytes }) => ({ ownerId: owner_id, bytes, files: counts.get(owner_id) ?? 0 }))
  }

  /** Of everybody, or of these. */
  async total(ownerIds?: readonly string[]): Promise<number> {
    return ownerIds?.length === 0 ? 0 : sumUsage(this.#deps.database.db, ownerIds)
  }

  /**
   * Takes the file out of whatever shows it and removes it; the bytes go after the commit. Undefined where there is none.
   * `events` are the caller’s to append. Throws busy.
   */
  async remove(uow: UnitOfWork, id: string): Promise<{ row: FileRow; events: NewEvent[] } | undefined> {
    const { database, holders, uses } = this.#deps
    const [row] = await listFilesById(uow.tx, [id])
    if (!row) return undefined
    const events: NewEvent[] = []
    // Their rows are locked before the file’s: so do the rooms themselves.
    for (const { kind, used_by } of await listUsesOf(uow.tx, id)) {
      events.push(...(await holders.find(kind)(uow, id, used_by)))
      await uses.release(uow, { kind, usedBy: used_by }, [id])
    }
    const rows = await lockFiles(uow.tx, database.dialect, [id])
    if ((await listUsesOf(uow.tx, id)).length > 0) {
      throw platformErrors.busy({ detail: 'Somebody began to use the file just now. Try again.' })
    }
    await uses.remove(uow, rows)
    return { row, events }
  }
}
