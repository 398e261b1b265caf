// One WebSocket of a client, as little of it as a load needs: what comes in costs the load next to nothing.
import { connect } from 'node:net'

const opening = 'dGhlIHNhbXBsZSBub25jZQ=='
const connectLimitMs = 60_000
/** What all sockets read into: a piece is looked at before the next one comes. */
const incoming = Buffer.allocUnsafe(256 * 1024)
const headEnd = '\r\n\r\n'

export class SocketClient {
  #socket
  #rest
  #isOpen = false
  #onText
  #fail

  /** `onText(client, bytes, from, to)` gets every message; `ready` resolves when `enter` is called, which it must be. */
  constructor({ port, path, cookie, onText }) {
    this.#onText = onText
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('a socket was not let in')), connectLimitMs)
      this.enter = () => {
        clearTimeout(timer)
        resolve()
      }
      this.#fail = reject
    })
    this.ready.catch(() => {})
    const onread = { buffer: incoming, callback: (count) => this.#take(count) }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.once('error', (error) => this.#lose(error))
    this.#socket.once('close', () => this.#lose(new Error('closed by the server')))
    const head = [
      `GET ${path} HTTP/1.1`,
      'host: 127.0.0.1',
      'connection: Upgrade',
      'upgrade: websocket',
      'sec-websocket-version: 13',
      `sec-websocket-key: ${opening}`,
      'origin: https://atrium.example',
      `cookie: ${cookie}`,
    ]
    this.#socket.write(`${head.join('\r\n')}${headEnd}`)
  }

  /** Undefined while all is well. */
  failure

  send(text) {
    this.#write(0x81, Buffer.from(text))
  }

  close() {
    this.#isOpen = false
    this.failure ??= 'closed'
    this.#socket.destroy()
  }

  #lose(error) {
    this.failure ??= error.message
    this.#fail(error)
  }

  /** A mask of zeros hides nothing and is a mask. */
  #write(kind, body) {
    const head = Buffer.alloc(body.length < 126 ? 6 : 8)
    head[0] = kind
    if (body.length < 126) head[1] = 0x80 | body.length
    else {
      head[1] = 0x80 | 126
      head.writeUInt16BE(body.length, 2)
    }
    this.#socket.write(Buffer.concat([head, body]))
  }

  #take(count) {
    let bytes = incoming
    let end = count
    if (this.#rest) {
      bytes = Buffer.concat([this.#rest, incoming.subarray(0, count)])
      end = bytes.length
      this.#rest = undefined
    }
    let at = 0
    if (!this.#isOpen) {
      at = bytes.indexOf(headEnd) + headEnd.length
      if (at < headEnd.length || at > end) return this.#keep(bytes, 0, end)
      if (bytes.latin1Slice(9, 12) !== '101') return this.#lose(new Error(bytes.latin1Slice(0, end)))
      this.#isOpen = true
    }
    while (at < end) {
      const next = this.#frame(bytes, at, end)
      if (next === at) return this.#keep(bytes, at, end)
      at = next
    }
    return true
  }

  #keep(bytes, from, to) {
    this.#rest = Buffer.from(bytes.subarray(from, to))
    return true
  }

  /** Where the next frame begins; `at` when this one is not all here. */
  #frame(bytes, at, end) {
    if (end - at < 2) return at
    let length = bytes[at + 1] & 127
    let from = at + 2
    if (length === 126) {
      if (end - at < 4) return at
      length = bytes.readUInt16BE(from)
      from += 2
    } else if (length === 127) {
      if (end - at < 10) return at
      length = Number(bytes.readBigUInt64BE(from))
      from += 8
    }
    const to = from + length
    if (to > end) return at
    const kind = bytes[at] & 15
    if (kind === 1) this.#onText(this, bytes, from, to)
    else if (kind === 9) this.#write(0x8a, Buffer.from(bytes.subarray(from, to)))
    else if (kind === 8) this.#lose(new Error(`closed: ${bytes.toString('utf8', from + 2, to)}`))
    return to
  }
}
