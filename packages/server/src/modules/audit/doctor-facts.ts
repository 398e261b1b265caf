import type { Db } from '../../platform/db/schema.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { AuditType } from './audit-types.ts'
import { isSigned } from './sealing.ts'
import { readHead } from './seals.repository.ts'

/** Whether one of these keys signed the end of the log. */
export const isChainOurs = async (db: Db, keys: SealingKeys): Promise<boolean> => isSigned(keys, await readHead(db))

/** When that was done the last time. */
export async function latestAudit(db: Db, type: AuditType): Promise<string | undefined> {
  const row = await db
    .selectFrom('audit_events')
    .select('at')
    .where('type', '=', type)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at
}
