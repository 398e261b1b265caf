export type { MailData, MailTemplate } from './mail-templates.ts'
export { MailsService, type NewMail } from './mails.service.ts'
