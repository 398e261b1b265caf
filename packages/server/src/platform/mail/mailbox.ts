import type { MailTransport } from './mail-transport.ts'

/** Mail that stays here: the outbox keeps what it says, and the page of the mailbox shows it. */
export class MailboxTransport implements MailTransport {
  async send(): Promise<void> {}
}
