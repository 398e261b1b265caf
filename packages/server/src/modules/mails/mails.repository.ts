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

/** Mails whose time has come: those that wait, and those whose sender has not been heard of since. */
export function listDue(db: Db, now: string, limit: number): Promise<MailRow[]> {
  return db
    .selectFrom('mails')
    .selectAll()
    .where('status', 'in', ['pending', 'sending'])
    .where('next_attempt_at', '<=', now)
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()
}

/** True for the one who may send it, as it was read, until the lease ends. */
export async function claimMail(
  db: Db,
  { id, status, attempts, next_attempt_at }: MailRow,
  lease: { id: string; until: string },
): Promise<boolean> {
  const result = await db
    .updateTable('mails')
    .set({ status: 'sending', lease_id: lease.id, next_attempt_at: lease.until, attempts: attempts + 1 })
    .where('id', '=', id)
    .where('status', '=', status)
    .where('attempts', '=', attempts)
    .where('next_attempt_at', '=', next_attempt_at)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function extendLeases(db: Db, leases: readonly string[], until: string): Promise<void> {
  await db
    .updateTable('mails')
    .set({ next_attempt_at: until })
    .where('lease_id', 'in', leases)
    .where('status', '=', 'sending')
    .execute()
}

/** What a claim ends with. */
export type MailOutcome = Partial<Pick<MailRow, 'status' | 'next_attempt_at' | 'last_error' | 'sealed' | 'sent_at'>>

/** False when the claim was lost meanwhile: what became of the mail is for another to say. */
export async function endClaim(db: Db, lease: string, outcome: MailOutcome): Promise<boolean> {
  const result = await db
    .updateTable('mails')
    .set({ ...outcome, lease_id: null })
    .where('lease_id', '=', lease)
    .where('status', '=', 'sending')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** What waits to be sent, and since when the first of it is due. */
export async function countWaiting(db: Db): Promise<{ waiting: number; retrying: number; oldest_due: string | null }> {
  const counts = await db
    .selectFrom('mails')
    .select(({ fn, eb }) => [
      fn.countAll<number>().as('waiting'),
      fn.coalesce(fn.sum<number>(eb.case().when('attempts', '>', 0).then(1).else(0).end()), eb.lit(0)).as('retrying'),
      fn.min('next_attempt_at').as('oldest_due'),
    ])
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  return { ...counts, waiting: Number(counts.waiting), retrying: Number(counts.retrying) }
}

export async function countDead(db: Db, limit: number): Promise<number> {
  const dead = db.selectFrom('mails').select('id').where('status', '=', 'dead').limit(limit).as('dead')
  const { count } = await db
    .selectFrom(dead)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

export function findMail(db: Db, id: string): Promise<MailRow | undefined> {
  return db.selectFrom('mails').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Newest first. */
export function listMails(
  db: Db,
  { status, before, limit }: { status?: string | undefined; before?: string | undefined; limit: number },
): Promise<MailRow[]> {
  let query = db.selectFrom('mails').selectAll().orderBy('id', 'desc').limit(limit)
  if (status !== undefined) query = query.where('status', '=', status)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}

/** A dead letter waits again, with all its attempts; false for any other mail and for one whose link has ended. */
export async function reviveMail(db: Db, id: string, now: string): Promise<boolean> {
  const result = await db
    .updateTable('mails')
    .set({ status: 'pending', attempts: 0, next_attempt_at: now })
    .where('id', '=', id)
    .where('status', '=', 'dead')
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function deleteReadable(db: Db): Promise<void> {
  await db.deleteFrom('mails').where('sealed', 'is not', null).where('status', '!=', 'sending').execute()
}

/** Mails that are done with, a batch at a time; answers how many went. */
export async function deleteFinished(db: Db, before: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('mails')
    .select('id')
    .where('status', 'in', ['sent', 'dead', 'expired'])
    .where('next_attempt_at', '<', before)
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  const result = await db.deleteFrom('mails').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Dead letters whose links have ended, too: nobody can send those again. */
export async function wipeEnded(db: Db, now: string, limit: number): Promise<number> {
  const rows = await db
    .selectFrom('mails')
    .select('id')
    .where('status', '=', 'dead')
    .where('expires_at', '<=', now)
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await db.updateTable('mails').set({ status: 'expired', sealed: null }).where('id', 'in', ids).execute()
  return ids.length
}

export async function deleteMailsOf(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('mails').where('user_id', '=', userId).execute()
}
