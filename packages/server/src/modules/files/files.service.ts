import type { Readable } from 'node:stream'
import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { withTimeLimit } from '../../platform/db/time-limit.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { isId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import { accessErrors, refusal } from '../../platform/policy.ts'
import { type ByteRange, type ByteSource, NoSuchObjectError, type Storage } from '../../platform/storage/storage.ts'
import { type FileRow, listFilesById, listInUse, lockFiles, pageQuery, updateFile } from './files.repository.ts'
import type { FileList, FilePatch, FileQuery, FileUsage, StoredFile, UploadFields } from './files.schema.ts'
import type { FileHolders } from './holders.ts'
import { cleanName } from './names.ts'
import type { Pictures } from './pictures.ts'
import type { FileReaders } from './readers.ts'
import type { Removals } from './removals.ts'
import { render } from './rendering.ts'
import { deleteAllOf, findUsage } from './uploads.repository.ts'
import type { FileFacts, NewUpload, StagedFile, Uploads } from './uploads.ts'
import type { FileUses } from './uses.ts'

export interface FilesDependencies {
  database: DatabaseHandle
  storage: Storage
  cursors: Cursors
  uploads: Uploads
  uses: FileUses
  removals: Removals
  readers: FileReaders
  holders: FileHolders
  pictures: Pictures
  limits: { maxBytes: number; quotaBytes: number | undefined }
  now: Clock
  log: Logger
}

export type PreparedFile = Awaited<ReturnType<Pictures['prepare']>>

/** Up to so many are held for each download, which a stream would hold too. */
const wholeBytes = 128 * 1024

const list = 'files'
const reading = { access: { permission: 'files:read' } } as const

/** The same for a file that is not there and for one the caller may not know of. */
export const noSuchFile = () => platformErrors.not_found({ detail: 'There is no such file' })

/** Files as their owners and readers see them, and the door for rooms that keep some. */
export class FilesService {
  readonly #deps: FilesDependencies

  constructor(deps: FilesDependencies) {
    this.#deps = deps
  }

  get maxBytes(): number {
    return this.#deps.limits.maxBytes
  }
  get uploads(): Uploads {
    return this.#deps.uploads
  }
  get uses(): FileUses {
    return this.#deps.uses
  }
  get readers(): FileReaders {
    return this.#deps.readers
  }
  get holders(): FileHolders {
    return this.#deps.holders
  }
  get pictures(): Pictures {
    return this.#deps.pictures
  }
  get storage(): Storage {
    return this.#deps.storage
  }

  /**
   * Stores bytes as a file of its own, durably, row and all. Together with other rows: `uploads.stage`, then
   * `uploads.admit` in your transaction. Throws file_too_large, quota_exceeded, disk_full, unavailable.
   */
  async keep(upload: NewUpload, source: ByteSource, facts?: FileFacts): Promise<FileRow> {
    const { uploads } = this
    return uploads.finish(await uploads.stage(upload, source), facts)
  }

  /**
   * Of what was staged for a person, all that takes long; `choices` may throw, and then it is given up. `admit` follows, in
   * turn, or `uploads.discard`.
   */
  async prepare(staged: StagedFile, choices: () => UploadFields): Promise<PreparedFile> {
    try {
      return await this.pictures.prepare({ ...staged, ...choices() })
    } catch (error) {
      await this.uploads.discard(staged)
      throw error
    }
  }

  /** One transaction, and nothing else. */
  async admit({ staged, facts }: PreparedFile): Promise<StoredFile> {
    const { database, uploads } = this.#deps
    return render(await database.unitOfWork((uow) => uploads.admitAndTell(uow, staged, facts)))
  }

  /** The files among these that the actor may read, by id; null is somebody who is not signed in. */
  async listReadable(actor: Actor | null, ids: readonly string[]): Promise<Map<string, FileRow>> {
    const { database, readers, now } = this.#deps
    const rows = await listFilesById(database.db, ids.filter(isId))
    const known = actor && !refusal(actor, reading, now()) ? actor : null
    const own = (row: FileRow) => row.visibility === 'public' || (known !== null && row.owner_id === known.userId)
    const others = rows.filter((row) => !own(row)).map(({ id }) => id)
    const readable = known && others.length > 0 ? await readers.readable(known, others) : new Set<string>()
    return new Map(rows.filter((row) => own(row) || readable.has(row.id)).map((row) => [row.id, row]))
  }

  /** Throws not_found; authentication_required to strangers, whether there is such a file or not. */
  async findReadable(actor: Actor | null, id: string): Promise<FileRow> {
    const row = (await this.listReadable(actor, [id])).get(id)
    if (row) return row
    throw actor ? noSuchFile() : accessErrors.authentication_required()
  }

