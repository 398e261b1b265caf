import { createHash, timingSafeEqual } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import type { ByteSource, PartialObject, Storage } from '../../platform/storage/storage.ts'
import { contentTypeOf } from './content-type.ts'
import { fileErrors } from './files.errors.ts'
import { listFilesById } from './files.repository.ts'
import type { UploadFields } from './files.schema.ts'
import { Observed, tooLarge } from './measured.ts'
import type { Pictures } from './pictures.ts'
import type { Purpose, Visibility } from './purposes.ts'
import { Takeovers } from './takeovers.ts'
import { findUpload, progressUpload, type UploadRow } from './uploads.repository.ts'
import type { Uploads } from './uploads.ts'

export interface TusDependencies {
  database: DatabaseHandle
  storage: Storage
  uploads: Uploads
  /** Before it becomes a file. */
  prepare: Pictures['prepare']
  now: Clock
}

export interface TusCreation extends UploadFields {
  size: number
  name: string
  sha256?: string | undefined
}

export interface TusState {
  id: string
  offset: number
  size: number
  /** Absent once it is a file. */
  expiresAt?: string
}

export interface Checksum {
  algorithm: string
  digest: Buffer
}

export const checksumAlgorithms = ['sha256', 'sha1', 'md5'] as const

/** How long an upload waits for its next bytes. */
const waitSeconds = 86_400

const noSuchUpload = () => platformErrors.not_found({ detail: 'There is no such upload' })

/** Uploads that may be interrupted and go on where they were (tus 1.0.0). When the last byte is there, it is a file. */
export class TusService {
  readonly #deps: TusDependencies
  readonly #takeovers = new Takeovers()

  constructor(deps: TusDependencies) {
    this.#deps = deps
  }

  /** Throws file_too_large, quota_exceeded. */
  async create(actor: Actor, creation: TusCreation): Promise<TusState> {
    const { size, name, purpose = 'file', visibility = 'private', sha256 } = creation
    const { uploads, now } = this.#deps
    const row = await uploads.begin({
      ...{ ownerId: actor.userId, kind: 'tus', name, purpose, visibility, atLeast: size, size },
      sha256: sha256 ?? null,
      expires_at: isoAfter(now(), waitSeconds),
    })
    if (size === 0) await this.#takeovers.run(row.id, () => this.#finish(row))
    return stateOf(row)
  }

