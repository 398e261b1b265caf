import type { createTransport } from 'nodemailer'
import { isPlainAddress } from './mail-address.ts'
import { type MailMessage, MailNotSentError, type MailTransport } from './mail-transport.ts'
import type { SmtpServer } from './smtp-url.ts'

export interface SmtpOptions {
  server: SmtpServer
  /** What we call ourselves in EHLO. */
  hostname: string
  /** Waiting for a connection, for the next answer, and for all of it, in milliseconds. */
  limits?: { connect: number; answer: number; whole: number }
}

const usualLimits = { connect: 10_000, answer: 60_000, whole: 180_000 }

interface SmtpError extends Error {
  code?: string
  responseCode?: number
  permanent?: boolean
}

/** One connection a mail: nothing is queued here, the outbox does that. */
export class SmtpTransport implements MailTransport {
  readonly #options: SmtpOptions
  #transport: Promise<ReturnType<typeof createTransport>> | undefined

  constructor(options: SmtpOptions) {
    this.#options = options
  }

  /** The library is loaded with the first mail. */
  async #open(): Promise<ReturnType<typeof createTransport>> {
    const { server, hostname, limits = usualLimits } = this.#options
    const { createTransport } = await import('nodemailer')
    return createTransport({
      host: server.host,
      port: server.port,
      secure: server.tls === 'implicit',
      requireTLS: server.tls === 'starttls',
      ignoreTLS: server.tls === 'none',
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
      ...(server.login ? { auth: { user: server.login.user, pass: server.login.password } } : {}),
      name: hostname,
      dnsTimeout: limits.connect,
      connectionTimeout: limits.connect,
      greetingTimeout: limits.connect,
      socketTimeout: limits.answer,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }

  /** Whether it lets us in; nothing is sent. */
  async verify(): Promise<void> {
    const transport = await this.#open()
    try {
      await transport.verify()
    } finally {
      transport.close()
    }
  }

  async send({ from, to, subject, text, html, messageId, headers }: MailMessage): Promise<void> {
    // The library parses addresses even in the envelope, and may find two in one text.
    if (!isPlainAddress(to)) throw new MailNotSentError('This is no address', { permanent: true })
    this.#transport ??= this.#open()
    const transport = await this.#transport
    try {
      await transport.sendMail({
        envelope: { from: from.address, to: [to] },
        from: { name: from.name ?? '', address: from.address },
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId,
        headers: { ...headers },
        signal: AbortSignal.timeout((this.#options.limits ?? usualLimits).whole),
      })
    } catch (error) {
      throw new MailNotSentError((error as Error).message, { permanent: isRefusal(error as SmtpError), cause: error })
    }
  }
}

/** Answers that ask for other credentials or for TLS: the operator's to put right, and the mail can wait for it. */
const aboutCredentials = new Set([530, 534, 535, 538])

/** The sender, the receiver or the mail itself was refused; a refused login or connection says nothing of the mail. */
function isRefusal({ code, responseCode, permanent }: SmtpError): boolean {
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false
  return responseCode === undefined || (permanent === true && !aboutCredentials.has(responseCode))
}
