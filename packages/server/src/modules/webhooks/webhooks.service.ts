import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import { assertVersion } from '../../platform/http/etag.ts'
import type { OutsideRules } from '../../platform/http/outside-address.ts'
import type { Page } from '../../platform/http/schemas.ts'
import { newId } from '../../platform/ids.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import { invalidFields } from '../accounts/index.ts'
import { type AdminReads, type AuditService, chainPosition } from '../audit/index.ts'
import { webhookUrl } from './post-message.ts'
import { newSecret } from './signing.ts'
import {
  countDeliveries,
  type DeliveryRow,
  deleteWebhook,
  findDelivery,
  findWebhook,
  insertDeliveries,
  insertWebhook,
  listDeliveries,
  listWebhooks,
  lockWebhook,
  reviveDelivery,
  updateWebhook,
  type WebhookRow,
} from './webhooks.repository.ts'
import type {
  DeliveryQuery,
  IssuedWebhook,
  NewWebhook,
  SecretRotation,
  Webhook,
  WebhookDelivery,
  WebhookPatch,
} from './webhooks.schema.ts'

export interface WebhooksDependencies {
  database: DatabaseHandle
  box: SealedBox
  cursors: Cursors
  audit: AuditService
  adminReads: AdminReads
  rules: OutsideRules
  now: Clock
}

export const secretPurpose = 'webhook secret'
const mostWebhooks = 50
const mostCounted = 1_000

/** Who is told of what happens, elsewhere. */
export class WebhooksService {
  readonly #deps: WebhooksDependencies

  constructor(deps: WebhooksDependencies) {
    this.#deps = deps
  }

