import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Cluster, Figures, Stage } from './cluster.ts'
import type { Person } from './person.ts'
import type { Reader } from './reader.ts'
import type { ServerProcess } from './server-process.ts'
import { pause, until } from './waiting.ts'

/** What the operating system and Node give the server: files, and megabytes of its heap. */
export const limits = { openFiles: 256, heapMb: 256 }
const crowdSize = 600
const senders = 60

/** F14: more connections than there are files, and more said at once than fits into the memory. */
export const fillLimits =
  ({ seconds }: { seconds: number }): Stage =>
  async (cluster) => {
    const [node] = cluster.nodes as [ServerProcess]
    const [{ person }] = cluster.chat.readers as [Reader]
    const regular = new Regular(node.origin, person)
    const lost = watchSockets(cluster)
    try {
      const crowd = await crowdIn(cluster, seconds)
      const { asked, failed } = regular.figures
      const memory = await fillMemory(cluster, regular, seconds)
      await regular.end()
      const { connections, broken } = regular.figures
      return { ...crowd, asked, failed, ...memory, dropped: lost(), connections, broken }
    } finally {
      await regular.end()
    }
  }

/** Answers how many connections of those who were there have broken so far. */
function watchSockets({ chat }: Cluster): () => number {
  let count = 0
  for (const { socket } of chat.readers) socket.on('disconnect', () => count++)
  return () => count
}

async function crowdIn({ nodes, note, allConnected }: Cluster, seconds: number): Promise<Figures> {
  const [{ origin }] = nodes as [ServerProcess]
  note('a crowd comes')
  const crowd: Socket[] = []
  let closed = 0
  let slowestMs = 0
  const come = async () => {
    const began = performance.now()
    const socket = connect(Number(new URL(origin).port), '127.0.0.1').on('error', () => {})
    crowd.push(socket)
    socket.once('close', () => {
      closed++
      slowestMs = Math.max(slowestMs, performance.now() - began)
    })
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
  }
  for (let i = 0; i < crowdSize; i++) await come()
  await until(
    () => closed > crowdSize / 2,
    10_000,
    () => `only ${closed} of ${crowdSize} were turned away`,
  )
  await pause(seconds * 1000)
  const turned = { crowd: crowdSize, turned_away: closed, turned_away_ms: slowestMs }
  note('the crowd leaves')
  const left = performance.now()
  for (const socket of crowd) socket.destroy()
  await until(
    async () => (await fetch(`${origin}/live`).catch(() => undefined))?.ok === true,
    10_000,
    () => 'nobody new is served',
  )
  const served = performance.now() - left
  await allConnected()
  return { ...turned, new_served_ms: served }
}

/** A megabyte of small values, which take many times that once they are read. */
const largeBody = JSON.stringify({ requests: Array.from({ length: 100 }, largeRequest) })
function largeRequest(_: unknown, index: number) {
  const body = Object.fromEntries(Array.from({ length: 700 }, (_, field) => [`f${field}`, [field]]))
  return { id: String(index), method: 'POST', path: '/data/nothing', body }
}

async function fillMemory({ nodes, note }: Cluster, { person }: Regular, seconds: number): Promise<Figures> {
  const [node] = nodes as [ServerProcess]
  note('everybody says as much as may be said')
  // Not more connections than there is room for.
  const agent = new Agent({ keepAlive: true, maxSockets: senders })
  const end = performance.now() + seconds * 1000
  const statuses = new Map<number | string, number>()
  let most = 0
  const say = async () => {
    while (performance.now() < end) {
      const { status, retryAfter } = await send(node.origin, '/batch', person, { agent, body: largeBody })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      most = Math.max(most, node.residentMb)
      await pause(retryAfter * 1000)
    }
  }
  await Promise.all(Array.from({ length: senders }, say))
  agent.destroy()
  const all = [...statuses]
  console.log(`large bodies were answered ${JSON.stringify(Object.fromEntries(all))}`)
  const count = (...wanted: (number | string)[]) =>
    wanted.reduce<number>((sum, status) => sum + (statuses.get(status) ?? 0), 0)
  // What the batch names is not there.
  const [judged, refused, closed] = [count(409), count(503), count(turnedAway)]
  return {
    bodies: judged,
    body_mb: largeBody.length / 1e6,
    refused: refused + closed,
    unanswered: all.reduce((sum, [, times]) => sum + times, 0) - judged - refused - closed,
    most_mb: most,
    held_heap_mb: (await node.heldMemory()).heapMb,
  }
}

/** A new connection that was closed before it was used. */
const turnedAway = 'turned away'

interface Said {
  /** What went wrong, where there was no answer. */
  status: number | string
  /** Seconds until it may be asked again. */
  retryAfter: number
  port: number | undefined
}

async function send(
  origin: string,
  path: string,
  { token }: Person,
  { agent, body }: { agent: Agent; body?: string },
): Promise<Said> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const method = body === undefined ? 'GET' : 'POST'
  const sent = request(`${origin}/api/v1${path}`, { method, agent, headers, timeout: 20_000 })
  try {
    sent.on('timeout', () => sent.destroy(new Error('No answer in time'))).end(body)
    const [answer] = await once(sent, 'response')
    const port = answer.socket.localPort
    answer.resume()
    await once(answer, 'end')
    return { status: answer.statusCode, retryAfter: Number(answer.headers['retry-after'] ?? 0), port }
  } catch (error) {
    return { status: sent.reusedSocket ? String(error) : turnedAway, retryAfter: 1, port: undefined }
  }
}

/** Somebody who was there before, over the one connection they have. */
class Regular {
  readonly person: Person
  readonly #origin: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #ports = new Set<number | undefined>()
  readonly #running: Promise<void>
  #isOver = false
  #asked = 0
  #failed = 0
  #broken = 0

  constructor(origin: string, person: Person) {
    this.person = person
    this.#origin = origin
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const { status, port } = await send(this.#origin, '/conversations', this.person, { agent: this.#agent })
      this.#asked++
      this.#ports.add(port)
      if (status !== 200) this.#failed++
      if (status !== 200 && status !== 503) this.#broken++
      await pause(100)
    }
  }

  /** `broken`: neither served nor told that the server is busy. */
  get figures() {
    return { asked: this.#asked, failed: this.#failed, broken: this.#broken, connections: this.#ports.size }
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#running
    this.#agent.destroy()
  }
}
