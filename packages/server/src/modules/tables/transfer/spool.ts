import { mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '../../../platform/ids.ts'
import type { ByteSource } from '../../../platform/storage/storage.ts'

/** Keeps a file on disk for as long as `work` reads it, as often as it likes; nothing of it outlives the process. */
export async function spooled<T>(
  folder: string,
  source: ByteSource,
  work: (read: () => ByteSource) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, newId())
  const file = await open(path, 'wx+', 0o600)
  try {
    await unlink(path)
    for await (const chunk of source) await file.appendFile(chunk)
    return await work(() => file.createReadStream({ start: 0, autoClose: false }))
  } finally {
    await file.close()
  }
}