  async list(actor: Actor): Promise<Webhook[]> {
    await this.#deps.adminReads.note(actor, 'webhooks')
    return (await listWebhooks(this.#deps.database.db)).map(toWebhook)
  }

  /** How much waits to be sent, for those who watch it. */
  queue() {
    return countDeliveries(this.#deps.database.db, mostCounted)
  }

  async get(actor: Actor, id: string): Promise<Webhook> {
    await this.#deps.adminReads.note(actor, 'webhooks')
    return toWebhook(await this.#find(this.#deps.database.db, id))
  }

  /** It is told of what happens from now on. Throws validation_failed, state_conflict. */
  async create(input: NewWebhook): Promise<IssuedWebhook> {
    const { database, box, now } = this.#deps
    this.#assertUrl(input.url)
    const secret = newSecret()
    const at = now().toISOString()
    const row = await database.unitOfWork(async ({ tx }) => {
      if ((await listWebhooks(tx)).length >= mostWebhooks)
        throw platformErrors.state_conflict({ detail: `There can be ${mostWebhooks} of them; delete one first` })
      const made: WebhookRow = {
        ...{ id: newId(), name: input.name, url: input.url, events: JSON.stringify(input.events) },
        success: input.filter?.success === undefined ? null : Number(input.filter.success),
        ...{
          sealed_secret: box.seal(secret, secretPurpose),
          old_sealed_secret: null,
          old_secret_until: null,
          enabled: 1,
          disabled_reason: null,
        },
        ...{ position: await chainPosition(tx), created_at: at, updated_at: at, version: 1 },
      }
      await insertWebhook(tx, made)
      await this.#record(tx, made, { made: true })
      return made
    })
    return { ...toWebhook(row), secret }
  }

  /** One that is switched on again is told of what happens from then on. */
  async update(id: string, patch: WebhookPatch, expected: number | undefined): Promise<Webhook> {
    const { database, now } = this.#deps
    if (patch.url !== undefined) this.#assertUrl(patch.url)
    return database.unitOfWork(async ({ tx }) => {
      const row = await lockWebhook(tx, database.dialect, id)
      if (!row) throw noSuchWebhook()
      assertVersion(expected, row.version)
      const { events, filter, enabled, ...plain } = patch
      const change: Partial<WebhookRow> = {
        ...plain,
        ...(events ? { events: JSON.stringify(events) } : {}),
        ...(filter ? { success: filter.success === undefined ? null : Number(filter.success) } : {}),
        ...(enabled === undefined ? {} : { enabled: Number(enabled), disabled_reason: null }),
        ...(enabled && row.enabled === 0 ? { position: await chainPosition(tx) } : {}),
        ...{ updated_at: now().toISOString(), version: row.version + 1 },
      }
      await updateWebhook(tx, id, change)
      await this.#record(tx, row, { changed: Object.keys(patch) })
      return toWebhook({ ...row, ...change })
    })
  }

  /** A new secret. The one before signs beside it for a while, so that the receiver can be changed in between. */
  async rotate(id: string, { overlap_hours = 24 }: SecretRotation): Promise<IssuedWebhook> {
    const { database, box, now } = this.#deps
    const secret = newSecret()
    const row = await database.unitOfWork(async ({ tx }) => {
      const held = await lockWebhook(tx, database.dialect, id)
      if (!held) throw noSuchWebhook()
      const isOver = overlap_hours === 0
      const change = {
        sealed_secret: box.seal(secret, secretPurpose),
        old_sealed_secret: isOver ? null : held.sealed_secret,
        old_secret_until: isOver ? null : isoAfter(now(), overlap_hours * 3_600),
        ...{ updated_at: now().toISOString(), version: held.version + 1 },
      }
      await updateWebhook(tx, id, change)
      await this.#record(tx, held, { rotated: true, overlap_hours })
      return { ...held, ...change }
    })
    return { ...toWebhook(row), secret }
  }

  async delete(id: string, expected: number | undefined): Promise<void> {
    const { database } = this.#deps
    await database.unitOfWork(async ({ tx }) => {
      const row = await lockWebhook(tx, database.dialect, id)
      if (!row) throw noSuchWebhook()
      assertVersion(expected, row.version)
      await deleteWebhook(tx, id)
      await this.#record(tx, row, { deleted: true })
    })
  }

  /** Sends something that happened to nobody, as soon as it is its turn. */
  async test(id: string): Promise<WebhookDelivery> {
    const { database, now } = this.#deps
    const row = newDelivery(id, null, 'webhook.test', now())
    await database.unitOfWork(async ({ tx }) => {
      const webhook = await this.#find(tx, id)
      if (webhook.enabled === 0) throw platformErrors.state_conflict({ detail: 'It is off; switch it on first' })
      await insertDeliveries(tx, [row])
    })
    return toDelivery(row)
  }

  async deliveries(
    actor: Actor,
    id: string,
    { limit = 20, cursor }: DeliveryQuery,
  ): Promise<{ data: WebhookDelivery[]; page: Page }> {
    const { database, cursors, adminReads } = this.#deps
    await adminReads.note(actor, 'webhooks')
    await this.#find(database.db, id)
    const name = `webhook_deliveries ${id}`
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(name, cursor)
    const found = await listDeliveries(database.db, id, { before, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next_cursor = hasMore ? cursors.encode(name, [last.id]) : null
    return { data: rows.map(toDelivery), page: { limit, next_cursor, prev_cursor: null, has_more: hasMore } }
  }

  /** The same message once more, with its id, so that the receiver can see that it knows it. */
  async redeliver(id: string, deliveryId: string): Promise<WebhookDelivery> {
    const { database, now } = this.#deps
    return database.unitOfWork(async ({ tx }) => {
      const webhook = await this.#find(tx, id)
      if (!(await findDelivery(tx, id, deliveryId))) throw noSuchWebhook()
      if (webhook.enabled === 0) throw platformErrors.state_conflict({ detail: 'It is off; switch it on first' })
      if (!(await reviveDelivery(tx, id, deliveryId, now().toISOString())))
        throw platformErrors.state_conflict({ detail: 'It is being sent right now' })
      const row = await findDelivery(tx, id, deliveryId)
      if (!row) throw noSuchWebhook()
      return toDelivery(row)
    })
  }

  #assertUrl(url: string): void {
    if (webhookUrl(url, this.#deps.rules)) return
    const message = 'It must be an https address of the internet, on port 443 or a free one, without a password'
    throw invalidFields([{ pointer: '/url', code: 'address_refused', message }])
  }

  async #find(db: Db, id: string): Promise<WebhookRow> {
    const row = await findWebhook(db, id)
    if (!row) throw noSuchWebhook()
    return row
  }

  async #record(tx: Db, { id, name, url }: WebhookRow, what: Record<string, unknown>): Promise<void> {
    const detail = { webhook: name, host: new URL(url).host, ...what }
    await this.#deps.audit.record(tx, { type: 'system_config_changed', resource: { type: 'webhook', id }, detail })
  }
}

export const newDelivery = (webhookId: string, eventId: string | null, type: string, at: Date): DeliveryRow => ({
  ...{ id: newId(), webhook_id: webhookId, event_id: eventId, type, status: 'pending', attempts: 0 },
  ...{ next_attempt_at: at.toISOString(), lease_id: null, response_status: null, last_error: null },
  ...{ created_at: at.toISOString(), delivered_at: null },
})

const noSuchWebhook = () => platformErrors.not_found({ detail: 'There is no such webhook, or delivery of it' })

const toWebhook = ({ id, name, url, events, success, enabled, ...row }: WebhookRow): Webhook => ({
  ...{ id, name, url, events: JSON.parse(events) as string[] },
  filter: success === null ? {} : { success: success === 1 },
  ...{ enabled: enabled === 1, disabled_reason: row.disabled_reason },
  old_secret_until: row.old_secret_until,
  ...{ created_at: row.created_at, updated_at: row.updated_at, version: row.version },
})

const toDelivery = ({
  id,
  event_id,
  type,
  status,
  attempts,
  next_attempt_at,
  ...row
}: DeliveryRow): WebhookDelivery => ({
  ...{ id, event_id, event_type: type, status, attempts },
  next_attempt_at: status === 'pending' ? next_attempt_at : null,
  ...{ response_status: row.response_status, last_error: row.last_error },
  ...{ created_at: row.created_at, delivered_at: row.delivered_at },
})
