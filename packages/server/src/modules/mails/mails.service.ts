import type { Clock } from '../../platform/clock.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { newId } from '../../platform/ids.ts'
import { SealedBox } from '../../platform/sealed-box.ts'
import type { MailData, MailTemplate } from './mail-templates.ts'
import { insertMail } from './mails.repository.ts'

export interface MailsDependencies {
  now: Clock
  sealingKey: Buffer
  /** The host in Message-ID. */
  publicUrl: URL
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

/** The outbox: a mail is written in the transaction of what it tells of, and sent after it. */
export class MailsService {
  readonly #deps: MailsDependencies
  readonly #box: SealedBox

  constructor(deps: MailsDependencies) {
    this.#deps = deps
    this.#box = new SealedBox(deps.sealingKey)
  }

  async enqueue<Template extends MailTemplate>(uow: UnitOfWork, mail: NewMail<Template>): Promise<void> {
    const at = this.#deps.now().toISOString()
    const id = newId()
    await insertMail(uow.tx, {
      id,
      template: mail.template,
      locale: mail.locale ?? 'en',
      to_address: mail.to,
      user_id: mail.userId ?? null,
      sealed: this.#box.seal(JSON.stringify(mail.data), 'mail'),
      message_id: `<${id}@${this.#deps.publicUrl.hostname}>`,
      status: 'pending',
      attempts: 0,
      next_attempt_at: at,
      lease_id: null,
      leased_until: null,
      last_error: null,
      expires_at: mail.expiresAt ?? null,
      created_at: at,
      sent_at: null,
    })
  }
}
