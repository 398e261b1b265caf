import { createReadStream, statSync } from 'node:fs'
import { mkdtemp, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { copyDatabase } from '../../platform/db/dialects/sqlite-file.ts'
import type { Db } from '../../platform/db/schema.ts'
import { ArchiveError, sealArchive } from '../../platform/db/transfer/archive.ts'
import { dumpTables } from '../../platform/db/transfer/dump.ts'
import { listForeignTables } from '../../platform/db/transfer/table-list.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import { NoSuchObjectError, type Storage } from '../../platform/storage/storage.ts'
import { type BackupHead, keyMark, type Manifest, type Progress } from './manifest.ts'

export interface BackupSource {
  database: DatabaseHandle
  storage: Storage
  /** The file of the offered tables, where it is one of ours and is there. */
  tablesFile: string | undefined
  /** Whether the offered tables lie in a database of their own that is not ours. */
  hasTablesElsewhere: boolean
  keys: SealingKeys
  version: string
  now: () => Date
  /** Keys of the objects that files of this moment have. */
  listKeys(db: Db): AsyncIterable<string>
  migrations(): Promise<string[]>
  onProgress: Progress
}

/** Writes everything of one moment into one file that only its owner reads; the server goes on meanwhile. */
export async function writeBackup(file: string, source: BackupSource): Promise<Manifest> {
  // Before the snapshot: both need the one connection that has no time limits.
  const migrations = await source.migrations()
  if (migrations.length === 0)
    throw new ArchiveError('There is nothing to back up: no server was ever started on this database.')
  const partial = `${file}.partial`
  // Whoever writes to the same file at the same time is refused here.
  await (await open(file, 'wx', 0o600).catch(unwritable(file))).close()
  try {
    await rm(partial, { force: true })
    const target = await open(partial, 'wx', 0o600)
    const manifest = await source.database.snapshot(async (db) => {
      const parts = new BackupParts(db, source)
      const archive = Readable.from(sealArchive(parts.all(migrations)))
      await pipeline(archive, createGzip({ level: 1 }), target.createWriteStream({ flush: true }))
      return parts.manifest
    })
    await rename(partial, file)
    return manifest
  } catch (error) {
    await Promise.all([rm(partial, { force: true }), rm(file, { force: true })])
    throw error
  }
}

class BackupParts {
  readonly manifest: Manifest
  readonly #db: Db
  readonly #source: BackupSource

  constructor(db: Db, source: BackupSource) {
    this.#db = db
    this.#source = source
    this.manifest = {
      ...{ created_at: source.now().toISOString(), version: source.version, tables: {}, objects: 0, object_bytes: 0 },
      ...{ missing: [], tables_file: false, left_out: { tables: [], tables_url: source.hasTablesElsewhere } },
    }
  }

  async *all(migrations: string[]): AsyncGenerator<string | Uint8Array> {
    const { manifest } = this
    const { database, keys, tablesFile, onProgress } = this.#source
    const { version, created_at } = manifest
    const head: BackupHead = { atrium_backup: 1, version, created_at, migrations, key_mark: keyMark(keys) }
    yield `${JSON.stringify(head)}\n`
    manifest.left_out.tables = await listForeignTables(this.#db)
    yield* dumpTables(this.#db, database, (name, sum, { done, total }) => {
      manifest.tables[name] = sum
      onProgress('tables', done, total)
    })
    yield* this.#objects()
    if (tablesFile !== undefined) yield* this.#tablesFile(tablesFile)
    yield `${JSON.stringify({ manifest })}\n`
  }

  async *#objects(): AsyncGenerator<string | Uint8Array> {
    const { manifest } = this
    const { storage, listKeys, onProgress } = this.#source
    for await (const key of listKeys(this.#db)) {
      const found = await storage.find(key)
      const stream = found && (await storage.open(key).catch(unlessGone))
      if (found && stream) {
        yield `${JSON.stringify({ object: key, size: found.size })}\n`
        yield* stream as AsyncIterable<Uint8Array>
        manifest.objects++
        manifest.object_bytes += found.size
      } else manifest.missing.push(key)
      onProgress('files', manifest.objects + manifest.missing.length, manifest.tables.files?.rows ?? 0)
    }
  }

  /** Page by page into a copy first: the copy is of one moment, whoever writes meanwhile. */
  async *#tablesFile(file: string): AsyncGenerator<string | Uint8Array> {
    const folder = await mkdtemp(join(dirname(file), '.backup-'))
    try {
      const copy = join(folder, 'tables.db')
      await copyDatabase(file, copy)
      yield `${JSON.stringify({ tables_file: true, size: statSync(copy).size })}\n`
      yield* createReadStream(copy) as AsyncIterable<Uint8Array>
      this.manifest.tables_file = true
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function unlessGone(error: unknown): undefined {
  if (error instanceof NoSuchObjectError) return undefined
  throw error
}

const unwritable = (file: string) => (cause: unknown) => {
  const { code } = cause as NodeJS.ErrnoException
  if (code === 'EEXIST') throw new ArchiveError(`${file} is there already. Nothing was overwritten; name another file.`)
  throw new ArchiveError(`${file} cannot be written (${code}).`, { cause })
}
