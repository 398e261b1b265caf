import type { Selectable } from 'kysely'
import type { AuditEventsTable, Db } from '../../platform/db/schema.ts'

export type AuditRow = Selectable<AuditEventsTable>

export async function insertAuditEvent(db: Db, row: AuditRow): Promise<void> {
  await db.insertInto('audit_events').values(row).execute()
}
