// What an instance pays to hear of messages that another one stored, part by part: its news on the way through Redis, the
// mark on them, and rendering the messages from PostgreSQL. `node bench/heard-elsewhere.mjs [messages at once] [turns] [main.js]`
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { messagingEvents } from '../packages/server/src/modules/messaging/messaging-events.ts'
import { askBlocks } from '../packages/server/src/modules/people/index.ts'
import { openDatabase } from '../packages/server/src/platform/db/database.ts'
import { BusRelay } from '../packages/server/src/platform/events/bus-relay.ts'
import { EventBus } from '../packages/server/src/platform/events/event-bus.ts'
import { EventRendering } from '../packages/server/src/platform/events/event-rendering.ts'
import { readEvents, streamsAdvanced } from '../packages/server/src/platform/events/streams.ts'
import { RedisChannel } from '../packages/server/src/platform/redis/redis-channel.ts'
import { parseRedisUrl } from '../packages/server/src/platform/redis/redis-url.ts'
import { newWorkFolder } from './harness/folders.mjs'
import { openChannel, register, request, startAtrium } from './subjects/atrium.mjs'
import { startEngine } from './subjects/engines.mjs'

const [atOnce, turns] = [Number(process.argv[2] ?? 4), Number(process.argv[3] ?? 3_000)]
const main = process.argv[4] ?? new URL('../packages/server/dist/main.js', import.meta.url).pathname
const log = { info() {}, warn() {}, error: console.error, debug() {} }
const folder = newWorkFolder()
const stops = []
const started = async (starting) => {
  const it = await starting
  stops.unshift(() => it.stop())
  return it
}

try {
  const postgres = await started(startEngine('postgres', folder))
  const redis = await started(startEngine('redis', folder))
  const url = await postgres.database('atrium')
  const stream = await writeMessages(url)
  const database = await openDatabase({ kind: 'postgres', url }, { log })
  stops.unshift(() => database.close())
  const events = await readEvents(database.db, stream, 0, 1_000)
  const written = events.filter(({ type }) => type === 'message.created').slice(0, atOnce)
  const news = [{ stream, seq: written.at(-1).seq, events: written }]
  const rendering = new EventRendering(messagingEvents(askBlocks))
  await compare({
    ...marking(news),
    ...(await throughRedis(redis.url)),
    rendering: () => rendering.render(database.db, written),
  })
} finally {
  for (const stop of stops) await stop()
  rmSync(folder, { recursive: true, force: true })
}

/** A server of its own migrates and stores them, and is gone again. */
async function writeMessages(database) {
  const server = await startAtrium({ name: 'Atrium', main, folder, database })
  const people = await register(server.port, Math.max(2, atOnce))
  const channel = await openChannel(server.port, people)
  for (const [index, person] of people.slice(0, atOnce).entries()) {
    const body = { client_id: `m-${index}`, text: `Message ${index}: see you at the harbour at half past seven?` }
    await request(server.port, 'POST', `/conversations/${channel}/messages`, { ...person, body })
  }
  await server.stop()
  return `conversation:${channel}`
}

/** As two instances do it, but for the way between them. */
function marking(news) {
  const key = randomBytes(32)
  const relay = () => {
    const said = { isUp: true, send: (text) => (said.text = text), onText: (hear) => (said.hear = hear) }
    const bus = new EventBus(log)
    bus.subscribe(streamsAdvanced, () => {})
    return { said, relay: new BusRelay({ channel: said, bus, key, log }) }
  }
  const [one, other] = [relay(), relay()]
  one.relay.send(streamsAdvanced.name, news)
  return {
    'the news, written and marked': () => one.relay.send(streamsAdvanced.name, news),
    'news of others, checked and read': () => other.said.hear(one.said.text),
    'own news, passed over': () => one.said.hear(one.said.text),
  }
}

/** Said and heard by one process, which is what each instance does with its own. */
async function throughRedis(url) {
  const channel = new RedisChannel({ address: parseRedisUrl(url), name: 'bench', log })
  await channel.open()
  stops.unshift(() => channel.close())
  let heard = () => {}
  channel.onText(() => heard())
  const text = 'x'.repeat(150 + 200 * atOnce)
  const there = () =>
    new Promise((resolve) => {
      heard = resolve
      channel.send(text)
    })
  return { 'through Redis, said and heard': there }
}

async function compare(parts) {
  const times = new Map(Object.keys(parts).map((name) => [name, []]))
  // The first of four rounds warms up.
  for (let round = 0; round < 4; round++) {
    for (const [name, work] of Object.entries(parts)) {
      const before = process.cpuUsage()
      for (let turn = 0; turn < turns; turn++) await work()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) times.get(name).push((user + system) / turns)
    }
  }
  for (const [name, list] of times) {
    const [, median] = list.sort((a, b) => a - b)
    console.log(
      `${name}, ${atOnce} messages: ${median.toFixed(1)} µs of processor time (${list.map((each) => each.toFixed(1)).join(', ')})`,
    )
  }
}
