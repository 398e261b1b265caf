import { type MailAddress, parseMailAddress } from '../platform/mail/mail-address.ts'
import type { MailDriver } from '../platform/mail/mail-transport.ts'
import { parseSmtpUrl, type SmtpServer } from '../platform/mail/smtp-url.ts'
import type { Settings } from './settings.ts'

export interface MailConfig {
  driver: MailDriver
  from: MailAddress
}

export interface MailSecrets {
  smtp: SmtpServer | null
  sendgridApiKey: string
  resendApiKey: string
}

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

/** The setting that each way of sending needs. */
const needs = { smtp: 'SMTP_URL', sendgrid: 'SENDGRID_API_KEY', resend: 'RESEND_API_KEY' } as const
type Sender = keyof typeof needs
const senders = Object.keys(needs) as Sender[]

/** The settings of mail as one; what is wrong with them goes to `attempt`. */
export function readMailConfig(
  settings: Settings,
  { production, publicUrl, attempt }: { production: boolean; publicUrl: URL; attempt: Attempt },
): { mail: MailConfig; secrets: MailSecrets } {
  const driver = attempt('MAIL_DRIVER', () => chooseDriver(settings, production), 'mailbox')
  const isSender = (name: MailDriver): name is Sender => name in needs
  if (isSender(driver) && !settings[needs[driver]]) {
    attempt(needs[driver], () => refuse(`MAIL_DRIVER=${driver} needs it`), null)
  }
  const ours = { name: 'Atrium', address: `no-reply@${publicUrl.hostname}` }
  const from = attempt(
    'MAIL_FROM',
    () => {
      if (settings.MAIL_FROM) return parseMailAddress(settings.MAIL_FROM)
      return isSender(driver) ? refuse('say whom mails come from, e.g. Atrium <no-reply@example.com>') : ours
    },
    ours,
  )
  const smtp = attempt('SMTP_URL', () => (settings.SMTP_URL ? parseSmtpUrl(settings.SMTP_URL) : null), null)
  return {
    mail: { driver, from },
    secrets: { smtp, sendgridApiKey: settings.SENDGRID_API_KEY, resendApiKey: settings.RESEND_API_KEY },
  }
}

function chooseDriver(settings: Settings, production: boolean): MailDriver {
  const said = settings.MAIL_DRIVER
  if (said === 'mailbox' && production) refuse('mailbox keeps mails instead of sending them; it is for development')
  if (said !== 'auto') return said
  const [first, ...more] = senders.filter((sender) => settings[needs[sender]])
  if (more.length === 0) return first ?? (production ? 'off' : 'mailbox')
  const present = senders.filter((sender) => settings[needs[sender]])
  return refuse(
    `${present.map((sender) => needs[sender]).join(' and ')} are set; say which one sends: ${present.join(' or ')}`,
  )
}

function refuse(reason: string): never {
  throw new Error(reason)
}
