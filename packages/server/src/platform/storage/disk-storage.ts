import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { platformErrors } from '../errors.ts'
import { newId } from '../ids.ts'
import {
  assertKey,
  type ByteRange,
  type ByteSource,
  derivedKey,
  NoSuchObjectError,
  type Storage,
  type StoredObject,
} from './storage.ts'

/** A writer that lives touches its file more often. */
const abandonedMs = 60_000

/** Objects as files of one folder, each written beside it first and moved in whole. */
export class DiskStorage implements Storage {
  readonly kind = 'disk'
  readonly #objects: string
  readonly #temporary: string

  constructor(folder: string) {
    this.#objects = join(folder, 'objects')
    this.#temporary = join(folder, 'incoming')
  }

  async put(key: string, source: ByteSource): Promise<void> {
    const path = this.#path(key)
    const temporary = join(this.#temporary, newId())
    await translated(async () => {
      await makeFolder(this.#temporary)
      try {
        await writeDurably(temporary, source)
        await makeFolder(dirname(path))
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined)
        throw error
      }
      await syncFolder(dirname(path))
    })
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const handle = await translated(() => open(this.#path(key), 'r'), key)
    return createReadStream('', { fd: handle, ...range })
  }

  async find(key: string): Promise<StoredObject | undefined> {
    const found = await translated(() => orUndefined(stat(this.#path(key))))
    return found && { key, size: found.size, modifiedAt: found.mtime }
  }

  async remove(key: string): Promise<void> {
    const path = this.#path(key)
    await translated(async () => {
      await rm(path, { force: true })
      await rm(dirname(this.#path(derivedKey(key, 'any'))), { force: true, recursive: true })
      await orUndefined(syncFolder(dirname(path)))
    })
  }

  async *list(): AsyncIterable<StoredObject> {
    for (const shard of await namesIn(this.#objects)) {
      for (const name of await namesIn(join(this.#objects, shard))) {
        const isDerived = name.endsWith('.d')
        const keys = isDerived
          ? (await namesIn(join(this.#objects, shard, name))).map((part) => `${shard}/${name}/${part}`)
          : [`${shard}/${name}`]
        for (const key of keys) {
          const found = await orUndefined(stat(join(this.#objects, key)))
          if (found) yield { key, size: found.size, modifiedAt: found.mtime }
        }
      }
    }
  }

  async clean(): Promise<number> {
    let removed = 0
    for (const name of await namesIn(this.#temporary)) {
      const path = join(this.#temporary, name)
      const found = await orUndefined(stat(path))
      if (!found || found.mtimeMs > Date.now() - abandonedMs) continue
      await rm(path, { force: true })
      removed++
    }
    return removed
  }

  async check(): Promise<void> {
    const probe = join(this.#temporary, `probe-${newId()}`)
    await translated(async () => {
      await makeFolder(this.#temporary)
      try {
        await writeDurably(probe, [Buffer.from('ok')])
      } finally {
        await rm(probe, { force: true })
      }
    })
  }

  #path(key: string): string {
    assertKey(key)
    return join(this.#objects, key)
  }
}

async function writeDurably(path: string, source: ByteSource): Promise<void> {
  // Exclusive: a link that somebody put there is not followed.
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(source)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Made durable from the first folder that was missing. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made === undefined) return
  for (let path = folder; path.length >= made.length; path = dirname(path)) await syncFolder(dirname(path))
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } finally {
    await handle?.close()
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code

const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const namesIn = async (folder: string): Promise<string[]> => (await orUndefined(readdir(folder))) ?? []

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const away = new Set(['EIO', 'EROFS', 'EACCES', 'EPERM', 'ESTALE', 'EMFILE', 'ENFILE', 'ENODEV', 'ENXIO', 'ETIMEDOUT'])

/** What the disk says, in words a caller of the API can use. */
async function translated<T>(work: () => Promise<T>, key?: string): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (key !== undefined && isMissing(error)) throw new NoSuchObjectError(key)
    if (code !== undefined && full.has(code)) throw platformErrors.disk_full({ cause: error })
    if (code !== undefined && away.has(code)) {
      throw platformErrors.unavailable({ cause: error, members: { retry_after: 5 } })
    }
    throw error
  }
}
