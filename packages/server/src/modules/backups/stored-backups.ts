import { createReadStream, type ReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { ArchiveError } from '../../platform/db/transfer/archive.ts'
import { platformErrors } from '../../platform/errors.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import type { AuditService, AuditType } from '../audit/index.ts'
import { type Manifest, type Progress, rowsOf } from './manifest.ts'
import { readBackup } from './read-backup.ts'
import type { Backup, BackupList } from './stored.schema.ts'

export interface StoredBackupsDependencies {
  /** Where they lie, on the machine of this process. */
  folder: string
  make(file: string, onProgress: Progress): Promise<Manifest>
  database: DatabaseHandle
  audit: AuditService
  /** The screens of those who look hear that the list changed. */
  tell(): Promise<void>
  now: Clock
  log: Logger
}

/** What is known of a backup without reading it; lies beside it. */
type Note = Omit<Backup, 'state' | 'progress' | 'size'>

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const mostKept = 100

/** Backups that were made while the server runs. Bringing one back is a command, for it wants an empty database. */
export class StoredBackups {
  readonly #deps: StoredBackupsDependencies
  #work: { backup: Backup; done: Promise<void> } | undefined
  #lastFailure: string | null = null

  constructor(deps: StoredBackupsDependencies) {
    this.#deps = deps
  }

  /** Newest first. */
  async list(): Promise<BackupList> {
    const names = await readdir(this.#deps.folder).catch(() => [] as string[])
    const ids = names.flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -5)] : [])).filter(isId)
    const found = await Promise.all(
      ids
        .sort()
        .reverse()
        .slice(0, mostKept)
        .map((id) => this.#read(id)),
    )
    const working = this.#work?.backup
    const others = found.flatMap((backup) => (backup && backup.id !== working?.id ? [backup] : []))
    const data = [...(working ? [working] : []), ...others].sort((a, b) => (a.id < b.id ? 1 : -1))
    return { data, last_failure: this.#lastFailure }
  }

  /** Throws not_found. */
  async get(id: string): Promise<Backup> {
    if (this.#work?.backup.id === id) return this.#work.backup
    const backup = await this.#read(id)
    if (!backup) throw noSuchBackup()
    return backup
  }

  /** Begins one and answers at once. Throws state_conflict. */
  async begin(): Promise<Backup> {
    const { folder, make, now } = this.#deps
    this.#assertIdle()
    if ((await this.list()).data.length >= mostKept)
      throw platformErrors.state_conflict({ detail: `There can be ${mostKept} of them here; delete one first` })
    this.#assertIdle()
    const id = newId()
    const empty = { size: 0, rows: 0, files: 0, version: '', tables_elsewhere: false, verified_at: null, problem: null }
    const backup: Backup = {
      ...{ id, created_at: now().toISOString(), state: 'running', progress: { step: 'tables', done: 0, total: 0 } },
      ...empty,
    }
    return this.#begin(backup, async (onProgress) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const manifest = await make(this.#file(id), onProgress)
      const { created_at, version, objects: files, left_out } = manifest
      const rows = rowsOf(manifest)
      await this.#note({ ...empty, id, created_at, version, rows, files, tables_elsewhere: left_out.tables_url })
    })
  }

  /** Begins to read it from its beginning to its end. Throws not_found, state_conflict. */
  async check(id: string): Promise<Backup> {
    this.#assertIdle()
    const known = await this.get(id)
    this.#assertIdle()
    const backup: Backup = { ...known, state: 'checking', progress: { step: 'checking', done: 0, total: known.size } }
    return this.#begin(backup, async (onProgress) => {
      const problem = await readBackup(this.#file(id), {}, (done, total) => onProgress('checking', done, total)).then(
        () => null,
        (error: unknown) => {
          if (error instanceof ArchiveError) return error.message
          throw error
        },
      )
      const { state: _state, progress: _progress, size: _size, ...note } = known
      await this.#note({ ...note, problem, verified_at: problem === null ? this.#deps.now().toISOString() : null })
      await this.#record(id, 'backup_verified', { ok: problem === null })
    })
  }

  /** Throws not_found, state_conflict. */
  async remove(id: string): Promise<void> {
    if (this.#work?.backup.id === id) throw busy()
    await this.get(id)
    await this.#record(id, 'backup_deleted')
    await Promise.all([rm(this.#file(id), { force: true }), rm(this.#noteFile(id), { force: true })])
    await this.#deps.tell()
  }

  /** What its file is, without its bytes. Throws not_found, state_conflict. */
  async describe(id: string): Promise<{ name: string; size: number; bytes: Readable }> {
    const { size, created_at, state } = await this.get(id)
    if (state === 'running') throw busy()
    return { name: `atrium-${created_at.slice(0, 10)}-${id.slice(-6)}.atrium`, size, bytes: Readable.from([]) }
  }

  /** Written down before the first byte leaves. Throws not_found, state_conflict. */
  async open(id: string): Promise<{ name: string; size: number; bytes: ReadStream }> {
    const about = await this.describe(id)
    await this.#record(id, 'backup_downloaded')
    return { ...about, bytes: createReadStream(this.#file(id)) }
  }

  /** What was begun has ended. */
  async settled(): Promise<void> {
    await this.#work?.done
  }

  #begin(backup: Backup, work: (onProgress: Progress) => Promise<void>): Backup {
    const { log, tell } = this.#deps
    const shown = { ...backup }
    this.#lastFailure = null
    const onProgress: Progress = (step, done, total) => {
      backup.progress = { step, done, total }
    }
    const done = work(onProgress)
      .catch((error: unknown) => {
        log.error({ err: error }, 'a backup came to nothing')
        this.#lastFailure = String(error instanceof Error ? error.message : error).slice(0, 300)
      })
      .then(() => {
        this.#work = undefined
        return tell()
      })
      .catch(() => undefined)
    this.#work = { backup, done }
    void tell().catch(() => undefined)
    return shown
  }

  #assertIdle(): void {
    if (this.#work) throw busy()
  }

  async #read(id: string): Promise<Backup | undefined> {
    if (!isId(id)) return undefined
    try {
      const note = JSON.parse(await readFile(this.#noteFile(id), 'utf8')) as Note
      const { size } = await stat(this.#file(id))
      return { ...note, state: 'ready', progress: null, size }
    } catch {
      return undefined
    }
  }

  /** In one step: a note is never half written. */
  async #note(note: Note): Promise<void> {
    const partial = `${this.#noteFile(note.id)}.partial`
    await writeFile(partial, JSON.stringify(note), { mode: 0o600 })
    await rename(partial, this.#noteFile(note.id))
  }

  async #record(id: string, type: AuditType, detail: { ok?: boolean } = {}): Promise<void> {
    const { database, audit } = this.#deps
    await database.unitOfWork(({ tx }) => audit.record(tx, { type, resource: { type: 'backup', id }, detail }))
  }

  #file = (id: string): string => join(this.#deps.folder, `${id}.atrium`)
  #noteFile = (id: string): string => join(this.#deps.folder, `${id}.json`)
}

const isId = (id: string): boolean => idPattern.test(id)
const noSuchBackup = () => platformErrors.not_found({ detail: 'There is no such backup on this machine' })
const busy = () =>
  platformErrors.state_conflict({ detail: 'Another backup is being made or checked; wait until it is done' })
