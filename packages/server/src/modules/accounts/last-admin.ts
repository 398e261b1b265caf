import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import { accountErrors } from './accounts.errors.ts'
import { lockActiveAdmins } from './accounts.repository.ts'

/**
 * Called in the transaction, before the lock of any other user's row, by whatever takes the role admin or the active state
 * from an account. Two administrators who remove each other at once follow each other here. Throws last_admin.
 */
export async function assertAdminRemains(tx: Db, dialect: Dialect, leaving: string): Promise<void> {
  const admins = await lockActiveAdmins(tx, dialect)
  if (admins.length === 1 && admins[0] === leaving) throw accountErrors.last_admin()
}
