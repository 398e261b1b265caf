import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { Images } from '../../platform/images/images.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { Logger } from '../../platform/log.ts'
import { openStorage, type StorageConfig } from '../../platform/storage/open-storage.ts'
import type { S3Credentials } from '../../platform/storage/s3-storage.ts'
import { AllFiles } from './all-files.ts'
import { listFilesById } from './files.repository.ts'
import { FilesService } from './files.service.ts'
import { FileHolders } from './holders.ts'
import { Pictures } from './pictures.ts'
import { PresignedUploads } from './presigned.service.ts'
import { FileReaders } from './readers.ts'
import { Reconciliation } from './reconciliation.ts'
import { Removals } from './removals.ts'
import { SignedLinks } from './signed-links.ts'
import { TusService } from './tus.service.ts'
import { Uploads } from './uploads.ts'
import { FileUses } from './uses.ts'

export interface FilesFoundation {
  keys: { fileLinks: SealingKeys }
  config: {
    publicUrl: URL
    secrets: { s3: S3Credentials | undefined }
    files: { storage: StorageConfig; maxBytes: number; quotaBytes: number | undefined }
  }
  database: DatabaseHandle
  cursors: Cursors
  now: Clock
  log: Logger
}

/** Everything of this room, put together. */
export function buildFiles({ config, keys, database, cursors, now, log }: FilesFoundation) {
  const limits = config.files
  const storage = openStorage(limits.storage, config.secrets.s3)
  const removals = new Removals({ database, storage, now, log })
  const uploads = new Uploads({ database, storage, removals, limits, now, log })
  const uses = new FileUses({ database, removals, now })
  const readers = new FileReaders()
  const holders = new FileHolders()
  const isThere = async (id: string) => (await listFilesById(database.db, [id])).length > 0
  const pictures = new Pictures({ images: new Images(), storage, uploads, isThere })
  const files = new FilesService({
    ...{ database, storage, cursors, uploads, uses, readers, holders, removals, pictures, limits, now, log },
  })
  const prepare: Pictures['prepare'] = (staged) => pictures.prepare(staged)
  return {
    storage,
    files,
    allFiles: new AllFiles({ database, holders, uses }),
    fileRemovals: removals,
    presigned: new PresignedUploads({ database, storage, uploads, prepare, now }),
    tus: new TusService({ database, storage, uploads, prepare, now }),
    fileLinks: new SignedLinks({ files, keys: keys.fileLinks, publicUrl: config.publicUrl, now }),
    fileReconciliation: new Reconciliation({ database, storage, removals, uses, now, log }),
  }
}
