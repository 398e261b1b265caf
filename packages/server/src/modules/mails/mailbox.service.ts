import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { MailEnvelope } from './mail-envelope.ts'
import type { RenderedMail } from './mail-rendering.ts'
import { deleteReadable, listReadable, type MailRow } from './mails.repository.ts'

export interface MailboxMail extends RenderedMail {
  id: string
  to: string
  template: string
  created_at: string
}

/** The mails of a development server, to be read instead of sent. */
export class Mailbox {
  readonly #database: DatabaseHandle
  readonly #envelope: MailEnvelope

  constructor(deps: { database: DatabaseHandle; envelope: MailEnvelope }) {
    this.#database = deps.database
    this.#envelope = deps.envelope
  }

  /** Newest first. */
  async list({ to, limit = 100 }: { to?: string | undefined; limit?: number } = {}): Promise<MailboxMail[]> {
    const rows = await listReadable(this.#database.db, { to, limit })
    return rows.map((row) => {
      const { id, to_address, template, created_at } = row
      return { id, to: to_address, template, ...this.#open(row), created_at }
    })
  }

  async clear(): Promise<void> {
    await this.#database.unitOfWork(({ tx }) => deleteReadable(tx))
  }

  /** What cannot be shown says why: this is read by whoever made it. */
  #open(row: MailRow): RenderedMail {
    try {
      return this.#envelope.open(row)
    } catch (error) {
      const text = `This mail cannot be shown: ${(error as Error).message}.`
      return { subject: `${row.template} cannot be shown`, text, html: '', links: [] }
    }
  }
}
