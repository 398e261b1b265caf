import type { Storage, StoredObject } from '../src/platform/storage/storage.ts'

/** Everything a storage holds. */
export async function listed(storage: Storage): Promise<StoredObject[]> {
  const found: StoredObject[] = []
  for await (const object of storage.list()) found.push(object)
  return found
}
