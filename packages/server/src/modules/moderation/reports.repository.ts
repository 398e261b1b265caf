import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, ReportsTable } from '../../platform/db/schema.ts'

export type ReportRow = Selectable<ReportsTable>

export async function findReport(db: Db, id: string): Promise<ReportRow | undefined> {
  return db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function lockReport(tx: Db, dialect: Dialect, id: string): Promise<ReportRow | undefined> {
  return dialect.lock.forUpdate(tx.selectFrom('reports').selectAll().where('id', '=', id)).executeTakeFirst()
}

export async function findOpenReport(db: Db, openKey: string): Promise<ReportRow | undefined> {
  return db.selectFrom('reports').selectAll().where('open_key', '=', openKey).executeTakeFirst()
}

export async function insertReport(tx: Db, row: ReportRow): Promise<void> {
  await tx.insertInto('reports').values(row).execute()
}

export async function updateReport(tx: Db, id: string, change: Partial<ReportRow>): Promise<void> {
  await tx.updateTable('reports').set(change).where('id', '=', id).execute()
}

/** The newest first, before the id `before`. */
export function reports(
  db: Db,
  filter: { status?: string | undefined; userId?: string | undefined; before?: string | undefined; limit: number },
) {
  let query = db.selectFrom('reports').selectAll()
  if (filter.status !== undefined) query = query.where('status', '=', filter.status)
  if (filter.userId !== undefined) query = query.where('target_user_id', '=', filter.userId)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  return query.orderBy('id', 'desc').limit(filter.limit)
}

/** Those decided before this time, at most so many; answers how many went. */
export async function deleteDecidedReports(tx: Db, before: string, limit: number): Promise<number> {
  const found = await decidedReports(tx, before, limit).execute()
  if (found.length === 0) return 0
  await tx
    .deleteFrom('reports')
    .where(
      'id',
      'in',
      found.map(({ id }) => id),
    )
    .execute()
  return found.length
}

export const decidedReports = (db: Db, before: string, limit: number) =>
  db.selectFrom('reports').select('id').where('decided_at', '<', before).orderBy('decided_at').limit(limit)

/** What a person wrote, and what is kept of what they wrote, goes with the account; that there was a report stays. */
export async function emptyReportsOf(tx: Db, userId: string): Promise<void> {
  await tx.updateTable('reports').set({ excerpt: null }).where('target_user_id', '=', userId).execute()
  await tx.updateTable('reports').set({ comment: null }).where('reporter_id', '=', userId).execute()
}
