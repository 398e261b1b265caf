export { MailEnvelope } from './mail-envelope.ts'
export type { MailData, MailTemplate } from './mail-templates.ts'
export { Mailbox, type MailboxMail } from './mailbox.service.ts'
export { MailsService, type NewMail } from './mails.service.ts'
