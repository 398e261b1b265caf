import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import { type ByteSource, newKey, type Storage } from '../../platform/storage/storage.ts'
import { contentTypeOf } from './content-type.ts'
import { fileReady } from './file-events.ts'
import { fileErrors } from './files.errors.ts'
import { type FileRow, insertFile, listFilesById } from './files.repository.ts'
import { MeasuredSource, tooLarge } from './measured.ts'
import { cleanName } from './names.ts'
import { isLasting, type Purpose, type Visibility } from './purposes.ts'
import type { Removals } from './removals.ts'
import { Turns } from './turns.ts'
import {
  addUsage,
  deleteUpload,
  expiredQuery,
  findUsage,
  insertRemovals,
  insertUpload,
  insertUsage,
  isToBeRemoved,
  lockUpload,
  type UploadRow,
  updateUpload,
} from './uploads.repository.ts'

export interface UploadsDependencies {
  database: DatabaseHandle
  storage: Storage
  removals: Removals
  limits: { maxBytes: number; quotaBytes: number | undefined }
  now: Clock
  log: Logger
}

export interface NewUpload {
  ownerId: string
  name: string
  purpose: Purpose
  visibility: Visibility
  /** Bytes it will have at least, where that is known: they are held of the quota, and refused before any arrives. */
  atLeast?: number
}

/** Bytes that are durable and belong to no file yet: for `admit` or `discard`. */
export interface StagedFile {
  uploadId: string
  ownerId: string
  purpose: Purpose
  visibility: Visibility
  name: string
  size: number
  sha256: string
  contentType: string
  storageKey: string
}

/** What only the one who made the file knows of it. */
export type FileFacts = Partial<Pick<FileRow, 'width' | 'height' | 'details' | 'content_type'>>

/** How long an upload is held for a process that says nothing. */
const leaseSeconds = 180
const renewEveryMs = 60_000
const batch = 100

/**
 * The way in for every file. A row says that bytes are on their way before the first is written, and goes in the
 * transaction that makes the file: whatever fails in between, the row is there to clean up after it.
 */
export class Uploads {
  readonly #deps: UploadsDependencies
  /** Uploads of one person meet in one row: they wait for it here, and not with a connection each. */
  readonly #turns = new Turns()

  constructor(deps: UploadsDependencies) {
    this.#deps = deps
  }

  /** Stores the bytes. Throws file_too_large, quota_exceeded, disk_full, unavailable, and what the source throws. */
  async stage(upload: NewUpload, source: ByteSource): Promise<StagedFile> {
    const { storage, limits, log } = this.#deps
    const { id, storage_key: key } = await this.begin({ ...upload, kind: 'direct' })
    const renewal = setInterval(() => {
      this.#renew(id).catch((error: unknown) => log.warn({ err: error }, 'the lease of an upload was not renewed'))
    }, renewEveryMs)
    try {
      const measured = new MeasuredSource(source, limits.maxBytes)
      await storage.put(key, measured)
      const { size, sha256, head } = measured.measure()
      const name = cleanName(upload.name)
      const contentType = await contentTypeOf(head, name)
      const { ownerId, purpose, visibility } = upload
      return { uploadId: id, ownerId, purpose, visibility, name, size, sha256, contentType, storageKey: key }
    } catch (error) {
      await this.discard({ uploadId: id, ownerId: upload.ownerId })
      throw error
    } finally {
      clearInterval(renewal)
    }
  }

