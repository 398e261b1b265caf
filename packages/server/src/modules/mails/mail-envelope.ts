import type { SealingKeys } from '../../platform/keys.ts'
import { SealedBox } from '../../platform/sealed-box.ts'
import { type RenderedMail, renderMail } from './mail-rendering.ts'
import type { MailRow } from './mails.repository.ts'

type Addressed = Pick<MailRow, 'id' | 'template' | 'to_address'>

/** A mail's values while they wait, unreadable in a dump. They open for the same mail to the same address only. */
export class MailEnvelope {
  readonly #box: SealedBox
  readonly #site: string

  constructor(deps: { sealingKey: SealingKeys; publicUrl: URL }) {
    this.#box = new SealedBox(deps.sealingKey)
    this.#site = deps.publicUrl.host
  }

  seal(mail: Addressed, data: object): string {
    return this.#box.seal(JSON.stringify(data), purposeOf(mail))
  }

  /** Throws when it was changed, was sealed with another key, or lacks what its words need. */
  open(row: MailRow): RenderedMail {
    if (row.sealed === null) throw new Error('What the mail said is no longer kept')
    return renderMail({
      template: row.template,
      locale: row.locale,
      data: JSON.parse(this.#box.open(row.sealed, purposeOf(row))),
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      site: this.#site,
    })
  }
}

const purposeOf = ({ id, template, to_address }: Addressed): string => `mail:${id}:${template}:${to_address}`
