// P8: what one thing costs where little is stored, and where very much is: it must not grow with history.
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, spread } from '../harness/rounds.mjs'
import { openConversations, register, request, startAtrium } from '../subjects/atrium.mjs'
import { isInstalled, startEngine } from '../subjects/engines.mjs'
import { fillMariadb, fillPostgres, fillSqlite } from '../subjects/history.mjs'

/** MariaDB writes its index of words so slowly that ten million would take the night. */
const mostOnMariadb = 1_000_000
const requests = 60
const warmRequests = 10

/** Each asks for one thing, of a conversation with so many messages. */
const asks = (room, number) => ({
  send: (index) => ['POST', `/conversations/${room}/messages`, { client_id: `g${index}`, text: `Growth ${index}` }],
  'list, newest': () => ['GET', `/conversations/${room}/messages?limit=50`],
  'list, oldest': () => ['GET', `/conversations/${room}/messages?after=0&limit=50`],
  'list, in the middle': () => ['GET', `/conversations/${room}/messages?around=${Math.floor(number / 2)}&limit=50`],
  'jump to a date': () => ['GET', `/conversations/${room}/messages?at=2026-06-01T00:00:00Z&limit=50`],
  'conversations with what is unread': () => ['GET', '/conversations?limit=20'],
  'search, a rare word': () => ['GET', `/search/messages?q=rare${Math.floor(number / 2)}`],
  'search, a common word': () => ['GET', '/search/messages?q=harbour'],
  'search, a beginning of rare words': () => ['GET', `/search/messages?q=rare${number - 7}*`],
  'search, a beginning of a common word': () => ['GET', '/search/messages?q=harb*'],
  'sync, 100 behind': () => ['POST', '/sync', { streams: { [`conversation:${room}`]: number - 100 }, only: true }],
  'mark read': () => ['PUT', `/conversations/${room}/read`, { seq: number }],
})

export const growthSqlite = (context) =>
  growth(context, {
    engine: 'SQLite',
    sizes: context.sizes,
    databaseFor: async () => '',
    fill: (server, people, size) => fillSqlite(join(server.dataDir, 'atrium.db'), people, size),
  })

export const growthPostgres = (context) =>
  onEngine(context, 'postgres', { engine: 'PostgreSQL', sizes: context.sizes, write: fillPostgres })

export const growthMariadb = (context) => {
  const sizes = context.sizes.map((size) => Math.min(size, mostOnMariadb))
  return onEngine(context, 'mariadb', { engine: 'MariaDB', sizes: [...new Set(sizes)], write: fillMariadb })
}

/** An engine of its own for each size: what is kept in memory for one must not push out what is kept for another. */
async function onEngine(context, kind, { engine, sizes, write }) {
  if (!isInstalled(kind, context.tell)) return []
  const started = []
  const databaseFor = async (size) => {
    const own = await startEngine(kind, context.folder, `${kind}-${size}`)
    started.push(own)
    return own.database('atrium')
  }
  const measured = await growth(context, {
    engine,
    sizes,
    databaseFor,
    fill: (server, people, size) => write(server.database, people, size),
  })
  for (const each of started) await each.stop()
  return measured
}

async function growth(context, { engine, sizes, databaseFor, fill }) {
  const { builds, folder, options, profile, tell } = context
  const subjects = []
  for (const size of sizes) {
    const name = `${engine} with ${size.toLocaleString('en')} messages`
    const database = await databaseFor(size)
    const first = await startAtrium({ ...builds[0], name, folder, database })
    const people = await register(first.port, 2)
    await openConversations(first.port, people)
    await first.stop()
    const [started, free] = [performance.now(), freeBytes()]
    await fill({ ...first, database }, people, size)
    const [seconds, gigabytes] = [(performance.now() - started) / 1000, (free - freeBytes()) / 1e9]
    tell(`  ${name}: written in ${seconds.toFixed(0)} s, ${gigabytes.toFixed(2)} GB`)
    const server = await startAtrium({ ...builds[0], name, folder, profile, database, dataDir: first.dataDir })
    subjects.push({ size, server, person: people[0], asks: asks(people[0].conversation, size) })
  }
  const rows = []
  for (const what of Object.keys(asks('', 0))) rows.push(await compareGrowth(what, subjects, options.rounds, tell))
  for (const { server } of subjects) await server.stop()
  return [{ id: 'P8', title: `growth with history, ${engine}`, sizes, rows, atMost: 1.5 }]
}

/** `--sizes` bounds them, for a short try: nothing is larger than the largest of it. */
export const boundedSizes = (sizes, asked) => [...new Set(sizes.map((size) => Math.min(size, Math.max(...asked))))]

/** `asks` of a subject make the requests for its size; the same names for all. */
export async function compareGrowth(what, subjects, rounds, tell) {
  const times = new Map(subjects.map(({ size }) => [size, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { size, server, person, asks } of round % 2 === 0 ? subjects : [...subjects].reverse()) {
      times.get(size).push(await medianOf(server, asks[what], person, round))
    }
  }
  const [smallest, largest] = [times.get(subjects[0].size), times.get(subjects.at(-1).size)]
  const growth = spread(largest.map((ms, round) => ms / smallest[round]))
  const ms = subjects.map(({ size }) => median(times.get(size)))
  tell(`  ${what}: ${ms.map((each) => each.toFixed(2)).join(' → ')} ms`)
  return { what, ms, growth }
}

/** Milliseconds of one request after the other; few when one takes seconds. */
async function medianOf(server, ask, person, round) {
  const times = []
  const end = performance.now() + 20_000
  for (let index = 0; index < requests && (times.length === 0 || performance.now() < end); index++) {
    const [method, path, body] = ask(`${round}-${index}`)
    const start = performance.now()
    await request(server.port, method, path, { cookie: person.cookie, csrf: person.csrf, body })
    if (index >= warmRequests || performance.now() - start > 500) times.push(performance.now() - start)
  }
  return median(times)
}

function freeBytes() {
  const { bavail, bsize } = statfsSync(tmpdir())
  return bavail * bsize
}
