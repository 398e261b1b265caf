import { MailNotSentError, type MailTransport } from './mail-transport.ts'

/** An installation without mail: what would have been sent is a dead letter that can be sent once there is a way. */
export class NoTransport implements MailTransport {
  async send(): Promise<void> {
    throw new MailNotSentError('This installation sends no mail: MAIL_DRIVER is off', { permanent: true })
  }
}
