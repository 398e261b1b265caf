import type { Selectable } from 'kysely'
import type { Db, ReservedNamesTable } from '../../platform/db/schema.ts'

export type ReservedName = Selectable<ReservedNamesTable>

export async function findReservedName(db: Db, usernameKey: string, now: string): Promise<ReservedName | undefined> {
  return db
    .selectFrom('reserved_names')
    .selectAll()
    .where('username_key', '=', usernameKey)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** Which of these names are reserved. */
export async function listReservedNames(db: Db, usernameKeys: readonly string[], now: string): Promise<string[]> {
  if (usernameKeys.length === 0) return []
  const rows = await db
    .selectFrom('reserved_names')
    .select('username_key')
    .where('username_key', 'in', [...usernameKeys])
    .where('expires_at', '>', now)
    .execute()
  return rows.map((row) => row.username_key)
}

/** The newest registration that still waits for its proof, by the canonical form of its name or of its address. */
export async function findWaitingRegistration(db: Db, key: string, now: string): Promise<ReservedName | undefined> {
  return db
    .selectFrom('reserved_names')
    .selectAll()
    .where(key.includes('@') ? 'email_key' : 'username_key', '=', key)
    .where('expires_at', '>', now)
    .where('password_hash', 'is not', null)
    .orderBy('expires_at', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** In place of one that ended, or that the same holder had. Violates `reserved_names_pkey` when another one holds it. */
export async function reserveName(db: Db, row: ReservedName, now: string): Promise<void> {
  await db
    .deleteFrom('reserved_names')
    .where('username_key', '=', row.username_key)
    .where((name) => name.or([name('expires_at', '<=', now), name('held_by', '=', row.held_by)]))
    .execute()
  await db.insertInto('reserved_names').values(row).execute()
}

export async function releaseName(db: Db, usernameKey: string): Promise<void> {
  await db.deleteFrom('reserved_names').where('username_key', '=', usernameKey).execute()
}

/** What one holder asked for before. */
export async function releaseHeldNames(db: Db, holder: string): Promise<void> {
  await db.deleteFrom('reserved_names').where('held_by', '=', holder).execute()
}

/** Those a person left, and those that were asked for with their address. */
export async function releaseNamesOf(db: Db, user: { id: string; email_key: string }): Promise<void> {
  await db
    .deleteFrom('reserved_names')
    .where((name) => name.or([name('held_by', '=', user.id), name('email_key', '=', user.email_key)]))
    .execute()
}

export async function deleteEndedReservations(db: Db, now: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('reserved_names')
    .select('username_key')
    .where('expires_at', '<=', now)
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const result = await db
    .deleteFrom('reserved_names')
    .where(
      'username_key',
      'in',
      rows.map((row) => row.username_key),
    )
    .where('expires_at', '<=', now)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
