import type { MailConfig, MailSecrets } from '../../config/mail.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Cursors } from '../../platform/http/cursor.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { Logger } from '../../platform/log.ts'
import { chooseTransport } from '../../platform/mail/choose-transport.ts'
import type { MailTransport } from '../../platform/mail/mail-transport.ts'
import type { Tracer } from '../../platform/tracing/tracer.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { MailAdministration } from './mail-administration.service.ts'
import { MailEnvelope } from './mail-envelope.ts'
import { MailWorker } from './mail-worker.ts'
import { Mailbox } from './mailbox.service.ts'
import { MailsService } from './mails.service.ts'

export interface MailsFoundation {
  config: { mail: MailConfig; secrets: MailSecrets; publicUrl: URL }
  database: DatabaseHandle
  keys: { sealing: SealingKeys }
  cursors: Cursors
  audit: AuditService
  adminReads: AdminReads
  now: Clock
  log: Logger
  tracer?: Tracer | undefined
  /** Instead of the one that the settings say. */
  mailTransport?: MailTransport | undefined
}

/** Everything of this room, put together. */
export function buildMails(foundation: MailsFoundation) {
  const { config, database, keys, now, log, tracer } = foundation
  const { mail, secrets, publicUrl } = config
  const transport = foundation.mailTransport ?? chooseTransport({ ...mail, ...secrets, hostname: publicUrl.hostname })
  const envelope = new MailEnvelope({ sealingKey: keys.sealing, publicUrl })
  const keepsSent = mail.driver === 'mailbox'
  const mailWorker = new MailWorker({ database, transport, envelope, from: mail.from, keepsSent, now, log, tracer })
  const wake = () => mailWorker.wake()
  return {
    mailWorker,
    mails: new MailsService({ database, envelope, publicUrl, wake, now }),
    mailbox: new Mailbox({ database, envelope }),
    mailAdministration: new MailAdministration({ ...foundation, wake }),
  }
}
