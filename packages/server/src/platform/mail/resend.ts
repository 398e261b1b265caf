import { postMail } from './http-sender.ts'
import type { MailMessage, MailTransport } from './mail-transport.ts'

export interface ResendOptions {
  apiKey: string
  /** Where the service is; tests have one of their own. */
  baseUrl?: string
}

export class ResendTransport implements MailTransport {
  readonly #apiKey: string
  readonly #url: string

  constructor({ apiKey, baseUrl = 'https://api.resend.com' }: ResendOptions) {
    this.#apiKey = apiKey
    this.#url = `${baseUrl}/emails`
  }

  async send({ from, to, subject, text, html, messageId, headers }: MailMessage): Promise<void> {
    const body = {
      from: from.name ? `"${from.name}" <${from.address}>` : from.address,
      to: [to],
      subject,
      text,
      html,
      headers: { 'Message-ID': messageId, ...headers },
    }
    // The service sends a mail that it was given twice only once.
    const once = { 'idempotency-key': messageId }
    await postMail({ service: 'Resend', url: this.#url, apiKey: this.#apiKey, body, headers: once })
  }
}
