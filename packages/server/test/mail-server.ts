import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'

export interface ReceivedMail extends Email {
  envelope: { from: string; to: string[] }
  raw: string
}

/** What the server does with a mail: takes it, never answers after its last byte, or refuses it at a command. */
export type Verdict = 'take' | 'hang' | { at: 'RCPT' | 'DATA'; code: number }

export type Judge = (to: string) => Verdict

/** A real mail server that keeps what it took, and misbehaves on demand. */
export class MailServer {
  readonly mails: ReceivedMail[] = []
  judge: Judge
  /** Awaited when a mail is taken, before the client is told. */
  beforeAnswer: () => Promise<void> | void = () => {}
  /** Right after the client was told. */
  afterAnswer: () => void = () => {}
  /** Mails whose senders still wait for an answer. */
  hung = 0
  readonly port: number
  readonly #server: SMTPServer
  readonly #sockets = new Set<Socket>()
  readonly #news = new Set<() => void>()

  private constructor(server: SMTPServer, port: number, judge: Judge) {
    this.judge = judge
    this.#server = server
    this.port = port
    server.on('error', () => {})
    server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(options: SMTPServerOptions = {}, port = 0, judge: Judge = () => 'take'): Promise<MailServer> {
    const itself: { current?: MailServer } = {}
    const server = new SMTPServer({
      authOptional: true,
      hideSTARTTLS: true,
      logger: false,
      onRcptTo: ({ address }, _session, done) => done(refusal(itself.current?.judge(address), 'RCPT')),
      onData: (stream, session, done) => {
        const cutOff = () => {}
        text(stream).then((raw) => itself.current?.take(raw, session, done), cutOff)
      },
      ...options,
    })
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    itself.current = new MailServer(server, (server.server.address() as AddressInfo).port, judge)
    return itself.current
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`
  }

  async take(raw: string, session: SMTPServerSession, done: (error?: Error | null) => void): Promise<void> {
    const to = session.envelope.rcptTo.map(({ address }) => address)
    const verdict = this.judge(to[0] ?? '')
    if (verdict === 'hang') {
      this.hung++
      return
    }
    const error = refusal(verdict, 'DATA')
    if (error) return done(error)
    await this.beforeAnswer()
    const from = session.envelope.mailFrom
    const mail = await PostalMime.parse(raw)
    this.mails.push({ ...mail, raw, envelope: { from: from === false ? '' : from.address, to } })
    for (const tell of this.#news) tell()
    done()
    this.afterAnswer()
  }

  /** Resolves once so many mails were taken in all. */
  async received(count: number, limitMs = 15_000): Promise<void> {
    if (this.mails.length >= count) return
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.mails.length >= count) end(resolve)
      }
      const end = (how: () => void) => {
        clearTimeout(timer)
        this.#news.delete(look)
        how()
      }
      const late = () => reject(new Error(`${this.mails.length} of ${count} mails came within ${limitMs} ms`))
      const timer = setTimeout(() => end(late), limitMs)
      this.#news.add(look)
    })
  }

  /** Like a machine that is switched off: what is open breaks, nothing new is taken. */
  async stop(): Promise<void> {
    const closed = once(this.#server.server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}

function refusal(verdict: Verdict | undefined, at: 'RCPT' | 'DATA'): Error | null {
  if (typeof verdict !== 'object' || verdict.at !== at) return null
  return Object.assign(new Error('no'), { responseCode: verdict.code })
}
