import { sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { MessageRow } from './messages.repository.ts'

const work = 'beginnings'

/** How far messages of an earlier version have been given their terms; undefined once all have them. */
export async function findProgress(db: Db): Promise<{ message_id: string | null } | undefined> {
  return db.selectFrom('message_search_progress').select('message_id').where('id', '=', work).executeTakeFirst()
}

/** One process at a time goes on from here. */
export async function lockProgress(
  tx: Db,
  dialect: Pick<Dialect, 'lock'>,
): Promise<{ message_id: string | null } | undefined> {
  const query = tx.selectFrom('message_search_progress').select('message_id').where('id', '=', work)
  return dialect.lock.forUpdate(query).executeTakeFirst()
}

export async function moveProgress(tx: Db, messageId: string): Promise<void> {
  await tx.updateTable('message_search_progress').set({ message_id: messageId }).where('id', '=', work).execute()
}

export async function endProgress(tx: Db): Promise<void> {
  await tx.deleteFrom('message_search_progress').where('id', '=', work).execute()
}

/** Messages that can be found, in the order of their ids. */
export async function listSearchable(db: Db, after: string | null, limit: number): Promise<string[]> {
  let query = db.selectFrom('message_search').select('message_id').orderBy('message_id').limit(limit)
  if (after !== null) query = query.where('message_id', '>', after)
  return (await query.execute()).map(({ message_id }) => message_id)
}

/** Held, so that nobody edits them meanwhile. */
export async function lockMessages(
  tx: Db,
  dialect: Pick<Dialect, 'lock'>,
  ids: readonly string[],
): Promise<MessageRow[]> {
  if (ids.length === 0) return []
  return dialect.lock
    .forUpdate(
      tx
        .selectFrom('messages')
        .selectAll()
        .where('id', 'in', [...ids])
        .orderBy('id'),
    )
    .execute()
}

/** Each its own, in the rows that are there: their order is the order of the hits. */
export async function updateTermsOf(db: Db, messages: readonly { id: string; terms: string }[]): Promise<void> {
  if (messages.length === 0) return
  const cases = messages.map(({ id, terms }) => sql`when message_id = ${id} then ${terms}`)
  await db
    .updateTable('message_search')
    .set({ terms: sql<string>`case ${sql.join(cases, sql` `)} else terms end` })
    .where(
      'message_id',
      'in',
      messages.map(({ id }) => id),
    )
    .execute()
}
