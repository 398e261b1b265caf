import { createHash } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import { type OutsideRules, outsideUrl } from '../../platform/http/outside-address.ts'
import { isId, newId } from '../../platform/ids.ts'
import { areReceiverKeys } from '../../platform/push/push-encryption.ts'
import {
  deleteSubscriptions,
  findByEndpoint,
  insertSubscription,
  listSubscriptions,
  type SubscriptionRow,
  subscriptionsPerPerson,
  updateSubscription,
} from './push.repository.ts'
import type { NewPushSubscription, PushSubscriptionView } from './push.schema.ts'

export interface SubscriptionsDependencies {
  database: DatabaseHandle
  now: Clock
  rules: OutsideRules
}

/** Browsers that asked to be told while nobody looks at the page. */
export class PushSubscriptions {
  readonly #deps: SubscriptionsDependencies

  constructor(deps: SubscriptionsDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor): Promise<PushSubscriptionView[]> {
    const rows = await listSubscriptions(this.#deps.database.db, [actor.userId])
    return rows.map((row) => toView(row, actor))
  }

  /** The same browser again keeps its id; one that somebody else used before is theirs no more. Throws validation_failed. */
  async add(
    actor: Actor,
    input: NewPushSubscription,
    client: ClientInfo,
  ): Promise<{ subscription: PushSubscriptionView; created: boolean }> {
    const { database, now, rules } = this.#deps
    const { endpoint, keys } = input
    if (!outsideUrl(endpoint, rules)) throw refused('/endpoint', 'Must be an https address of the internet')
    if (!areReceiverKeys(keys)) throw refused('/keys', 'These are not the keys of a browser')
    const own = {
      ...{ ...keys, session_id: actor.sessionId, created_at: now().toISOString() },
      user_agent: client.userAgent.slice(0, 500).toWellFormed(),
    }
    const hash = createHash('sha256').update(endpoint).digest('base64url')
    const store = () =>
      database.unitOfWork(async ({ tx }) => {
        const known = await findByEndpoint(tx, hash)
        if (known?.user_id === actor.userId) {
          await updateSubscription(tx, known.id, own)
          return { row: { ...known, ...own }, created: false }
        }
        if (known) await deleteSubscriptions(tx, { ids: [known.id] })
        const row = { ...own, id: newId(), user_id: actor.userId, endpoint, endpoint_hash: hash }
        await insertSubscription(tx, row)
        await this.#dropSurplus(tx, actor.userId)
        return { row, created: true }
      })
    const { row, created } = await store().catch((error: unknown) => {
      if (!database.dialect.isUniqueViolation(error, 'push_subscriptions_endpoint_hash')) throw error
      return store()
    })
    return { subscription: toView(row, actor), created }
  }

  async #dropSurplus(tx: Db, userId: string): Promise<void> {
    const rows = await listSubscriptions(tx, [userId])
    const surplus = rows.slice(0, -subscriptionsPerPerson)
    await deleteSubscriptions(tx, { ids: surplus.map(({ id }) => id) })
  }

  /** Throws not_found. */
  async remove(actor: Actor, id: string): Promise<void> {
    const removed = await this.#deps.database.unitOfWork(async ({ tx }) =>
      isId(id) ? deleteSubscriptions(tx, { ids: [id], userId: actor.userId }) : 0,
    )
    if (removed === 0) throw platformErrors.not_found({ detail: 'There is no such subscription' })
  }

  /** No browser is told any more: after a reset, and when an account ends or changes hands. */
  async forgetAll(tx: Db, userId: string): Promise<void> {
    await deleteSubscriptions(tx, { userId })
  }
}

const toView = (row: SubscriptionRow, { sessionId }: Actor): PushSubscriptionView => ({
  id: row.id,
  service: new URL(row.endpoint).hostname,
  user_agent: row.user_agent,
  current: row.session_id === sessionId,
  created_at: row.created_at,
})

const refused = (pointer: string, message: string) =>
  platformErrors.validation_failed({ detail: message, members: { errors: [{ pointer, code: 'invalid', message }] } })
