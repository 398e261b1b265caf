import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  /** The given URL, through the proxy. */
  url: string
  /** Answers no longer get through; requests still do. */
  loseAnswers(): void
  /** Ends all connections at once, without a word. */
  cut(): void
  close(): Promise<void>
}

/** Stands between the server and an engine, to do to the connection what networks do. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target)
  const { hostname, port } = url
  const pairs = new Set<[Socket, Socket]>()
  let isLosing = false
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    near.on('data', (data) => far.write(data))
    far.on('data', (data) => isLosing || near.write(data))
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        near.destroy()
        far.destroy()
        pairs.delete(pair)
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    for (const [near] of pairs) near.resetAndDestroy()
    isLosing = false
  }
  return {
    url: url.href,
    loseAnswers: () => {
      isLosing = true
    },
    cut,
    close: async () => {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
