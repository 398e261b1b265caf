import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface ReceivedPush {
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A browser that has subscribed: it alone reads what is pushed to it. */
export class PushBrowser {
  readonly endpoint: string
  readonly #pair = createECDH('prime256v1')
  readonly #secret = randomBytes(16)

  constructor(endpoint: string) {
    this.endpoint = endpoint
    this.#pair.generateKeys()
  }

  /** What `PushSubscription.toJSON()` gives. */
  get subscription() {
    const keys = { p256dh: this.#pair.getPublicKey('base64url'), auth: this.#secret.toString('base64url') }
    return { endpoint: this.endpoint, expirationTime: null, keys }
  }

  /** Reads RFC 8291 the way the RFC describes it for receivers; throws for what is not for this browser. */
  read(body: Buffer): unknown {
    const salt = body.subarray(0, 16)
    const keyLength = body.readUInt8(20)
    const senderKey = body.subarray(21, 21 + keyLength)
    const sealed = body.subarray(21 + keyLength)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#pair.getPublicKey(), senderKey])
    const material = Buffer.from(hkdfSync('sha256', this.#pair.computeSecret(senderKey), this.#secret, info, 32))
    const part = (name: string, length: number) =>
      Buffer.from(hkdfSync('sha256', material, salt, Buffer.from(`Content-Encoding: ${name}\0`), length))
    const decipher = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12))
    decipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    if (plain.at(-1) !== 2) throw new Error('not the last record')
    return JSON.parse(plain.subarray(0, -1).toString('utf8'))
  }
}

/** A real push service that keeps what it took, and answers what it is told to. */
export class PushService {
  readonly received: ReceivedPush[] = []
  /** The status for a path; `hang` never answers. */
  judge: (path: string) => number | 'hang' = () => 201
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    server.on('request', (request, response) => void this.#answer(request, response))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    this.received.push({ path, headers: request.headers, body: await buffer(request) })
    const verdict = this.judge(path)
    if (verdict === 'hang') return
    response.writeHead(verdict, verdict === 302 ? { location: `${this.origin}/elsewhere` } : {}).end('x'.repeat(100))
  }

  static async start(): Promise<PushService> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new PushService(server)
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  browser(name: string): PushBrowser {
    return new PushBrowser(`${this.origin}/${name}`)
  }

  to(browser: PushBrowser): ReceivedPush[] {
    return this.received.filter(({ path }) => browser.endpoint.endsWith(path))
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

/** What the Authorization header says, if it was signed with the key it names (RFC 8292). */
export function readVapid(header: string | undefined): {
  key: string
  claims: { aud: string; exp: number; sub: string }
} {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header ?? '') ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  const signed = Buffer.from(`${head}.${claims}`)
  const options = { key: publicKey, dsaEncoding: 'ieee-p1363' as const }
  if (!verify('sha256', signed, options, Buffer.from(signature, 'base64url'))) throw new Error('wrong signature')
  return { key, claims: JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')) }
}
