import type { Selectable } from 'kysely'
import type { Db, MailsTable } from '../../platform/db/schema.ts'

export type MailRow = Selectable<MailsTable>

export async function insertMail(db: Db, row: MailRow): Promise<void> {
  await db.insertInto('mails').values(row).execute()
}
