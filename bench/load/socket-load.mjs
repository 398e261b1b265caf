// Load from its own core: sockets that write into rooms and time what arrives. Every delivery and every answer is counted.
import { randomUUID } from 'node:crypto'
import { SocketClient } from './socket-client.mjs'
import { protocols } from './socket-protocols.mjs'

const comingInAtOnce = 50
const drainLimitMs = 3_000
const mark = Buffer.from('~~')
const digits = 16

let clients = []
let protocol
const state = {}

process.on('disconnect', () => process.exit())
process.on('message', async ({ task, ...job }) => {
  try {
    process.send(await tasks[task](job))
  } catch (error) {
    process.send({ problems: 1, firstProblem: error.message })
  }
})

const tasks = {
  /** One socket for each entry of `people`, who may have a port of their own; all in before it answers. */
  async connect({ port, people, speaks }) {
    protocol = protocols[speaks]
    const started = performance.now()
    const waiting = people.map((person, index) => ({ port, ...person, index }))
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const client = new SocketClient({ port: next.port, path: protocol.path, cookie: next.cookie, onText })
        Object.assign(client, { index: next.index, room: next.room })
        clients[next.index] = client
        await client.ready
      }
    }
    await Promise.all(Array.from({ length: comingInAtOnce }, lane))
    return { connectSeconds: (performance.now() - started) / 1000 }
  },

  /**
   * In each of `rooms` (all there are) `burst` people write one message each; its next burst follows when the first of
   * them has heard all of this one. All rooms have as many sockets. `sentTo` says how many messages each room got.
   */
  async fanOut({ burst, rooms, warmSeconds, seconds }) {
    begin()
    const all = Map.groupBy(clients, ({ room }) => room)
    const chosen = rooms ?? [...all.keys()]
    const sentTo = {}
    const turns = new Map()
    for (const room of chosen) {
      const writers = all.get(room).slice(0, burst)
      let heard = 0
      sentTo[room] = 0
      const next = () => {
        heard = 0
        sentTo[room] += burst
        writers.forEach(write)
      }
      turns.set(writers[0], () => {
        if (++heard === burst && !state.stopped) next()
      })
      next()
    }
    state.onEvent = (client) => turns.get(client)?.()
    const receivers = clients.length / all.size
    return { ...(await conclude({ warmSeconds, seconds, receivers, count: () => state.delays })), sentTo }
  },

  /** `senders` people write one message after the other, each into their own room; the time is that of the answer. */
  async converse({ senders, warmSeconds, seconds, receivers }) {
    begin()
    state.onAck = (client) => {
      if (!state.stopped) write(client)
    }
    for (const client of clients.slice(0, senders)) write(client)
    return await conclude({ warmSeconds, seconds, receivers, count: () => state.answers })
  },

  async close() {
    for (const client of clients) client.close()
    clients = []
    return {}
  },
}

function begin() {
  Object.assign(state, {
    stopped: false,
    counting: false,
    sent: 0,
    acks: 0,
    delivered: 0,
    delays: [],
    answers: [],
    problems: [],
    name: randomUUID(),
    onAck: () => {},
    onEvent: () => {},
  })
}

const now = () => Math.floor(performance.now() * 1000)

function write(client) {
  client.sentAt = now()
  const text = `${mark}${String(client.sentAt).padStart(digits, '0')} see you at the harbour at half past seven?`
  client.send(protocol.send({ room: client.room, name: `${state.name}-${++state.sent}`, text }))
}

function onText(client, bytes, from, to) {
  const kind = protocol.read(client, bytes, from, to)
  if (kind === 'nothing') return
  if (kind === 'event') return take(client, bytes, from, to)
  if (kind !== 'ack') {
    state.problems?.push(kind)
    return
  }
  state.acks++
  if (state.counting) state.answers.push((now() - client.sentAt) / 1000)
  state.onAck(client)
}

/** What holds no mark is other news. */
function take(client, bytes, from, to) {
  const at = bytes.indexOf(mark, from)
  if (at < 0 || at + digits > to) return
  let sentAt = 0
  for (let index = at + mark.length; index < at + mark.length + digits; index++) {
    sentAt = sentAt * 10 + bytes[index] - 48
  }
  state.delivered++
  if (state.counting) state.delays.push((now() - sentAt) / 1000)
  state.onEvent(client)
}

async function conclude({ warmSeconds, seconds, receivers, count }) {
  stayAwake()
  await pause(warmSeconds)
  state.counting = true
  const [started, before] = [performance.now(), process.cpuUsage()]
  await pause(seconds)
  state.counting = false
  const elapsed = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  const counted = count().length
  state.stopped = true
  await drained(receivers)
  const isWhole = state.delivered === state.sent * receivers && state.acks === state.sent
  if (!isWhole) {
    state.problems.push(
      `${state.sent} sent, ${state.acks} acknowledged, ${state.delivered} of ${state.sent * receivers} delivered`,
    )
  }
  const lost = clients.find(({ failure }) => failure)
  if (lost) state.problems.push(lost.failure)
  const times = Float64Array.from(count()).sort()
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))]
  return {
    answers: state.delivered,
    sent: state.sent,
    rate: counted / elapsed,
    p50: at(0.5),
    p99: at(0.99),
    loadCpu: (user + system) / 1e6 / elapsed,
    problems: state.problems.length,
    firstProblem: state.problems[0],
  }
}

/** Until everything has arrived, or does not. */
async function drained(receivers) {
  const end = performance.now() + drainLimitMs
  const isMissing = () => state.delivered < state.sent * receivers || state.acks < state.sent
  while (isMissing() && performance.now() < end) await pause(0.02)
  // What comes twice comes after.
  await pause(0.1)
}

/** Never sleeps: else each delivery would pay, in the server's time, for waking this core up. */
function stayAwake() {
  if (!state.stopped) setImmediate(stayAwake)
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
