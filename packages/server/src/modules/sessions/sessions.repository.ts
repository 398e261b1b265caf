import { type Selectable, type SqlBool, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import { prepared } from '../../platform/db/prepared.ts'
import type { Db, SessionsTable, UsersTable } from '../../platform/db/schema.ts'
import type { EndReason, Session } from './sessions.schema.ts'

export type SessionRow = Selectable<SessionsTable>

/** What a request is judged by: the session, and of its user what can take rights away. */
export interface SessionState {
  session: SessionRow
  status: string
  /** Until then the account is shut out. */
  bannedUntil: string | null
  roles: string[]
}

export async function findSessionState(db: Db, sessionId: string): Promise<SessionState | undefined> {
  const rows = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .leftJoin('user_roles', 'user_roles.user_id', 'sessions.user_id')
    .selectAll('sessions')
    .select(['users.status', 'users.banned_until', 'user_roles.role'])
    .where('sessions.id', '=', sessionId)
    .execute()
  const [first] = rows
  if (!first) return undefined
  const { status, banned_until: bannedUntil, role: _, ...session } = first
  return { session, status, bannedUntil, roles: rows.flatMap((row) => row.role ?? []).sort() }
}

export async function findSession(db: Db, sessionId: string): Promise<SessionRow | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', sessionId).executeTakeFirst()
}

/** The accounts of these sessions, by session. */
export async function listSessionOwners(db: Db, ids: readonly string[]): Promise<(readonly [string, string])[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('sessions').select(['id', 'user_id']).where('id', 'in', ids).execute()
  return rows.map(({ id, user_id }) => [id, user_id] as const)
}

const inserted = prepared((db, session: SessionRow) => db.insertInto('sessions').values(session))

export async function insertSession(db: Db, session: SessionRow): Promise<void> {
  await inserted(db, session)
}

/** Moves a live session to its next token pair: true for the one caller that moved the counter. */
export async function advanceSession(
  db: Db,
  sessionId: string,
  counter: number,
  change: Partial<SessionRow>,
): Promise<boolean> {
  const result = await db
    .updateTable('sessions')
    .set({ ...change, refresh_counter: counter + 1 })
    .where('id', '=', sessionId)
    .where('refresh_counter', '=', counter)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function listLiveSessions(db: Db, userId: string, now: string): Promise<SessionRow[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .limit(200)
    .execute()
}

export interface LiveSessionFilter {
  userIds?: readonly string[] | undefined
  ip?: string | undefined
  /** Part of the device's name, or of what its browser says of itself; small letters. */
  device?: string | undefined
  before?: string | undefined
  now: string
  limit: number
}

/** Everybody's live sessions, the newest sign-in first. */
export function liveSessions(db: Db, { userIds, ip, device, before, now, limit }: LiveSessionFilter) {
  let query = db.selectFrom('sessions').selectAll().where('revoked_at', 'is', null).where('expires_at', '>', now)
  if (userIds !== undefined) query = query.where('user_id', 'in', [...userIds])
  if (ip !== undefined) query = query.where('ip', '=', ip)
  if (device !== undefined) {
    const pattern = `%${device.replace(/[!%_]/g, '!$&')}%`
    query = query.where((where) =>
      where.or(
        (['device_name', 'user_agent'] as const).map(
          (column) => sql<SqlBool>`lower(${where.ref(column)}) like ${pattern} escape '!'`,
        ),
      ),
    )
  }
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit)
}

/** Of the ids given, those that no longer count: one query for all open sockets. */
export async function listEndedSessionIds(db: Db, sessionIds: readonly string[], now: string): Promise<string[]> {
  if (sessionIds.length === 0) return []
  const rows = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select('sessions.id')
    .where('sessions.id', 'in', [...sessionIds])
    .where('sessions.revoked_at', 'is', null)
    .where('sessions.expires_at', '>', now)
    .where('users.status', 'in', ['active', 'deletion_pending'])
    .where((where) => where.or([where('users.banned_until', 'is', null), where('users.banned_until', '<=', now)]))
    .execute()
  const live = new Set(rows.map((row) => row.id))
  return sessionIds.filter((id) => !live.has(id))
}

/** Sessions that were opened out of these to act as somebody else: they end together. */
async function listImpersonations(db: Db, sessionIds: readonly string[]): Promise<string[]> {
  if (sessionIds.length === 0) return []
  const rows = await db
    .selectFrom('sessions')
    .select('id')
    .where('impersonator_session_id', 'in', [...sessionIds])
    .where('revoked_at', 'is', null)
    .execute()
  return rows.map((row) => row.id)
}

/** All live sessions of a user, or one of them, or all but one. */
export interface SessionChoice {
  userId: string
  sessionId?: string
  except?: string
}

/** Answers those that this call ended: of two callers at once each session is told to one. */
export async function revokeSessions(
  db: Db,
  { lock }: Pick<Dialect, 'lock'>,
  which: SessionChoice,
  now: string,
  reason: EndReason,
): Promise<string[]> {
  let live = db.selectFrom('sessions').select('id').where('user_id', '=', which.userId).where('revoked_at', 'is', null)
  if (which.sessionId !== undefined) live = live.where('id', '=', which.sessionId)
  if (which.except !== undefined) live = live.where('id', '!=', which.except)
  const own = (await lock.forUpdate(live).execute()).map((row) => row.id)
  const ids = [...own, ...(await listImpersonations(db, own))]
  if (ids.length > 0) {
    await db.updateTable('sessions').set({ revoked_at: now, revoked_reason: reason }).where('id', 'in', ids).execute()
  }
  return ids
}

/** A session that is revoked has an end all the same. */
export async function deleteEndedSessions(db: Db, before: string, limit: number): Promise<number> {
  const rows = await db.selectFrom('sessions').select('id').where('expires_at', '<', before).limit(limit).execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  return Number((await db.deleteFrom('sessions').where('id', 'in', ids).executeTakeFirst()).numDeletedRows)
}

export async function deleteSessions(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute()
}

/** Whom to tell of what happened to a session. */
export async function findOwner(db: Db, sessionId: string): Promise<SessionOwner | undefined> {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.id', 'users.kind', 'users.username', 'users.display_name', 'users.email', 'users.locale'])
    .where('sessions.id', '=', sessionId)
    .executeTakeFirst()
}

export type SessionOwner = Pick<
  Selectable<UsersTable>,
  'id' | 'kind' | 'username' | 'display_name' | 'email' | 'locale'
>

export function toSession(row: SessionRow, currentId: string): Session {
  const { id, device_name, user_agent, ip, method, aal, created_at, last_seen_at, expires_at } = row
  const times = { created_at, last_seen_at, expires_at }
  return { id, current: id === currentId, device_name, user_agent, ip, method, aal, ...times }
}
