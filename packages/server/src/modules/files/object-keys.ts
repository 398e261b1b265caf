import type { Db } from '../../platform/db/schema.ts'
import { listFilesAfter } from './files.repository.ts'

const batch = 500

/** Where the bytes of all files lie, for who copies them. */
export async function* listObjectKeys(db: Db): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const rows = await listFilesAfter(db, after, batch)
    for (const { storage_key } of rows) yield storage_key
    const last = rows.at(-1)
    if (!last || rows.length < batch) return
    after = last.id
  }
}