  /** Whoever asks, for a room that has decided already. Throws not_found. */
  async find(id: string): Promise<FileRow> {
    const [row] = await listFilesById(this.#deps.database.db, isId(id) ? [id] : [])
    if (!row) throw noSuchFile()
    return row
  }

  /** The bytes, for whom `listReadable` has let. Throws not_found when it was deleted meanwhile, unavailable. */
  async open(row: Pick<FileRow, 'id' | 'storage_key'>, range?: ByteRange): Promise<Readable> {
    return this.#unlessGone(row, (storage) => storage.open(row.storage_key, range))
  }

  /** The same to answer with: few bytes as they are, and a stream that can only be piped. */
  async content(row: Pick<FileRow, 'id' | 'storage_key' | 'size'>, range?: ByteRange): Promise<Readable | Buffer> {
    const part = range ?? { start: 0, end: row.size - 1 }
    const isSmall = part.end - part.start < wholeBytes
    return this.#unlessGone(row, async (storage) => {
      if (isSmall && storage.read) return storage.read(row.storage_key, part)
      if (storage.openToSend) return storage.openToSend(row.storage_key, part)
      // A bucket is asked for all of a file without naming a part: of an empty one there is none.
      return storage.open(row.storage_key, range)
    })
  }

  async #unlessGone<T>(row: Pick<FileRow, 'id'>, work: (storage: Storage) => Promise<T>): Promise<T> {
    const { database, storage, log } = this.#deps
    try {
      return await work(storage)
    } catch (error) {
      if (!(error instanceof NoSuchObjectError)) throw error
      if ((await listFilesById(database.db, [row.id])).length === 0) throw noSuchFile()
      log.error({ file_id: row.id }, 'the bytes of a file are missing in the storage')
      throw platformErrors.internal_error({ cause: error })
    }
  }

  async get(actor: Actor, id: string): Promise<StoredFile> {
    return render(await this.findReadable(actor, id))
  }

  async list(actor: Actor, query: FileQuery): Promise<FileList> {
    const { database, cursors } = this.#deps
    const limit = query.limit ?? 20
    const place = `${list}:${actor.userId}:${query.purpose ?? ''}`
    const before = query.cursor ? cursors.decode<[string]>(place, query.cursor)[0] : undefined
    const page = { purpose: query.purpose, before, limit: limit + 1 }
    const rows = await pageQuery(database.db, actor.userId, page).execute()
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return {
      data: shown.map(render),
      page: {
        limit,
        next_cursor: last ? cursors.encode(place, [last.id]) : null,
        prev_cursor: null,
        has_more: last !== undefined,
      },
      usage: await this.usage(actor.userId),
    }
  }

  async usage(ownerId: string): Promise<FileUsage> {
    const { database, limits } = this.#deps
    return { bytes: (await findUsage(database.db, ownerId)) ?? 0, quota_bytes: limits.quotaBytes ?? null }
  }

  /** Throws not_found, precondition_failed. */
  async update(actor: Actor, id: string, change: FilePatch, version?: number): Promise<StoredFile> {
    const row = await this.#changeOwn(actor, id, version, async ({ tx }, found) => {
      const changed = {
        ...(change.name === undefined ? {} : { name: cleanName(change.name) }),
        ...(change.visibility === undefined ? {} : { visibility: change.visibility }),
        updated_at: this.#deps.now().toISOString(),
        version: found.version + 1,
      }
      await updateFile(tx, id, changed)
      return { ...found, ...changed }
    })
    return render(row)
  }

  /** Throws not_found, precondition_failed, and state_conflict while something shows it. */
  async remove(actor: Actor, id: string, version?: number): Promise<void> {
    await this.#changeOwn(actor, id, version, async (uow, row) => {
      if ((await listInUse(uow.tx, [id])).size > 0) {
        throw platformErrors.state_conflict({
          detail: 'The file is shown somewhere, in a message say; remove that first',
        })
      }
      await this.#deps.uses.remove(uow, [row])
    })
  }

  /** Rows of the actor's own files, for a room that is about to use them. Throws not_found when one is not theirs. */
  async requireOwn(tx: Db, actor: Pick<Actor, 'userId'>, ids: readonly string[]): Promise<FileRow[]> {
    const rows = new Map((await listFilesById(tx, ids.filter(isId))).map((row) => [row.id, row]))
    return ids.map((id) => {
      const row = rows.get(id)
      if (row?.owner_id !== actor.userId) throw noSuchFile()
      return row
    })
  }

  /** Whether the storage answers within two seconds. */
  isReady(): Promise<boolean> {
    return withTimeLimit(this.#deps.storage.check(), 2_000, () => new Error('late')).then(
      () => true,
      () => false,
    )
  }

  /** Clears away what was given up, what is unused and what is due; answers how much. */
  async sweep(): Promise<number> {
    const { uploads, uses, removals, storage } = this.#deps
    const counts = [
      await uploads.discardExpired(),
      await uses.removeUnused(),
      await removals.run(),
      await storage.clean(),
    ]
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** For an account that ends or changes hands; the bytes go after the commit. */
  async forgetAll(uow: UnitOfWork, userId: string): Promise<void> {
    await deleteAllOf(uow.tx, userId, this.#deps.now().toISOString())
    uow.afterCommit(() => this.#deps.removals.run())
  }

  async #changeOwn<T>(
    actor: Actor,
    id: string,
    version: number | undefined,
    change: (uow: UnitOfWork, row: FileRow) => Promise<T>,
  ): Promise<T> {
    const { database } = this.#deps
    return database.unitOfWork(async (uow) => {
      const [row] = isId(id) ? await lockFiles(uow.tx, database.dialect, [id]) : []
      if (row?.owner_id !== actor.userId) throw noSuchFile()
      if (version !== undefined && version !== row.version) throw platformErrors.precondition_failed()
      return change(uow, row)
    })
  }
}
