import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { newId } from '../../platform/ids.ts'
import type { MailEnvelope } from './mail-envelope.ts'
import { nearestLanguage } from './mail-rendering.ts'
import type { MailData, MailTemplate } from './mail-templates.ts'
import { deleteFinished, deleteMailsOf, insertMail, wipeEnded } from './mails.repository.ts'

export interface MailsDependencies {
  database: DatabaseHandle
  now: Clock
  envelope: MailEnvelope
  /** The host in Message-ID. */
  publicUrl: URL
  /** Told once a mail is written for good. */
  wake: () => void
}

export interface NewMail<Template extends MailTemplate = MailTemplate> {
  to: string
  template: Template
  data: MailData[Template]
  /** A language tag; the nearest one there are words for is taken. */
  locale?: string | null | undefined
  userId?: string | undefined
  /** Not sent after this: the link in it no longer works. */
  expiresAt?: string | undefined
}

/** Accounts without an address have one that cannot exist (RFC 2606). */
const nowhere = '.invalid'

const keptSeconds = 30 * 86_400
/** The outbox: a mail is written in the transaction of what it tells of, and sent after it. */
export class MailsService {
  readonly #deps: MailsDependencies

  constructor(deps: MailsDependencies) {
    this.#deps = deps
  }

  async enqueue<Template extends MailTemplate>(uow: UnitOfWork, mail: NewMail<Template>): Promise<void> {
    if (mail.to.endsWith(nowhere)) return
    const at = this.#deps.now().toISOString()
    const addressed = { id: newId(), template: mail.template, to_address: mail.to }
    await insertMail(uow.tx, {
      ...addressed,
      locale: nearestLanguage(mail.locale),
      user_id: mail.userId ?? null,
      sealed: this.#deps.envelope.seal(addressed, mail.data),
      message_id: `<${addressed.id}@${this.#deps.publicUrl.hostname}>`,
      status: 'pending',
      attempts: 0,
      next_attempt_at: at,
      lease_id: null,
      last_error: null,
      expires_at: mail.expiresAt ?? null,
      created_at: at,
      sent_at: null,
    })
    uow.afterCommit(this.#deps.wake)
  }

  /** For an account that is erased: what was written to it, and what still waits. */
  async forget(tx: Db, userId: string): Promise<void> {
    await deleteMailsOf(tx, userId)
  }

  /** Removes mails that are done with after a month; answers how many went. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const time = now()
    await inBatches((limit) => database.unitOfWork(({ tx }) => wipeEnded(tx, time.toISOString(), limit)))
    const before = isoAfter(time, -keptSeconds)
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteFinished(tx, before, limit)))
  }
}
