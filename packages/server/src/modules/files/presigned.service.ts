import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { isId } from '../../platform/ids.ts'
import { takesDirectUploads } from '../../platform/storage/direct-uploads.ts'
import { NoSuchObjectError, type Storage } from '../../platform/storage/storage.ts'
import { contentTypeOf } from './content-type.ts'
import { listFilesById } from './files.repository.ts'
import type { PresignedUpload, PresignRequest, StoredFile } from './files.schema.ts'
import { Observed } from './measured.ts'
import type { Pictures } from './pictures.ts'
import type { Purpose, Visibility } from './purposes.ts'
import { render } from './rendering.ts'
import { Takeovers } from './takeovers.ts'
import { findUpload } from './uploads.repository.ts'
import type { StagedFile, Uploads } from './uploads.ts'

interface PresignedDependencies {
  database: DatabaseHandle
  storage: Storage
  uploads: Uploads
  /** Before it becomes a file. */
  prepare: Pictures['prepare']
  now: Clock
}

/** As long as the address works, and then as long as one may take to say that it is done. */
const urlSeconds = 3_600
const waitSeconds = 7_200

const noSuchUpload = () => platformErrors.not_found({ detail: 'There is no such upload' })
const invalid = (pointer: string, message: string) =>
  platformErrors.validation_failed({
    detail: message,
    members: { errors: [{ pointer, code: 'checksum_mismatch', message }] },
  })

/** Uploads that go past this server, to the storage itself. Nothing of them counts before they were looked at here. */
export class PresignedUploads {
  readonly #deps: PresignedDependencies
  readonly #takeovers = new Takeovers()

  constructor(deps: PresignedDependencies) {
    this.#deps = deps
  }

  /** Throws file_too_large, quota_exceeded, and state_conflict where the storage takes no uploads itself. */
  async begin(actor: Actor, request: PresignRequest): Promise<PresignedUpload> {
    const { storage, uploads, now } = this.#deps
    if (!takesDirectUploads(storage)) {
      throw platformErrors.state_conflict({ detail: 'Files are on the disk of this server: use POST /api/v1/files' })
    }
    const { name, size, content_type: contentType, sha256, purpose = 'file', visibility = 'private' } = request
    const row = await uploads.begin({
      ...{ ownerId: actor.userId, kind: 'presigned', name, purpose, visibility, atLeast: size, size },
      ...{ sha256: sha256 ?? null, content_type: contentType, expires_at: isoAfter(now(), waitSeconds) },
    })
    try {
      const signed = { size, contentType, sha256, expiresIn: urlSeconds }
      const { url, headers } = await storage.presign(row.storage_key, signed)
      return { id: row.id, upload_url: url, method: 'PUT', headers, expires_at: isoAfter(now(), urlSeconds) }
    } catch (error) {
      await uploads.discard({ uploadId: row.id, ownerId: row.owner_id })
      throw error
    }
  }

  /** Makes a file of what was sent. Throws not_found, state_conflict when nothing was, validation_failed when other bytes were. */
  async complete(actor: Actor, id: string): Promise<StoredFile> {
    return this.#takeovers.run(id, () => this.#complete(actor, id))
  }

  async #complete(actor: Actor, id: string): Promise<StoredFile> {
    const { database, storage, uploads, now } = this.#deps
    const row = isId(id) ? await findUpload(database.db, id) : undefined
    if (row?.owner_id !== actor.userId || row.kind !== 'presigned' || !takesDirectUploads(storage)) {
      const [file] = await listFilesById(database.db, isId(id) ? [id] : [])
      if (file?.owner_id !== actor.userId) throw noSuchUpload()
      return render(file)
    }
    if (row.expires_at <= now().toISOString()) throw platformErrors.gone()
    const observed = new Observed()
    await storage
      .adopt(row.storage_key, (chunk) => observed.add(chunk))
      .catch((error: unknown) => {
        if (!(error instanceof NoSuchObjectError)) throw error
        throw platformErrors.state_conflict({ detail: 'Nothing was uploaded yet' })
      })
    const { size, sha256, head } = observed.measure()
    const { owner_id: ownerId, name, storage_key: storageKey } = row
    const wrong = size !== row.size ? '/size' : row.sha256 !== null && row.sha256 !== sha256 ? '/sha256' : undefined
    if (wrong) {
      await uploads.discard({ uploadId: id, ownerId })
      throw invalid(wrong, 'What was uploaded is not what was announced; nothing of it was kept')
    }
    const [purpose, visibility] = [row.purpose as Purpose, row.visibility as Visibility]
    const contentType = await contentTypeOf(head, name)
    const facts = { uploadId: id, ownerId, name, purpose, visibility }
    const staged: StagedFile = { ...facts, size, sha256, contentType, storageKey }
    const ready = await this.#deps.prepare(staged)
    return render(await uploads.admitOwn(ready.staged, ready.facts))
  }
}
