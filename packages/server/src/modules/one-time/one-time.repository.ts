import type { Selectable } from 'kysely'
import type { Db, OneTimeTokensTable } from '../../platform/db/schema.ts'

export type OneTimeRow = Selectable<OneTimeTokensTable>

export async function insertToken(db: Db, row: OneTimeRow): Promise<void> {
  await db.insertInto('one_time_tokens').values(row).execute()
}

export async function findToken(
  db: Db,
  purpose: string,
  tokenHash: string,
  now: string,
): Promise<OneTimeRow | undefined> {
  return db
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .executeTakeFirst()
}

/** The newest one of a subject that has a code. */
export async function findWithCode(
  db: Db,
  which: { purpose: string; subject: string; now: string; bornAfter: string },
): Promise<OneTimeRow | undefined> {
  return db
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('purpose', '=', which.purpose)
    .where('subject', '=', which.subject)
    .where('expires_at', '>', which.now)
    .where('created_at', '>', which.bornAfter)
    .where('code_hash', 'is not', null)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** True while one was left: tries side by side cannot all pass before the first is counted. */
export async function takeAttempt(db: Db, id: string): Promise<boolean> {
  const result = await db
    .updateTable('one_time_tokens')
    .set((eb) => ({ attempts_left: eb('attempts_left', '-', 1) }))
    .where('id', '=', id)
    .where('attempts_left', '>', 0)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Read after `takeAttempt`, which holds the row: others wait with theirs. */
export async function countAttemptsLeft(db: Db, id: string): Promise<number> {
  const row = await db.selectFrom('one_time_tokens').select('attempts_left').where('id', '=', id).executeTakeFirst()
  return row?.attempts_left ?? 0
}

/** True for the one caller that used it up. */
export async function deleteToken(db: Db, id: string): Promise<boolean> {
  const result = await db.deleteFrom('one_time_tokens').where('id', '=', id).executeTakeFirst()
  return result.numDeletedRows === 1n
}

export async function deleteTokensOf(db: Db, purpose: string, subject: string): Promise<void> {
  await db.deleteFrom('one_time_tokens').where('purpose', '=', purpose).where('subject', '=', subject).execute()
}

export async function deleteAllTokensOf(db: Db, subject: string): Promise<void> {
  await db.deleteFrom('one_time_tokens').where('subject', '=', subject).execute()
}

export async function deleteEnded(db: Db, now: string, limit: number): Promise<number> {
  const rows = await db.selectFrom('one_time_tokens').select('id').where('expires_at', '<=', now).limit(limit).execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  const result = await db.deleteFrom('one_time_tokens').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}
