import type { Selectable } from 'kysely'
import type { Db, MailsTable } from '../../platform/db/schema.ts'

export type MailRow = Selectable<MailsTable>

export async function insertMail(db: Db, row: MailRow): Promise<void> {
  await db.insertInto('mails').values(row).execute()
}

/** Mails whose words are still there, newest first. */
export function listReadable(db: Db, { to, limit }: { to?: string | undefined; limit: number }): Promise<MailRow[]> {
  return db
    .selectFrom('mails')
    .selectAll()
    .where('sealed', 'is not', null)
    .$if(to !== undefined, (query) => query.where('to_address', '=', to ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
