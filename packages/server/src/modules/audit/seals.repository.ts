import type { Selectable } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { AuditSealsTable, Db } from '../../platform/db/schema.ts'
import type { AuditRow } from './audit.repository.ts'

export type SealRow = Selectable<AuditSealsTable>

export interface ChainHead {
  position: number
  hash: string
  signature: string | null
}

const head = (db: Db) => db.selectFrom('audit_chain').select(['position', 'hash', 'signature']).where('id', '=', 'head')

export const readHead = (db: Db): Promise<ChainHead> => head(db).executeTakeFirstOrThrow()

/** Nobody else seals or erases until the transaction ends. */
export const lockHead = (db: Db, dialect: Dialect): Promise<ChainHead> =>
  dialect.lock.forUpdate(head(db)).executeTakeFirstOrThrow()

export async function moveHead(db: Db, to: ChainHead): Promise<void> {
  await db.updateTable('audit_chain').set(to).where('id', '=', 'head').execute()
}

export const unsealed = (db: Db, limit: number) =>
  db.selectFrom('audit_seals').select('event_id').where('position', 'is', null).orderBy('event_id').limit(limit)

export async function listUnsealed(db: Db, limit: number): Promise<string[]> {
  return (await unsealed(db, limit).execute()).map(({ event_id }) => event_id)
}

export async function listEvents(db: Db, ids: readonly string[]): Promise<AuditRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('audit_events').selectAll().where('id', 'in', ids).execute()
}

export async function replaceSeals(db: Db, seals: readonly SealRow[]): Promise<void> {
  const ids = seals.map(({ event_id }) => event_id)
  await db.deleteFrom('audit_seals').where('event_id', 'in', ids).execute()
  await db
    .insertInto('audit_seals')
    .values([...seals])
    .execute()
}

export const findSeal = (db: Db, eventId: string): Promise<SealRow | undefined> =>
  db.selectFrom('audit_seals').selectAll().where('event_id', '=', eventId).executeTakeFirst()

/** In the order of the chain. */
export const sealsAfter = (db: Db, position: number, limit: number) =>
  db.selectFrom('audit_seals').selectAll().where('position', '>', position).orderBy('position').limit(limit)

/** Events that no seal was begun for, by their ids. */
export async function findUnfollowed(db: Db, after: string, limit: number) {
  return db
    .selectFrom('audit_events')
    .leftJoin('audit_seals', 'audit_seals.event_id', 'audit_events.id')
    .select(['audit_events.id', 'audit_seals.event_id'])
    .where('audit_events.id', '>', after)
    .orderBy('audit_events.id')
    .limit(limit)
    .execute()
}

/** What a purge removed keeps its place in the chain, and nothing that tells what it was. */
export async function forgetSalts(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .updateTable('audit_seals')
    .set({ origin_salt: null, detail_salt: null })
    .where('event_id', 'in', ids)
    .execute()
}

export async function listErased(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('audit_events').select('user_id').where('type', '=', 'user_deleted').execute()
  return rows.flatMap(({ user_id }) => (user_id === null ? [] : [user_id]))
}

/** Where somebody was when they acted; of failed sign-ins nobody but the account is known. */
export async function emptyOrigins(db: Db, userId: string): Promise<void> {
  const ids = db
    .selectFrom('audit_events')
    .select('id')
    .where((where) =>
      where.or([
        where('actor_id', '=', userId),
        where.and([where('actor_id', 'is', null), where('user_id', '=', userId)]),
      ]),
    )
  await db.updateTable('audit_seals').set({ origin_salt: null }).where('event_id', 'in', ids).execute()
  for (const column of ['actor_id', 'user_id'] as const) {
    let rows = db.updateTable('audit_events').set({ ip: null, user_agent: null }).where(column, '=', userId)
    if (column === 'user_id') rows = rows.where('actor_id', 'is', null)
    await rows.where((where) => where.or([where('ip', 'is not', null), where('user_agent', 'is not', null)])).execute()
  }
}

/** Facts about somebody, but for what an account was and which roles it had. */
export async function emptyDetails(db: Db, userId: string, kept: readonly string[]): Promise<void> {
  const ids = db.selectFrom('audit_events').select('id').where('user_id', '=', userId).where('type', 'not in', kept)
  await db.updateTable('audit_seals').set({ detail_salt: null }).where('event_id', 'in', ids).execute()
  await db
    .updateTable('audit_events')
    .set({ detail: '{}' })
    .where('user_id', '=', userId)
    .where('type', 'not in', kept)
    .where('detail', '<>', '{}')
    .execute()
}
