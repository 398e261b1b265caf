import type { MailAddress } from './mail-address.ts'

export interface MailMessage {
  from: MailAddress
  /** One plain address. */
  to: string
  subject: string
  text: string
  html: string
  /** With its angle brackets; the same at every attempt, so that a mail that arrives twice can be seen to. */
  messageId: string
  headers?: Readonly<Record<string, string>>
}

/** Hands one mail over. What it throws is a MailNotSentError, whatever the way. */
export interface MailTransport {
  send(mail: MailMessage): Promise<void>
}

/** How mail leaves: `mailbox` keeps it to be read on a page of a development server, `off` refuses it. */
export const mailDrivers = ['mailbox', 'smtp', 'sendgrid', 'resend', 'off'] as const
export type MailDriver = (typeof mailDrivers)[number]

/** The message is for the operator; it holds nothing of the mail and no credentials. */
export class MailNotSentError extends Error {
  override readonly name = 'MailNotSentError'
  /** True when another attempt would end the same: this mail is refused, not the moment. */
  readonly permanent: boolean

  constructor(message: string, options: { permanent: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.permanent = options.permanent
  }
}
