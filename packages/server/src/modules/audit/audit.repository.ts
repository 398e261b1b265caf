import type { Selectable } from 'kysely'
import { prepared } from '../../platform/db/prepared.ts'
import type { AuditEventsTable, Db } from '../../platform/db/schema.ts'

export type AuditRow = Selectable<AuditEventsTable>

const inserted = prepared((db, { rows }: { rows: readonly AuditRow[] }) => db.insertInto('audit_events').values(rows))

export async function insertAuditEvents(db: Db, rows: readonly AuditRow[]): Promise<void> {
  await inserted(db, { rows })
}

/** All of it must hold. Times as they are stored; `from` is included, `to` is not. */
export interface AuditFilter {
  type?: string | undefined
  category?: string | undefined
  user_id?: string | undefined
  actor_id?: string | undefined
  ip?: string | undefined
  success?: number | undefined
  from?: string | undefined
  to?: string | undefined
}

/** Where a page ended. */
export type AuditPlace = readonly [at: string, id: string]

const columns = ['type', 'category', 'user_id', 'actor_id', 'ip', 'success'] as const

/** Newest first, after the place where the page before ended. */
export function auditEvents(db: Db, filter: AuditFilter, after: AuditPlace | undefined, limit: number) {
  let query = db.selectFrom('audit_events').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
  for (const column of columns) {
    const value = filter[column]
    if (value !== undefined) query = query.where(column, '=', value)
  }
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from)
  if (filter.to !== undefined) query = query.where('at', '<', filter.to)
  if (after) {
    const [at, id] = after
    query = query.where('at', '<=', at).where((where) => where.or([where('at', '<', at), where('id', '<', id)]))
  }
  return query
}

export async function listAuditEvents(
  db: Db,
  filter: AuditFilter,
  after: AuditPlace | undefined,
  limit: number,
): Promise<AuditRow[]> {
  return auditEvents(db, filter, after, limit).execute()
}

/** The database refuses those that are to be kept longer, by its own clock. Answers which went. */
export async function deleteKeptUntil(db: Db, time: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('audit_events')
    .select('id')
    .where('keep_until', '<=', time)
    .orderBy('keep_until')
    .limit(limit)
    .execute()
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  await db.deleteFrom('audit_events').where('id', 'in', ids).execute()
  return ids
}

/** How often what was refused since then was refused, by account or by address, the most first. */
export async function countAttempts(
  db: Db,
  which: { by: 'user_id' | 'ip'; types: readonly string[]; since: string; limit: number },
): Promise<{ subject: string; count: number }[]> {
  return attemptCounts(db, which).execute()
}

export function attemptCounts(
  db: Db,
  { by, types, since, limit }: { by: 'user_id' | 'ip'; types: readonly string[]; since: string; limit: number },
) {
  return db
    .selectFrom('audit_events')
    .select(({ ref, fn }) => [ref(by).$notNull().as('subject'), fn.countAll<number>().as('count')])
    .where('success', '=', 0)
    .where('at', '>', since)
    .where('type', 'in', types)
    .where(by, 'is not', null)
    .groupBy(by)
    .orderBy('count', 'desc')
    .limit(limit)
}

/** What events of this type since then were about. */
export async function listResources(
  db: Db,
  type: string,
  since: string,
): Promise<Pick<AuditRow, 'resource_type' | 'resource_id'>[]> {
  return db
    .selectFrom('audit_events')
    .select(['resource_type', 'resource_id'])
    .where('type', '=', type)
    .where('at', '>', since)
    .execute()
}

export async function hasAuditEvent(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('audit_events').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}
