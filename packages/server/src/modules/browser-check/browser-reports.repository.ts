import type { Selectable } from 'kysely'
import type { BrowserReportsTable, Db } from '../../platform/db/schema.ts'

export type ReportRow = Selectable<BrowserReportsTable>

export async function insertReport(tx: Db, row: ReportRow): Promise<void> {
  await tx.insertInto('browser_reports').values(row).execute()
}

/** Newest first. */
export function listReports(
  db: Db,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ReportRow[]> {
  let query = db.selectFrom('browser_reports').selectAll()
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

/** The newest one that is too many beside `most` others. */
export async function findSurplus(tx: Db, most: number): Promise<string | undefined> {
  const row = await tx
    .selectFrom('browser_reports')
    .select('id')
    .orderBy('id', 'desc')
    .offset(most)
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

export async function deleteUpTo(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('browser_reports').where('id', '<=', id).execute()
}

export async function deleteOlder(tx: Db, than: string): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('browser_reports')
    .where('created_at', '<', than)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

export async function deleteOf(tx: Db, userId: string): Promise<void> {
  await tx.deleteFrom('browser_reports').where('user_id', '=', userId).execute()
}
