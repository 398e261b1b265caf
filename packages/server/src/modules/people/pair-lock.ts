import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import { lockUser } from '../accounts/index.ts'
import { noSuchPerson } from './people.errors.ts'

/**
 * What two people do to each other happens one after the other: a block and a request at once leave no request behind.
 * Ascending, so that two of these never wait for each other. Throws not_found.
 */
export async function lockPair(tx: Db, dialect: Dialect, a: string, b: string): Promise<void> {
  for (const id of [a, b].sort()) {
    const row = await lockUser(tx, dialect, id)
    if (!row || row.status === 'deleted') throw noSuchPerson()
  }
}
