import { type Selectable, sql } from 'kysely'
import type { Dialect } from '../../platform/db/dialects/dialect.ts'
import type { Db, WebhookDeliveriesTable, WebhooksTable } from '../../platform/db/schema.ts'

export type WebhookRow = Selectable<WebhooksTable>
export type DeliveryRow = Selectable<WebhookDeliveriesTable>

export const listWebhooks = (db: Db): Promise<WebhookRow[]> =>
  db.selectFrom('webhooks').selectAll().orderBy('id').execute()

export const findWebhook = (db: Db, id: string): Promise<WebhookRow | undefined> =>
  db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()

export const lockWebhook = (tx: Db, { lock }: Dialect, id: string): Promise<WebhookRow | undefined> =>
  lock.forUpdate(tx.selectFrom('webhooks').selectAll().where('id', '=', id)).executeTakeFirst()

export async function insertWebhook(tx: Db, row: WebhookRow): Promise<void> {
  await tx.insertInto('webhooks').values(row).execute()
}

export async function updateWebhook(tx: Db, id: string, change: Partial<WebhookRow>): Promise<void> {
  await tx.updateTable('webhooks').set(change).where('id', '=', id).execute()
}

export async function deleteWebhook(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('webhooks').where('id', '=', id).execute()
}

/** Those that have not been told all up to `head`. */
export const listBehind = (db: Db, head: number): Promise<WebhookRow[]> =>
  db.selectFrom('webhooks').selectAll().where('enabled', '=', 1).where('position', '<', head).orderBy('id').execute()

/** True for the one process that moved it. */
export async function movePosition(tx: Db, id: string, from: number, to: number): Promise<boolean> {
  const result = await tx
    .updateTable('webhooks')
    .set({ position: to })
    .where('id', '=', id)
    .where('position', '=', from)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function insertDeliveries(tx: Db, rows: readonly DeliveryRow[]): Promise<void> {
  if (rows.length > 0)
    await tx
      .insertInto('webhook_deliveries')
      .values([...rows])
      .execute()
}

/** So many of one webhook stand before what waits for others. */
const turns = 4

/**
 * Those whose time has come, and those whose sender has not been heard of since; without those of `except`. A webhook of
 * which very many wait does not keep others waiting.
 */
export const listDue = (db: Db, now: string, limit: number, except: readonly string[]): Promise<DeliveryRow[]> =>
  db
    .selectFrom((from) => {
      const due = from
        .selectFrom('webhook_deliveries')
        .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
        .selectAll('webhook_deliveries')
        .select(sql<number>`row_number() over (partition by webhook_id order by next_attempt_at)`.as('turn'))
        .where('webhook_deliveries.status', 'in', ['pending', 'sending'])
        .where('webhook_deliveries.next_attempt_at', '<=', now)
        .where('webhooks.enabled', '=', 1)
      return (except.length === 0 ? due : due.where('webhooks.id', 'not in', [...except])).as('due')
    })
    .selectAll()
    .where('turn', '<=', turns)
    .orderBy('turn')
    .orderBy('next_attempt_at')
    .limit(limit)
    .execute()

/** True for the one who may send it, until the lease ends. */
export async function claimDelivery(
  tx: Db,
  { id, status, attempts, next_attempt_at }: DeliveryRow,
  lease: { id: string; until: string },
): Promise<boolean> {
  const result = await tx
    .updateTable('webhook_deliveries')
    .set({ status: 'sending', lease_id: lease.id, next_attempt_at: lease.until, attempts: attempts + 1 })
    .where('id', '=', id)
    .where('status', '=', status)
    .where('attempts', '=', attempts)
    .where('next_attempt_at', '=', next_attempt_at)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export type DeliveryOutcome = Pick<DeliveryRow, 'status' | 'next_attempt_at' | 'response_status' | 'last_error'> &
  Partial<Pick<DeliveryRow, 'delivered_at'>>

/** False when the claim was lost meanwhile. */
export async function endClaim(tx: Db, id: string, lease: string, outcome: DeliveryOutcome): Promise<boolean> {
  const result = await tx
    .updateTable('webhook_deliveries')
    .set({ ...outcome, lease_id: null })
    .where('id', '=', id)
    .where('lease_id', '=', lease)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** With all its attempts before it. */
export async function reviveDelivery(tx: Db, webhookId: string, id: string, now: string): Promise<boolean> {
  const result = await tx
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', attempts: 0, next_attempt_at: now })
    .where('webhook_id', '=', webhookId)
    .where('id', '=', id)
    .where('status', 'in', ['delivered', 'dead', 'pending'])
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export const findDelivery = (db: Db, webhookId: string, id: string): Promise<DeliveryRow | undefined> =>
  db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .where('id', '=', id)
    .executeTakeFirst()

/** Newest first. */
export function listDeliveries(
  db: Db,
  webhookId: string,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<DeliveryRow[]> {
  let query = db.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', webhookId)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

/** How many wait, since when, and how many were given up: no more than `most` of these are counted. */
export async function countDeliveries(db: Db, most: number) {
  const { waiting, oldest } = await db
    .selectFrom('webhook_deliveries')
    .select(({ fn }) => [fn.countAll<number>().as('waiting'), fn.min('next_attempt_at').as('oldest')])
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow()
  const dead = db.selectFrom('webhook_deliveries').select('id').where('status', '=', 'dead').limit(most).as('dead')
  const { failed } = await db
    .selectFrom(dead)
    .select(({ fn }) => fn.countAll<number>().as('failed'))
    .executeTakeFirstOrThrow()
  return { waiting: Number(waiting), oldest_due: oldest, failed: Number(failed) }
}

/** What was over before `at`; what still waits stays. */
export async function purgeDeliveries(tx: Db, at: string, limit: number): Promise<number> {
  const rows = await tx
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('created_at', '<', at)
    .where('status', 'in', ['delivered', 'dead'])
    .limit(limit)
    .execute()
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  const result = await tx.deleteFrom('webhook_deliveries').where('id', 'in', ids).executeTakeFirst()
  return Number(result.numDeletedRows)
}
