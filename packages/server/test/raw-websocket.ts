import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Visitor } from './test-app.ts'

const limitMs = 15_000
const opcodes = { text: 1, binary: 2, close: 8, ping: 9 } as const

/** A WebSocket client that can also break the rules: what it sends is framed, and otherwise as given (RFC 6455 5.2). */
export class RawWebSocket {
  /** 101, or what the server answered instead. */
  readonly status: number
  readonly answer: string
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>
  readonly heard: string[] = []
  readonly #socket: Socket
  readonly #wakers = new Set<() => void>()
  #pending: Buffer

  private constructor(socket: Socket, answer: string, rest: Buffer) {
    this.#socket = socket
    this.answer = answer
    this.status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0)
    this.#pending = rest
    this.closed = limited('the end of the connection', (resolve) => {
      if (socket.closed) resolve()
      else socket.once('close', () => resolve())
    })
    // Nobody may be waiting for it.
    this.closed.catch(() => {})
    if (this.status === 101) {
      socket.on('data', (chunk: Buffer) => this.#read(chunk))
      this.#read(Buffer.alloc(0))
    }
  }

  /** Asks for the upgrade; header lines as they are given. */
  static open(port: number, headers: readonly string[] = [], query = ''): Promise<RawWebSocket> {
    const lines = [
      `GET /socket.io/?EIO=4&transport=websocket${query} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...headers,
    ]
    return limited('an answer to the upgrade', (resolve) => {
      let received = Buffer.alloc(0)
      const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
      const settle = () => {
        const end = received.indexOf('\r\n\r\n')
        if (end < 0 && !socket.closed) return
        socket.off('data', collect).off('close', settle)
        const head = end < 0 ? received : received.subarray(0, end)
        resolve(new RawWebSocket(socket, head.toString('utf8'), received.subarray(head.length + 4)))
      }
      const collect = (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        settle()
      }
      socket
        .on('data', collect)
        .on('close', settle)
        .on('error', () => {})
    })
  }

  /** Connected as the visitor's browser would, and welcomed. */
  static async enter(port: number, visitor: Visitor): Promise<RawWebSocket> {
    const raw = await RawWebSocket.open(port, [`Origin: http://127.0.0.1:${port}`, `Cookie: ${visitor.cookieHeader}`])
    raw.text('40')
    await raw.hears(/^42\["session\.ready"/)
    return raw
  }

  /** Sends an event as it is written, and answers what its ack says. */
  async ask(id: number, event: string): Promise<unknown> {
    const from = this.heard.length
    this.text(`42${id}${event}`)
    const ack = await this.hears(new RegExp(`^43${id}\\[`), from)
    return JSON.parse(ack.slice(`43${id}`.length))[0]
  }

  text(payload: string | Buffer): void {
    this.#write(opcodes.text, Buffer.from(payload))
  }

  binary(payload: Buffer): void {
    this.#write(opcodes.binary, payload)
  }

  /** The first text frame that matches, heard already (after the first `from`) or to come. */
  hears(pattern: RegExp, from = 0): Promise<string> {
    return limited(String(pattern), (resolve) => {
      const look = () => {
        const found = this.heard.slice(from).find((text) => pattern.test(text))
        if (found === undefined) return
        this.#wakers.delete(look)
        resolve(found)
      }
      this.#wakers.add(look)
      look()
    })
  }

  /** Reads nothing more, as a program that hangs: what is sent to it stays on the way. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Masked with zeros: the rule wants a mask and leaves the key to the client. */
  #write(opcode: number, payload: Buffer): void {
    const size = payload.length
    const head =
      size < 126 ? Buffer.from([0x80 | opcode, 0x80 | size]) : Buffer.from([0x80 | opcode, 0x80 | 127, ...Array(8)])
    if (size >= 126) head.writeBigUInt64BE(BigInt(size), 2)
    this.#socket.write(Buffer.concat([head, Buffer.alloc(4), payload]))
  }

  #read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    for (let frame = takeFrame(this.#pending); frame; frame = takeFrame(this.#pending)) {
      this.#pending = frame.rest
      if (frame.opcode === opcodes.close) this.#socket.end()
      if (frame.opcode !== opcodes.text) continue
      const text = frame.payload.toString('utf8')
      // The heartbeat of Engine.IO; without it the server would end the connection for another reason.
      if (text === '2') this.text('3')
      this.heard.push(text)
      for (const wake of [...this.#wakers]) wake()
    }
  }
}

function takeFrame(bytes: Buffer): { opcode: number; payload: Buffer; rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1) & 127
  const start = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < start) return undefined
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < start + size) return undefined
  return {
    opcode: bytes.readUInt8(0) & 15,
    payload: bytes.subarray(start, start + size),
    rest: bytes.subarray(start + size),
  }
}

function limited<T>(what: string, start: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Waited in vain for ${what}`)), limitMs)
    timer.unref()
    start((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