  /** Takes the room it needs. Throws file_too_large, quota_exceeded. */
  async begin(upload: NewUpload & { kind: string } & Partial<UploadRow>): Promise<UploadRow> {
    const { limits, now } = this.#deps
    const { ownerId, name, purpose, visibility, atLeast = 0, kind, ...more } = upload
    if (atLeast > limits.maxBytes) throw tooLarge(limits.maxBytes)
    const id = newId()
    const row: UploadRow = {
      ...{ id, owner_id: ownerId, kind, storage_key: newKey(id), name: cleanName(name), purpose, visibility },
      ...{ size: null, reserved: atLeast, received: 0, sha256: null, content_type: null, state: null },
      expires_at: isoAfter(now(), leaseSeconds),
      created_at: now().toISOString(),
      ...more,
    }
    await this.#withUsage(ownerId, async ({ tx }) => {
      // One who has no room at all learns it now, and not after the last byte.
      await insertUpload(tx, row)
      await this.#take(tx, ownerId, atLeast, atLeast > 0 ? 0 : 1)
    })
    return row
  }

  /** Makes it a file of its own; gives it up where that fails. Throws as `admit`. */
  async finish(staged: StagedFile, facts?: FileFacts): Promise<FileRow> {
    const { database } = this.#deps
    try {
      return await this.#turns.take(staged.ownerId, () =>
        database.unitOfWork((uow) => this.admitAndTell(uow, staged, facts)),
      )
    } catch (error) {
      await this.discard(staged)
      throw error
    }
  }

  /** One after the other for one owner. Not inside a transaction: whoever has the turn may wait for it to end. */
  inTurn<T>(ownerId: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(ownerId, work)
  }

  /** Makes it a file of its own; what was staged stays where that fails. Throws as `admit`. */
  admitOwn(staged: StagedFile, facts?: FileFacts): Promise<FileRow> {
    const { database } = this.#deps
    return this.#turns.take(staged.ownerId, () => database.unitOfWork((uow) => this.admitAndTell(uow, staged, facts)))
  }

  /** Makes it a file of its own, in a transaction without other events; the owner's other devices hear of it. */
  async admitAndTell(uow: UnitOfWork, staged: StagedFile, facts?: FileFacts): Promise<FileRow> {
    const row = await this.admit(uow, staged, facts)
    if (!isLasting(row.purpose)) return row
    await uow.append([{ stream: `user:${row.owner_id}`, type: fileReady.type, refs: { file_id: row.id } }])
    return row
  }

  /** Makes it a file, in the transaction of whoever needs it. Throws quota_exceeded, state_conflict. */
  async admit({ tx }: Pick<UnitOfWork, 'tx'>, staged: StagedFile, facts: FileFacts = {}): Promise<FileRow> {
    const { database, now } = this.#deps
    const upload = await lockUpload(tx, database.dialect, staged.uploadId)
    if (!upload || !(await deleteUpload(tx, staged.uploadId))) {
      throw platformErrors.state_conflict({ detail: 'This upload was given up; send the file again' })
    }
    const time = now().toISOString()
    const row: FileRow = {
      ...{ id: staged.uploadId, owner_id: staged.ownerId, purpose: staged.purpose, visibility: staged.visibility },
      ...{ name: staged.name, content_type: staged.contentType, size: staged.size, sha256: staged.sha256 },
      ...{ storage_key: staged.storageKey, width: null, height: null, details: null },
      unused_since: isLasting(staged.purpose) ? null : time,
      ...{ created_at: time, updated_at: time, version: 1 },
      ...facts,
    }
    await insertFile(tx, row)
    await this.#take(tx, staged.ownerId, staged.size - upload.reserved)
    return row
  }

  /** Gives up what was begun, its bytes too; harmless when there is nothing to give up, or when it is a file by now. */
  async discard({ uploadId: id, ownerId }: Pick<StagedFile, 'uploadId' | 'ownerId'>): Promise<void> {
    const { database, removals, now } = this.#deps
    if (await this.#turns.take(ownerId, () => this.#discardIf(id, () => true))) return
    // Somebody else gave it up while the bytes were still coming: what came after that has no row any more.
    await database.unitOfWork(async (uow) => {
      if ((await listFilesById(uow.tx, [id])).length > 0 || (await isToBeRemoved(uow.tx, newKey(id)))) return
      await insertRemovals(uow.tx, [newKey(id)], now().toISOString())
      uow.afterCommit(() => removals.run())
    })
  }

  /** Uploads that nobody works on any more; answers how many. */
  async discardExpired(): Promise<number> {
    const { database, now } = this.#deps
    const time = now().toISOString()
    const found = await expiredQuery(database.db, time, batch).execute()
    let discarded = 0
    for (const { id } of found) if (await this.#discardIf(id, (row) => row.expires_at <= time)) discarded++
    return discarded
  }

  async #discardIf(id: string, condition: (row: UploadRow) => boolean): Promise<boolean> {
    const { database, removals, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await lockUpload(uow.tx, database.dialect, id)
      if (!row || !condition(row) || !(await deleteUpload(uow.tx, id))) return false
      await insertRemovals(uow.tx, [row.storage_key], now().toISOString())
      await addUsage(uow.tx, row.owner_id, -row.reserved, undefined)
      uow.afterCommit(() => removals.run())
      return true
    })
  }

  async #renew(id: string): Promise<void> {
    const { database, now } = this.#deps
    await database.unitOfWork(({ tx }) => updateUpload(tx, id, { expires_at: isoAfter(now(), leaseSeconds) }))
  }

  /** `spare`: what has to be left besides. */
  async #take(tx: Db, ownerId: string, bytes: number, spare = 0): Promise<void> {
    const { quotaBytes } = this.#deps.limits
    const isRoom =
      spare === 0 || quotaBytes === undefined || ((await findUsage(tx, ownerId)) ?? 0) + spare <= quotaBytes
    if (isRoom && (bytes === 0 || (await addUsage(tx, ownerId, bytes, quotaBytes)))) return
    throw fileErrors.quota_exceeded({
      detail: `Your files may take ${quotaBytes} bytes together`,
      members: { quota_bytes: quotaBytes, used_bytes: await findUsage(tx, ownerId) },
    })
  }

  /** Runs it where the owner has a row to count in. */
  async #withUsage<T>(ownerId: string, work: (uow: UnitOfWork) => Promise<T>): Promise<T> {
    const { database } = this.#deps
    const run = () =>
      database.unitOfWork(async (uow) => {
        if ((await findUsage(uow.tx, ownerId)) === undefined) await insertUsage(uow.tx, ownerId)
        return work(uow)
      })
    return this.#turns.take(ownerId, () =>
      run().catch((error: unknown) => {
        // Another process made the row at the same moment.
        if (!database.dialect.isUniqueViolation(error, 'file_usage_pkey')) throw error
        return run()
      }),
    )
  }
}
