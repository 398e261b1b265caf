import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { Page } from '../../platform/http/schemas.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { countDead, countWaiting, findMail, listMails, type MailRow, reviveMail } from './mails.repository.ts'
import type { Mail, MailQuery } from './mails.schema.ts'

export interface MailAdministrationDependencies {
  database: DatabaseHandle
  cursors: Cursors
  audit: AuditService
  adminReads: AdminReads
  wake: () => void
  now: Clock
}

export interface Outbox {
  waiting: number
  /** Of these, the ones that failed before. */
  retrying: number
  /** When the first of them is, or was, to be sent. */
  oldest_due: string | null
  /** Given up; no more than 1,000 are counted. */
  dead: number
}

const list = 'mails'
const deadCounted = 1_000

/** What operators see and do of the outbox. */
export class MailAdministration {
  readonly #deps: MailAdministrationDependencies

  constructor(deps: MailAdministrationDependencies) {
    this.#deps = deps
  }

  /** Newest first. */
  async list(actor: Actor, { status, limit = 20, cursor }: MailQuery): Promise<{ data: Mail[]; page: Page }> {
    const { database, cursors, adminReads } = this.#deps
    await adminReads.note(actor, 'mails')
    const name = `${list} ${status ?? ''}`
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>(name, cursor)
    const found = await listMails(database.db, { status, before, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    const hasMore = found.length > limit && last !== undefined
    const next = hasMore ? cursors.encode(name, [last.id]) : null
    return { data: rows.map(toMail), page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** How much waits in the outbox, for those who watch it. */
  async outbox(): Promise<Outbox> {
    const { db } = this.#deps.database
    const [waiting, dead] = [await countWaiting(db), await countDead(db, deadCounted)]
    return { ...waiting, dead }
  }

  /** Sends a dead letter again, for another day. Throws not_found, state_conflict. */
  async retry(id: string): Promise<Mail> {
    const { database, audit, wake, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const isRevived = await reviveMail(uow.tx, id, now().toISOString())
      const row = await findMail(uow.tx, id)
      if (!row) throw platformErrors.not_found({ detail: 'There is no such mail' })
      if (!isRevived) throw platformErrors.state_conflict({ detail: refusals[row.status] ?? 'It is not a dead letter' })
      await audit.record(uow.tx, {
        type: 'mail_retried',
        resource: { type: 'mail', id },
        detail: { template: row.template },
      })
      uow.afterCommit(wake)
      return toMail(row)
    })
  }
}

const refusals: Readonly<Record<string, string>> = {
  sent: 'This mail was sent',
  expired: 'The link or code in this mail has ended; a new one has to be asked for',
  dead: 'The link or code in this mail has ended; a new one has to be asked for',
}

const toMail = (row: MailRow): Mail => ({
  id: row.id,
  to: row.to_address,
  template: row.template,
  locale: row.locale,
  status: row.status as Mail['status'],
  attempts: row.attempts,
  last_error: row.last_error,
  created_at: row.created_at,
  sent_at: row.sent_at,
  next_attempt_at: row.status === 'pending' ? row.next_attempt_at : null,
})
