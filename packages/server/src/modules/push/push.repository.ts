import type { Selectable } from 'kysely'
import type { Db, PushSubscriptionsTable } from '../../platform/db/schema.ts'

export type SubscriptionRow = Selectable<PushSubscriptionsTable>

/** Nobody has more; of more people than one message tells, nothing is asked. */
export const subscriptionsPerPerson = 20

export async function listSubscriptions(db: Db, userIds: readonly string[]): Promise<SubscriptionRow[]> {
  if (userIds.length === 0) return []
  return db
    .selectFrom('push_subscriptions')
    .selectAll()
    .where('user_id', 'in', [...new Set(userIds)])
    .orderBy('id')
    .execute()
}

export async function findByEndpoint(db: Db, hash: string): Promise<SubscriptionRow | undefined> {
  return db.selectFrom('push_subscriptions').selectAll().where('endpoint_hash', '=', hash).executeTakeFirst()
}

export async function insertSubscription(db: Db, row: SubscriptionRow): Promise<void> {
  await db.insertInto('push_subscriptions').values(row).execute()
}

export async function updateSubscription(db: Db, id: string, change: Partial<SubscriptionRow>): Promise<void> {
  await db.updateTable('push_subscriptions').set(change).where('id', '=', id).execute()
}

/** Answers how many there were. */
export async function deleteSubscriptions(
  db: Db,
  which: { ids?: readonly string[]; userId?: string },
): Promise<number> {
  if (which.ids?.length === 0) return 0
  let query = db.deleteFrom('push_subscriptions')
  if (which.ids !== undefined) query = query.where('id', 'in', [...which.ids])
  if (which.userId !== undefined) query = query.where('user_id', '=', which.userId)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}
