import { type Clock, isoAfter } from '../../platform/clock.ts'
import { currentCall } from '../../platform/context.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { OutsideRules } from '../../platform/http/outside-address.ts'
import { newId } from '../../platform/ids.ts'
import type { Logger } from '../../platform/log.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import { listHoldersOfRoles } from '../accounts/index.ts'
import { type AuditService, chainPosition, findAuditEvent, listSealedEvents } from '../audit/index.ts'
import type { NotificationsService } from '../notifications/index.ts'
import { postMessage } from './post-message.ts'
import { signatureHeaders } from './signing.ts'
import {
  claimDelivery,
  type DeliveryOutcome,
  type DeliveryRow,
  endClaim,
  findWebhook,
  insertDeliveries,
  listBehind,
  listDue,
  lockWebhook,
  movePosition,
  purgeDeliveries,
  updateWebhook,
  type WebhookRow,
} from './webhooks.repository.ts'
import { newDelivery, secretPurpose } from './webhooks.service.ts'

export interface WebhookSenderDependencies {
  database: DatabaseHandle
  box: SealedBox
  audit: AuditService
  notifications: NotificationsService
  rules: OutsideRules
  now: Clock
  log: Logger
}

const eventsAtOnce = 200
const lanes = 8
const answerMs = 10_000
const leaseSeconds = 60
const keptSeconds = 30 * 86_400
const mostAdministrators = 20
/** Seconds after the first, second … attempt: eight attempts within a day. */
const delays = [5, 300, 1_800, 7_200, 18_000, 28_800, 28_800]

/**
 * Follows the sealed audit log, which has no gaps, and posts what webhooks want. An event is told at least once: after a
 * crash once more, with the same id.
 */
export class WebhookSender {
  readonly #deps: WebhookSenderDependencies
  #running: Promise<number> | undefined

  constructor(deps: WebhookSenderDependencies) {
    this.#deps = deps
  }

