import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The way from one program to another, which can become slow, fall silent as a pulled cable does, or break. */
export class Link {
  readonly #server: Server
  #target: { host: string; port: number }
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  /** What has ended at one side and is not yet known at the other. */
  readonly #unheard = new Set<() => void>()
  #isSilent = false
  #isRefusing = false
  /** Added to each piece of data, in milliseconds, in each direction. */
  delayMs = 0

  private constructor(server: Server, target: URL) {
    this.#server = server
    this.#target = { host: target.hostname, port: Number(target.port) }
    server.on('connection', (near) => this.#join(near))
  }

  static async to(url: string): Promise<Link> {
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Link(server, new URL(url))
  }

  /** From now on new connections go there. */
  leadTo(url: string): void {
    const { hostname, port } = new URL(url)
    this.#target = { host: hostname, port: Number(port) }
  }

  /** The same address, by this way. */
  url(text: string): string {
    const url = new URL(text)
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** Nothing arrives, neither data nor the end of a connection; what is new is taken and not answered. */
  silence(): void {
    this.#isSilent = true
    for (const pair of this.#pairs) for (const socket of pair) socket.pause()
  }

  /** Every connection ends, and new ones end at once. */
  refuse(): void {
    this.#isRefusing = true
    this.reset()
  }

  restore(): void {
    this.#isSilent = false
    this.#isRefusing = false
    for (const pair of this.#pairs) for (const socket of pair) socket.resume()
    for (const tell of this.#unheard) tell()
    this.#unheard.clear()
  }

  /** Ends all connections at once. */
  reset(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
  }

  #join(near: Socket): void {
    if (this.#isRefusing) return void near.resetAndDestroy()
    const far = connect({ ...this.#target })
    const pair = [near, far] as const
    this.#pairs.add(pair)
    this.#carry(near, far)
    this.#carry(far, near)
    for (const socket of pair) if (!this.#isSilent) socket.resume()
  }

  #carry(from: Socket, to: Socket): void {
    from.setNoDelay(true)
    from.on('error', () => {})
    let arrives = 0
    const underway: Buffer[] = []
    // Timers whose lengths differ end in another order than they should, by a millisecond; each lets the oldest arrive.
    const arrive = () => {
      const data = underway.shift()
      if (data && !to.destroyed) to.write(data)
    }
    from.on('data', (data) => {
      if (this.delayMs === 0 && arrives === 0) return void to.write(data)
      const now = performance.now()
      arrives = Math.max(arrives, now + this.delayMs)
      underway.push(data)
      setTimeout(arrive, arrives - now)
    })
    from.on('close', () => {
      const tell = () => {
        to.destroy()
        for (const pair of this.#pairs) if (pair.includes(from)) this.#pairs.delete(pair)
      }
      if (this.#isSilent) this.#unheard.add(tell)
      else tell()
    })
  }

  async close(): Promise<void> {
    this.restore()
    this.reset()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
