import * as callbacks from 'node:fs'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { platformErrors } from '../errors.ts'
import { newId } from '../ids.ts'
import { FileSender, pieceBytes } from './file-sender.ts'
import {
  assertKey,
  type ByteRange,
  type ByteSource,
  derivedKey,
  NoSuchObjectError,
  newKey,
  type PartialObject,
  type Storage,
  type StoredObject,
} from './storage.ts'

/** A writer that lives touches its file more often. */
const abandonedMs = 60_000
/** A process that is killed loses no more of an upload that goes on. */
const syncEveryBytes = 16 * 1024 * 1024

/** By number: whoever opens one closes it, as nothing else does. */
const [openToRead, readInto] = [promisify(callbacks.open), promisify(callbacks.read)]

/** Objects as files of one folder, each written beside it first and moved in whole. */
export class DiskStorage implements Storage {
  readonly kind = 'disk'
  readonly #objects: string
  readonly #temporary: string
  readonly #partial: string

  constructor(folder: string) {
    this.#objects = join(folder, 'objects')
    this.#temporary = join(folder, 'incoming')
    this.#partial = join(folder, 'partial')
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

  async append(
    key: string,
    { received }: PartialObject,
    source: ByteSource,
    onProgress: (partial: PartialObject) => Promise<void>,
  ): Promise<PartialObject> {
    const path = this.#partialPath(key)
    return translated(async () => {
      await makeFolder(dirname(path))
      const handle = await open(path, received === 0 ? 'w' : 'r+', 0o600)
      try {
        // What came after the last word of it may be half of something.
        if ((await handle.stat()).size < received) throw new NoSuchObjectError(key)
        await handle.truncate(received)
        let position = received
        let synced = received
        for await (const chunk of source) {
          for (let at = 0; at < chunk.length; ) {
            at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten
          }
          position += chunk.length
          if (position - synced < syncEveryBytes) continue
          await handle.sync()
          synced = position
          await onProgress({ received: position, state: null })
        }
        await handle.sync()
        if (received === 0) await syncFolder(dirname(path))
        return { received: position, state: null }
      } finally {
        await handle.close()
      }
    }, key)
  }

  async complete(key: string, { received }: PartialObject, observe: (chunk: Uint8Array) => void): Promise<void> {
    const [path, partial] = [this.#path(key), this.#partialPath(key)]
    // A process that died here may have moved it already.
    if (received === 0 && !(await this.find(key))) await this.put(key, [])
    if (await this.find(key)) {
      for await (const chunk of await this.open(key)) observe(chunk as Uint8Array)
      return
    }
    await translated(async () => {
      const handle = await open(partial, 'r')
      for await (const chunk of createReadStream('', { fd: handle, end: received - 1 })) observe(chunk as Uint8Array)
      await makeFolder(dirname(path))
      await rename(partial, path)
      await syncFolder(dirname(path))
      await syncFolder(dirname(partial))
    }, key)
  }

  async open(key: string, range?: ByteRange): Promise<Readable> {
    const handle = await translated(() => open(this.#path(key), 'r'), key)
    return createReadStream('', { fd: handle, highWaterMark: pieceBytes, ...range })
  }

  async openToSend(key: string, range: ByteRange): Promise<FileSender> {
    return new FileSender(await translated(() => open(this.#path(key), 'r'), key), range)
  }

  async read(key: string, { start, end }: ByteRange): Promise<Buffer> {
    const fd = await translated(() => openToRead(this.#path(key), 'r'), key)
    try {
      const bytes = Buffer.allocUnsafeSlow(end - start + 1)
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await translated(() => readInto(fd, bytes, at, bytes.length - at, start + at))
        if (bytesRead === 0) throw new Error(`The object ${key} is shorter than it was`)
        at += bytesRead
      }
      return bytes
    } finally {
      callbacks.close(fd)
    }
  }

  async find(key: string): Promise<StoredObject | undefined> {
    const found = await translated(() => orUndefined(stat(this.#path(key))))
    return found && { key, size: found.size, modifiedAt: found.mtime }
  }

  async remove(key: string): Promise<void> {
    const path = this.#path(key)
    await translated(async () => {
      await rm(path, { force: true })
      await rm(this.#partialPath(key), { force: true })
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
    for (const id of await namesIn(this.#partial)) {
      const found = await orUndefined(stat(join(this.#partial, id)))
      if (found) yield { key: newKey(id), size: found.size, modifiedAt: found.mtime }
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

  #partialPath(key: string): string {
    assertKey(key)
    return join(this.#partial, basename(key))
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