  /** What has happened, and what is due; answers how much was sent. Beside every other process that does the same. */
  run(): Promise<number> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = isoAfter(now(), -keptSeconds)
    return inBatches((limit) => database.unitOfWork(({ tx }) => purgeDeliveries(tx, before, limit)))
  }

  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined)
  }

  async #runAll(): Promise<number> {
    const { database, now } = this.#deps
    await this.#follow()
    let sent = 0
    // Who does not answer is waited for once a turn, and not once for each that waits for it.
    const failed = new Set<string>()
    for (;;) {
      const due = await listDue(database.db, now().toISOString(), lanes, [...failed])
      const results = await Promise.all(due.map(async (row) => ({ row, result: await this.#send(row) })))
      const ours = results.filter(({ result }) => result !== 'taken')
      for (const { row, result } of ours) if (result === 'failed') failed.add(row.webhook_id)
      sent += ours.length
      if (ours.length === 0) return sent
    }
  }

  async #follow(): Promise<void> {
    const { database, now } = this.#deps
    const head = await chainPosition(database.db)
    for (const webhook of await listBehind(database.db, head)) {
      for (let { position } = webhook; position < head; ) {
        const { events, upTo } = await listSealedEvents(database.db, position, eventsAtOnce)
        if (upTo === position) break
        const rows = events
          .filter((event) => isWanted(webhook, event))
          .map(({ id, type }) => newDelivery(webhook.id, id, type, now()))
        const from = position
        const isOurs = await database.unitOfWork(async ({ tx }) => {
          if (!(await movePosition(tx, webhook.id, from, upTo))) return false
          await insertDeliveries(tx, rows)
          return true
        })
        if (!isOurs) break
        position = upTo
      }
    }
  }

  /** `taken` when another process has it. Throws only where the database does. */
  async #send(row: DeliveryRow): Promise<'sent' | 'failed' | 'taken'> {
    const { database, now } = this.#deps
    const lease = { id: newId(), until: isoAfter(now(), leaseSeconds) }
    const isOurs = await database.unitOfWork(({ tx }) => claimDelivery(tx, row, lease))
    if (!isOurs) return 'taken'
    const webhook = await findWebhook(database.db, row.webhook_id)
    if (!webhook) return 'sent'
    const attempt = row.attempts + 1
    const { status, problem } = await this.#post(webhook, row)
    const at = now().toISOString()
    if (problem === undefined) {
      const outcome = { status: 'delivered', next_attempt_at: at, response_status: status, last_error: null }
      await this.#end(row, lease.id, { ...outcome, delivered_at: at })
      return 'sent'
    }
    const delay = status === 410 ? undefined : delays[attempt - 1]
    const outcome = { response_status: status, last_error: problem.slice(0, 400) }
    if (delay === undefined) {
      await this.#end(row, lease.id, { ...outcome, status: 'dead', next_attempt_at: at })
      const reason =
        status === 410 ? 'It said that it is gone for good (410)' : `It failed ${attempt} times: ${problem}`
      await this.#switchOff(webhook.id, reason.slice(0, 400))
    } else await this.#end(row, lease.id, { ...outcome, status: 'pending', next_attempt_at: isoAfter(now(), delay) })
    return 'failed'
  }

  async #post(webhook: WebhookRow, row: DeliveryRow): Promise<{ status: number | null; problem: string | undefined }> {
    const { database, box, rules, now } = this.#deps
    const { span } = currentCall() ?? {}
    const begun = performance.now()
    const trace = (status: number) => {
      const about = { 'server.address': new URL(webhook.url).host, 'http.response.status_code': status }
      span?.piece('POST webhook', 'client', (performance.now() - begun) / 1000, about, status < 200 || status > 299)
    }
    try {
      const data = row.event_id === null ? {} : await findAuditEvent(database.db, row.event_id)
      const body = JSON.stringify({ type: row.type, timestamp: row.created_at, data: data ?? null })
      const { old_sealed_secret: old, old_secret_until: until } = webhook
      const sealed = [webhook.sealed_secret, ...(old !== null && (until ?? '') > now().toISOString() ? [old] : [])]
      const secrets = sealed.map((each) => box.open(each, secretPurpose))
      const message = { id: row.event_id ?? row.id, timestamp: Math.floor(now().getTime() / 1000), body }
      const headers = { ...signatureHeaders(secrets, message), ...(span ? { traceparent: span.traceparent } : {}) }
      const signal = AbortSignal.timeout(answerMs)
      const status = await postMessage({ url: webhook.url, headers, body, signal }, rules)
      trace(status)
      return { status, problem: status >= 200 && status < 300 ? undefined : `It answered ${status}` }
    } catch (error) {
      trace(0)
      return { status: null, problem: (error as Error).message }
    }
  }

  async #end(row: DeliveryRow, lease: string, outcome: DeliveryOutcome): Promise<void> {
    await this.#deps.database.unitOfWork(({ tx }) => endClaim(tx, row.id, lease, outcome))
  }

  /** Administrators are told once. */
  async #switchOff(id: string, reason: string): Promise<void> {
    const { database, audit, notifications, now, log } = this.#deps
    await database.unitOfWork(async (uow) => {
      const row = await lockWebhook(uow.tx, database.dialect, id)
      if (!row || row.enabled === 0) return
      const change = { enabled: 0, disabled_reason: reason, updated_at: now().toISOString(), version: row.version + 1 }
      await updateWebhook(uow.tx, id, change)
      const resource = { type: 'webhook', id }
      await audit.record(uow.tx, {
        type: 'system_config_changed',
        resource,
        detail: { webhook: row.name, off: reason },
      })
      const text = `The webhook “${row.name}” was switched off. ${reason}.`
      const drafts = (await listHoldersOfRoles(uow.tx, ['admin'], mostAdministrators)).map((userId) => ({
        ...{ userId, type: 'system' as const, actorId: null, data: { text } },
        target: { type: 'webhook', id, url: '/' },
      }))
      await uow.append(await notifications.notify(uow, drafts))
    })
    log.warn({ webhook_id: id, reason }, 'a webhook was switched off')
  }
}

function isWanted({ events, success }: WebhookRow, event: { type: string; success: boolean }): boolean {
  const wanted = JSON.parse(events) as string[]
  if (!wanted.includes('*') && !wanted.includes(event.type)) return false
  return success === null || (success === 1) === event.success
}
