import { postMail } from './http-sender.ts'
import type { MailMessage, MailTransport } from './mail-transport.ts'

export interface SendgridOptions {
  apiKey: string
  /** Where the service is; tests have one of their own. */
  baseUrl?: string
}

export class SendgridTransport implements MailTransport {
  readonly #apiKey: string
  readonly #url: string

  constructor({ apiKey, baseUrl = 'https://api.sendgrid.com' }: SendgridOptions) {
    this.#apiKey = apiKey
    this.#url = `${baseUrl}/v3/mail/send`
  }

  async send({ from, to, subject, text, html, messageId, headers }: MailMessage): Promise<void> {
    const off = { enable: false }
    const body = {
      personalizations: [{ to: [{ email: to }] }],
      from: { email: from.address, ...(from.name ? { name: from.name } : {}) },
      subject,
      content: [
        { type: 'text/plain', value: text },
        { type: 'text/html', value: html },
      ],
      headers: { 'Message-ID': messageId, ...headers },
      // A rewritten link would show its token to another host, and lose what follows the #.
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: off,
        subscription_tracking: off,
        ganalytics: off,
      },
    }
    await postMail({ service: 'SendGrid', url: this.#url, apiKey: this.#apiKey, body })
  }
}