  /** How far it is. A request that still brings bytes is ended first: who asks has lost it. Throws not_found, gone. */
  async find(actor: Actor, id: string): Promise<TusState> {
    return this.#takeovers.run(id, async () => {
      const row = await this.#find(actor, id)
      if (!('storage_key' in row)) return row
      // The last bytes came, and what was to follow did not: to say that all is there, it has to be a file.
      return row.received === row.size ? this.#finish(row) : stateOf(row)
    })
  }

  /**
   * Takes bytes from `offset` on. What came before the source broke off is kept; with a checksum all of it or nothing.
   * Throws not_found, gone, state_conflict for another offset, file_too_large, checksum_mismatch, what the source throws.
   */
  async append(
    actor: Actor,
    id: string,
    { offset, length, checksum }: { offset: number; length?: number | undefined; checksum?: Checksum | undefined },
    source: Readable,
  ): Promise<TusState> {
    return this.#takeovers.run(
      id,
      async () => {
        const row = await this.#find(actor, id)
        const known = 'storage_key' in row ? row.received : row.offset
        if (known !== offset) {
          throw platformErrors.state_conflict({
            detail: `${known} bytes of it are here; go on from there`,
            members: { upload_offset: known },
          })
        }
        if (!('storage_key' in row)) return row
        const size = row.size ?? 0
        if (offset + (length ?? 0) > size) throw tooLarge(size)
        // Whoever stops in the middle of a body still has to answer on its connection.
        const incoming = new Incoming(source.iterator({ destroyOnReturn: false }), size - offset, checksum)
        const partial = await this.#take(row, incoming, checksum !== undefined)
        if (incoming.failure !== undefined) throw incoming.failure
        const changed = { ...row, ...partial }
        return partial.received === size ? this.#finish(changed) : stateOf(changed)
      },
      () => source.destroy(),
    )
  }

  /** Gives it up. Throws not_found. */
  async remove(actor: Actor, id: string): Promise<void> {
    await this.#takeovers.run(id, async () => {
      const row = await this.#find(actor, id)
      if (!('storage_key' in row)) throw noSuchUpload()
      await this.#deps.uploads.discard({ uploadId: id, ownerId: row.owner_id })
    })
  }

  async #find(actor: Actor, id: string): Promise<UploadRow | TusState> {
    const { database, now } = this.#deps
    if (!isId(id)) throw noSuchUpload()
    const row = await findUpload(database.db, id)
    if (row?.owner_id === actor.userId && row.kind === 'tus') {
      if (row.expires_at > now().toISOString()) return row
      throw platformErrors.gone({ detail: 'This upload waited too long for its next bytes' })
    }
    const [file] = await listFilesById(database.db, [id])
    if (file?.owner_id !== actor.userId) throw noSuchUpload()
    return { id, offset: file.size, size: file.size }
  }

  async #take(row: UploadRow, incoming: Incoming, isWhole: boolean): Promise<PartialObject> {
    const { storage, database, now } = this.#deps
    let last = row.received
    const save = async (partial: PartialObject) => {
      const expires_at = isoAfter(now(), waitSeconds)
      const saved = await database.unitOfWork(({ tx }) => progressUpload(tx, row.id, last, { ...partial, expires_at }))
      if (!saved) throw platformErrors.state_conflict({ detail: 'Another request has sent these bytes as well' })
      last = partial.received
    }
    const before = { received: row.received, state: row.state }
    const partial = await storage.append(row.storage_key, before, incoming, isWhole ? async () => {} : save)
    if (isWhole && !incoming.isAsPromised()) {
      if (incoming.failure !== undefined) return before
      throw fileErrors.checksum_mismatch()
    }
    if (partial.received !== last) await save(partial)
    return partial
  }

  async #finish(row: UploadRow): Promise<TusState> {
    const { storage, uploads } = this.#deps
    const observed = new Observed()
    await storage.complete(row.storage_key, row, (chunk) => observed.add(chunk))
    const { size, sha256, head } = observed.measure()
    const { id: uploadId, owner_id: ownerId, name, storage_key: storageKey } = row
    if (size !== row.size || (row.sha256 !== null && row.sha256 !== sha256)) {
      await uploads.discard({ uploadId, ownerId })
      throw fileErrors.checksum_mismatch({ detail: 'The file is not as it was announced; nothing of it was kept' })
    }
    const [purpose, visibility] = [row.purpose as Purpose, row.visibility as Visibility]
    const contentType = await contentTypeOf(head, name)
    const staged = { uploadId, ownerId, purpose, visibility, name, size, sha256, contentType, storageKey }
    // Where it fails the bytes wait for the next attempt.
    const ready = await this.#deps.prepare(staged)
    await uploads.admitOwn(ready.staged, ready.facts)
    return { id: row.id, offset: size, size }
  }
}

const stateOf = (row: UploadRow): TusState => ({
  id: row.id,
  offset: row.received,
  size: row.size ?? 0,
  expiresAt: row.expires_at,
})

/** Bytes of a request that may break off: the storage sees an end either way, and `failure` says which. */
class Incoming implements AsyncIterable<Uint8Array> {
  failure: unknown
  readonly #source: ByteSource
  readonly #limit: number
  readonly #checksum: Checksum | undefined
  readonly #hash
  #received = 0

  constructor(source: ByteSource, limit: number, checksum: Checksum | undefined) {
    this.#source = source
    this.#limit = limit
    this.#checksum = checksum
    this.#hash = checksum && createHash(checksum.algorithm)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#source) {
        this.#received += chunk.length
        if (this.#received > this.#limit) throw tooLarge(this.#limit)
        this.#hash?.update(chunk)
        yield chunk
      }
    } catch (error) {
      this.failure = error
    }
  }

  isAsPromised(): boolean {
    const digest = this.#hash?.digest()
    const promised = this.#checksum?.digest
    if (this.failure !== undefined || !digest || !promised) return false
    return digest.length === promised.length && timingSafeEqual(digest, promised)
  }
}
