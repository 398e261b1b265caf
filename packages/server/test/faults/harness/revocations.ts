import { io, type Socket } from 'socket.io-client'
import { ask, type Person, signIn } from './person.ts'
import { pause, until } from './waiting.ts'

interface Watched {
  person: Person
  /** One at each node. */
  sockets: Socket[]
}

export interface Revoked {
  token: string
  /** After the answer to the logout, until each node refused the credential, the slowest. */
  restMs: number
  /** And until the last of its sockets was closed. */
  socketMs: number
}

/**
 * Sessions that are signed in at all nodes and then ended at one of them. From then on no node may accept them, whatever
 * else is broken.
 */
export class Revocations {
  readonly done: Revoked[] = []
  readonly #origins: readonly string[]
  readonly #watched: Watched[] = []

  private constructor(origins: readonly string[]) {
    this.#origins = origins
  }

  /** Signed in beforehand: hashing takes its time. */
  static async prepare(origins: readonly string[], name: string, count: number): Promise<Revocations> {
    const revocations = new Revocations(origins)
    for (let number = 0; number < count; number++) {
      const person = await signIn(origins[0] ?? '', name)
      revocations.#watched.push({ person, sockets: [] })
    }
    return revocations
  }

  /** Ends one of the sessions at the node of this number, after every node had taken it for good. */
  async revoke(node: number, limitMs = 8_000): Promise<Revoked> {
    const watched = this.#watched.shift()
    if (!watched) throw new Error('No more sessions were prepared.')
    const { token } = watched.person
    watched.sockets = await Promise.all(this.#origins.map((origin) => connected(origin, token)))
    for (const origin of this.#origins) {
      const { status } = await ask(origin, '/users/me', { token })
      if (status !== 200) throw new Error(`A session that was not ended is refused: ${status}`)
    }
    const { status } = await ask(this.#origins[node] ?? '', '/auth/logout', { token, body: {} })
    if (status !== 200) throw new Error(`The logout failed: ${status}`)
    const began = performance.now()
    const closed = until(
      () => watched.sockets.every((socket) => !socket.connected),
      limitMs,
      () => 'still open',
      5,
    )
    const refused = Promise.all(
      this.#origins.map((origin) =>
        until(
          async () => (await this.#statusAt(origin, token)) !== 200,
          limitMs,
          () => 'still accepted',
          25,
        ),
      ),
    )
    const forever = () => Number.POSITIVE_INFINITY
    const [socketMs, restMs] = await Promise.all([
      closed.then(() => performance.now() - began).catch(forever),
      refused.then((times) => Math.max(...times)).catch(forever),
    ])
    for (const socket of watched.sockets) socket.close()
    const revoked = { token, restMs, socketMs }
    this.done.push(revoked)
    return revoked
  }

  /** How many of those that were ended are accepted anywhere now. */
  async risen(): Promise<number> {
    let risen = 0
    for (const { token } of this.done) {
      for (const origin of this.#origins) {
        if ((await this.#statusAt(origin, token)) === 200) risen++
      }
    }
    return risen
  }

  /** No answer is no acceptance. */
  #statusAt(origin: string, token: string): Promise<number> {
    return ask(origin, '/users/me', { token }).then(
      ({ status }) => status,
      () => 0,
    )
  }
}

async function connected(origin: string, token: string): Promise<Socket> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } })
  await new Promise<void>((resolve, reject) => {
    socket.once('session.ready', () => resolve())
    socket.once('connect_error', reject)
  })
  await pause(0)
  return socket
}
