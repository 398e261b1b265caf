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
      const droppedByCrowd = lost()
      const memory = await fillMemory(cluster, regular, seconds)
      return { ...crowd, dropped: droppedByCrowd, ...memory, ...(await regular.end()) }
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

async function fillMemory({ nodes, note }: Cluster, regular: Regular, seconds: number): Promise<Figures> {
  const [node] = nodes as [ServerProcess]
  note('everybody says as much as may be said')
  const until = performance.now() + seconds * 1000
  const statuses = new Map<number, number>()
  let most = 0
  const say = async () => {
    while (performance.now() < until) {
      const { status, retryAfter } = await post(node.origin, '/batch', regular.person, largeBody)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      most = Math.max(most, node.residentMb)
      await pause(retryAfter * 1000)
    }
  }
  await Promise.all(Array.from({ length: senders }, say))
  console.log(`large bodies were answered ${JSON.stringify(Object.fromEntries(statuses))}`)
  const bodies = [...statuses.values()].reduce((sum, count) => sum + count, 0)
  const heap = await node.heldMemory()
  return {
    bodies,
    body_mb: largeBody.length / 1e6,
    unanswered: statuses.get(0) ?? 0,
    most_mb: most,
    held_heap_mb: heap.heapMb,
  }
}

/** The status, 0 where there was no answer, and after how many seconds one is to ask again. */
async function post(
  origin: string,
  path: string,
  { token }: Person,
  body: string,
): Promise<{ status: number; retryAfter: number }> {
  try {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const signal = AbortSignal.timeout(20_000)
    const answer = await fetch(`${origin}/api/v1${path}`, { method: 'POST', headers, body, signal })
    await answer.arrayBuffer()
    return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after') ?? 0) }
  } catch (error) {
    console.log(String((error as Error).cause ?? error))
    return { status: 0, retryAfter: 1 }
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

  constructor(origin: string, person: Person) {
    this.person = person
    this.#origin = origin
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      this.#asked++
      const said = await this.#ask().catch(String)
      if (said !== 200) {
        this.#failed++
        console.log(`who was there before was told ${said}`)
      }
      await pause(100)
    }
  }

  async #ask(): Promise<number> {
    const headers = { authorization: `Bearer ${this.person.token}` }
    const sent = request(`${this.#origin}/api/v1/conversations`, { agent: this.#agent, headers, timeout: 20_000 })
    sent.on('timeout', () => sent.destroy()).end()
    const [answer] = await once(sent, 'response')
    this.#ports.add(answer.socket.localPort)
    answer.resume()
    await once(answer, 'end')
    return answer.statusCode
  }

  async end(): Promise<Figures> {
    this.#isOver = true
    await this.#running
    this.#agent.destroy()
    return { asked: this.#asked, failed: this.#failed, connections: this.#ports.size }
  }
}
