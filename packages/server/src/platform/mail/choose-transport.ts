import type { MailDriver, MailTransport } from './mail-transport.ts'
import { MailboxTransport } from './mailbox.ts'
import { NoTransport } from './off.ts'
import { ResendTransport } from './resend.ts'
import { SendgridTransport } from './sendgrid.ts'
import { SmtpTransport } from './smtp.ts'
import type { SmtpServer } from './smtp-url.ts'

export interface TransportSettings {
  driver: MailDriver
  smtp: SmtpServer | null
  sendgridApiKey: string
  resendApiKey: string
  /** What we call ourselves to mail servers. */
  hostname: string
}

export function chooseTransport({ driver, smtp, hostname, ...keys }: TransportSettings): MailTransport {
  if (driver === 'smtp' && smtp) return new SmtpTransport({ server: smtp, hostname })
  if (driver === 'sendgrid') return new SendgridTransport({ apiKey: keys.sendgridApiKey })
  if (driver === 'resend') return new ResendTransport({ apiKey: keys.resendApiKey })
  return driver === 'mailbox' ? new MailboxTransport() : new NoTransport()
}
