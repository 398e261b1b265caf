import type { Selectable } from 'kysely'
import type { AuditEventsTable, Db } from '../../platform/db/schema.ts'

export type AuditRow = Selectable<AuditEventsTable>

export async function insertAuditEvent(db: Db, row: AuditRow): Promise<void> {
  await db.insertInto('audit_events').values(row).execute()
}

/** The database refuses those that are to be kept longer, by its own clock. Answers how many went. */
export async function deleteKeptUntil(db: Db, time: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('audit_events')
    .select('id')
    .where('keep_until', '<=', time)
    .orderBy('keep_until')
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  const result = await db.deleteFrom('audit_events').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}
