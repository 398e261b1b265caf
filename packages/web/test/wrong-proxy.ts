import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'

/** What operators get wrong in the proxy in front of a server. */
export type Mistake =
  | 'no-upgrade'
  | 'no-polling'
  | 'small-bodies'
  | 'holds-answers'
  | 'drops-cookies'
  | 'opens-cookies'
  | 'moves-cookies'
  | 'shares-cookies'
  | 'drops-session'
  | 'spoils-session'
  | 'tells-whence'
  | 'drops-csrf'
  | 'drops-policy'
  | 'drops-encodings'
  | 'other-program'

/** A proxy as nginx is one, which makes the mistakes it is told to. */
export class WrongProxy {
  mistakes: readonly Mistake[] = []
  readonly #server: Server
  #target = 0

  private constructor() {
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer))
    this.#server.on('upgrade', (incoming, socket, head) => {
      if (this.#makes('no-upgrade')) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
      const server = connect(this.#target, 'localhost', () => {
        const lines = incoming.rawHeaders.map((part, index) => (index % 2 === 0 ? `${part}: ` : `${part}\r\n`))
        server.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
        server.write(head)
        server.pipe(socket).pipe(server)
      })
      for (const each of [server, socket]) {
        each.on('error', () => {
          server.destroy()
          socket.destroy()
        })
      }
    })
  }

  static async open(): Promise<WrongProxy> {
    const proxy = new WrongProxy()
    proxy.#server.listen(0, 'localhost')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as { port: number }).port}`
  }

  leadTo(url: string): void {
    this.#target = Number(new URL(url).port)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #makes(mistake: Mistake): boolean {
    return this.mistakes.includes(mistake)
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const { url = '/', method, headers } = incoming
    const isApi = url.startsWith('/api/')
    const isTooLarge = this.#makes('small-bodies') && Number(headers['content-length'] ?? 0) > 100_000
    if (isTooLarge) return void answer.writeHead(413, { connection: 'close' }).end('<h1>413</h1>')
    if (this.#makes('other-program') && isApi) return void answer.writeHead(502).end('<h1>Bad Gateway</h1>')
    if (this.#makes('no-polling') && url.includes('polling')) return void answer.writeHead(404).end()
    const sent = { ...headers }
    if (this.#makes('drops-csrf')) delete sent['x-csrf-token']
    if (this.#makes('drops-encodings')) delete sent['accept-encoding']
    if (this.#makes('tells-whence')) sent['x-forwarded-for'] = '203.0.113.7'
    const session = /(__Host-)?access_token_cookie=[^;]*(; )?/
    if (this.#makes('drops-session')) sent.cookie = headers.cookie?.replace(session, '')
    if (this.#makes('spoils-session'))
      sent.cookie = headers.cookie?.replace(/(access_token_cookie=[^;]*)[^;]{8}/, '$1AAAAAAAA')
    const outgoing = request({ port: this.#target, host: 'localhost', path: url, method, headers: sent })
    outgoing.on('error', () => answer.destroy())
    outgoing.on('response', (response) => {
      const told = { ...response.headers }
      if (this.#makes('drops-policy')) delete told['content-security-policy']
      const cookies = told['set-cookie']
      if (cookies && this.#makes('drops-cookies')) delete told['set-cookie']
      else if (cookies) told['set-cookie'] = cookies.map((line) => this.#rewrite(line))
      answer.writeHead(response.statusCode ?? 502, told)
      answer.flushHeaders()
      if (!this.#makes('holds-answers')) return void response.pipe(answer)
      const held: Buffer[] = []
      response.on('data', (chunk: Buffer) => held.push(chunk))
      response.on('end', () => answer.end(Buffer.concat(held)))
    })
    incoming.pipe(outgoing)
  }

  #rewrite(cookie: string): string {
    if (this.#makes('opens-cookies')) return cookie.replace(/; HttpOnly/i, '')
    if (this.#makes('moves-cookies')) return cookie.replace(/; Path=\//i, '; Path=/api')
    if (this.#makes('shares-cookies')) return `${cookie}; Domain=example.org`
    return cookie
  }
}
