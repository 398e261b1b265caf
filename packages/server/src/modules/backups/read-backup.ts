import { createReadStream, statSync } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { ArchiveError, ArchiveReader } from '../../platform/db/transfer/archive.ts'
import { type Row, RowsHash } from '../../platform/db/transfer/read-rows.ts'
import type { BackupHead, Manifest } from './manifest.ts'

/** What is done with each part of a backup, in the order it holds them. What is not read is read over. */
export interface BackupVisitor {
  head?(head: BackupHead): Promise<void>
  table?(name: string, columns: string[]): Promise<{ batch: number; add(rows: Row[]): Promise<void> }>
  object?(key: string, bytes: AsyncIterable<Uint8Array>): Promise<void>
  tablesFile?(bytes: AsyncIterable<Uint8Array>): Promise<void>
}

/** Reads a backup from its beginning to its end and checks all of it. Throws ArchiveError. */
export async function readBackup(
  file: string,
  visitor: BackupVisitor = {},
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Manifest> {
  const total = sizeOf(file)
  const source = createReadStream(file)
  const plain = createGunzip()
  source.on('error', (error) => plain.destroy(error))
  source.on('data', () => onProgress(source.bytesRead, total))
  const reader = new ArchiveReader(source.pipe(plain))
  try {
    return await readAll(reader, visitor)
  } catch (error) {
    if (error instanceof SyntaxError) throw new ArchiveError('This is no backup of Atrium.', { cause: error })
    throw error
  } finally {
    source.destroy()
    plain.destroy()
  }
}

async function readAll(reader: ArchiveReader, visitor: BackupVisitor): Promise<Manifest> {
  const head = JSON.parse(await reader.line()) as BackupHead
  if (head.atrium_backup !== 1) throw new ArchiveError('This is no backup that this version of Atrium reads.')
  await visitor.head?.(head)
  const sums: Manifest['tables'] = {}
  let objects = 0
  for (;;) {
    const line = JSON.parse(await reader.line()) as Record<string, unknown>
    if (typeof line.table === 'string') {
      sums[line.table] = await readTable(reader, visitor, line.table, line.columns as string[])
    } else if (typeof line.object === 'string') {
      await passed(reader.bytes(Number(line.size)), (bytes) => visitor.object?.(line.object as string, bytes))
      objects++
    } else if (line.tables_file) {
      await passed(reader.bytes(Number(line.size)), (bytes) => visitor.tablesFile?.(bytes))
    } else if (line.manifest) {
      const manifest = line.manifest as Manifest
      await reader.end(await reader.line())
      if (JSON.stringify(manifest.tables) !== JSON.stringify(sums) || manifest.objects !== objects)
        throw new ArchiveError('The backup holds something else than its manifest says.')
      return manifest
    } else throw new ArchiveError('This is no backup of Atrium.')
  }
}

async function readTable(reader: ArchiveReader, visitor: BackupVisitor, name: string, columns: string[]) {
  const table = await visitor.table?.(name, columns)
  const hash = new RowsHash({ name, columns })
  let rows: Row[] = []
  for (;;) {
    const line = JSON.parse(await reader.line()) as Row | { end: string; rows: number; sha256: string }
    if (Array.isArray(line)) {
      hash.add(line)
      if (!table) continue
      rows.push(line)
      if (rows.length < table.batch) continue
      await table.add(rows)
      rows = []
      continue
    }
    await table?.add(rows)
    const { end, ...told } = line as { end: string; rows: number; sha256: string }
    const sum = hash.digest()
    if (end !== name || told.rows !== sum.rows || told.sha256 !== sum.sha256)
      throw new ArchiveError(`The rows of ${name} are not those that were written.`)
    return sum
  }
}

/** What the visitor leaves is read over: the next line lies behind it. */
async function passed(
  bytes: AsyncGenerator<Uint8Array>,
  visit: (bytes: AsyncIterable<Uint8Array>) => Promise<void> | undefined,
): Promise<void> {
  const shared = { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) } as AsyncIterable<Uint8Array>
  await visit(shared)
  while (!(await bytes.next()).done);
}

function sizeOf(file: string): number {
  try {
    const found = statSync(file)
    if (found.isFile()) return found.size
  } catch (cause) {
    throw new ArchiveError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause })
  }
  throw new ArchiveError(`${file} is no file.`)
}
