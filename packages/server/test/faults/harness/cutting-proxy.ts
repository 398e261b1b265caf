import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** `answer`: when the server has answered, without passing it on. `request`: so many milliseconds after the request went in. */
export type Cut = { at: 'answer' } | { at: 'request'; afterMs: number }

/** Stands between one client and the server, and loses answers on demand. */
export class CuttingProxy {
  readonly origin: string
  /** Connections cut so far. */
  cuts = 0
  readonly #server: Server
  readonly #pairs = new Set<{ near: Socket; far: Socket }>()
  #armed: Cut | undefined

  private constructor(server: Server, target: number) {
    this.#server = server
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('connection', (near) => this.#join(near, connect(target, '127.0.0.1')))
  }

  static async start(target: string): Promise<CuttingProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new CuttingProxy(server, Number(new URL(target).port))
  }

  /** The next request gets through, and its answer does not. */
  loseNextAnswer(cut: Cut): void {
    this.#armed = cut
  }

  #join(near: Socket, far: Socket): void {
    const pair = { near, far }
    this.#pairs.add(pair)
    let isDoomed = false
    const sever = () => {
      if (!this.#pairs.delete(pair)) return
      // Half of them politely: a client must not trust the way a connection ends.
      if (this.cuts++ % 2 === 0) near.resetAndDestroy()
      else near.destroy()
      far.destroy()
    }
    near.on('data', (data) => {
      const cut = this.#armed
      this.#armed = undefined
      far.write(data, () => {
        if (cut?.at === 'request') setTimeout(sever, cut.afterMs)
      })
      if (cut) isDoomed = true
    })
    far.on('data', (data) => (isDoomed ? sever() : near.write(data)))
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#pairs.delete(pair)
        near.destroy()
        far.destroy()
      })
    }
  }

  async close(): Promise<void> {
    for (const { near, far } of this.#pairs) {
      near.destroy()
      far.destroy()
    }
    this.#server.close()
    await once(this.#server, 'close')
  }
}
