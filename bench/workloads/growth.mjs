// P8: what one thing costs where little is stored, and where very much is: it must not grow with history.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../harness/folders.mjs'
import { median } from '../harness/rounds.mjs'
import { openConversations, register, request, signIn, startAtrium } from '../subjects/atrium.mjs'

/** Rows are written in so many transactions, so that no log grows to the size of the database. */
const rowsAtOnce = 100_000
/** As the server keeps them: older events are purged. */
const keptEvents = 10_000

/** Each asks for one thing; the body of the answer is looked at, once per round, by `holds`. */
const asks = (room, number) => ({
  send: (index) => ['POST', `/conversations/${room}/messages`, { client_id: `g${index}`, text: `Growth ${index}` }],
  'list, newest': () => ['GET', `/conversations/${room}/messages?limit=50`],
  'list, oldest': () => ['GET', `/conversations/${room}/messages?after=0&limit=50`],
  'jump to a date': () => ['GET', `/conversations/${room}/messages?at=2026-06-01T00:00:00Z&limit=50`],
  conversations: () => ['GET', '/conversations?limit=20'],
  'search, a rare word': () => ['GET', `/search/messages?q=rare${Math.floor(number / 2)}`],
  'search, a common word': () => ['GET', '/search/messages?q=harbour'],
  'sync, 100 behind': () => ['POST', '/sync', { streams: { [`conversation:${room}`]: number - 100 }, only: true }],
  'mark read': () => ['PUT', `/conversations/${room}/read`, { seq: number }],
})

/** One conversation with a long history, and the server that holds it; SQLite, in the file of a real installation. */
async function withHistory({ folder, profile, tell }, build, size) {
  const name = `${build.name} with ${size.toLocaleString('en')} messages`
  const first = await startAtrium({ ...build, name, folder, profile })
  const people = await register(first.port, 2)
  await openConversations(first.port, people)
  await first.stop()
  const started = performance.now()
  fill(join(first.dataDir, 'atrium.db'), people, size)
  tell(`  ${name}: written in ${Math.round((performance.now() - started) / 1000)} s`)
  const server = await startAtrium({ ...build, name, folder, profile, dataDir: first.dataDir })
  return { server, person: await signIn(server.port, people[0]) }
}

function fill(file, [ann, bob], size) {
  const Database = createRequire(join(root, 'packages/server/package.json'))('better-sqlite3')
  const db = new Database(file)
  db.pragma('synchronous = OFF')
  const room = ann.conversation
  const start = Date.parse('2026-01-01T00:00:00Z')
  const step = Math.floor((300 * 86_400_000) / size)
  const numbers = `with recursive n(value) as (select @from union all select value + 1 from n where value < @to)`
  const id = `lower(substr(printf('%012x', ${start} + value * ${step}), 1, 8) || '-' || substr(printf('%012x', ${start} + value * ${step}), 9, 4) || '-7000-8000-' || printf('%012x', value))`
  const at = `strftime('%Y-%m-%dT%H:%M:%fZ', (${start} + value * ${step}) / 1000.0, 'unixepoch')`
  const text = `'Message ' || value || ': see you at the harbour, rare' || value`
  const who = `iif(value % 2, '${ann.id}', '${bob.id}')`
  const terms = `'qc${room.replaceAll('-', '')} qs' || replace(${who}, '-', '') || ' qwmessage qw' || value || ' qwsee qwyou qwat qwthe qwharbour qwrare' || value`
  const inserts = [
    `insert into messages (id, conversation_id, seq, number, sender_id, client_id, text, created_at, version, format, reply_count)
       ${numbers} select ${id}, '${room}', value, value, ${who}, 'h' || value, ${text}, ${at}, 1, 'plain', 0 from n`,
    `insert into message_search (message_id, terms) ${numbers} select ${id}, ${terms} from n`,
  ].map((sql) => db.prepare(sql))
  for (let from = 1; from <= size; from += rowsAtOnce) {
    const to = Math.min(size, from + rowsAtOnce - 1)
    db.transaction(() => {
      for (const insert of inserts) insert.run({ from, to })
    })()
  }
  const tail = Math.max(1, size - keptEvents + 1)
  db.transaction(() => {
    const events = `insert into events (stream_id, seq, type, refs, created_at) ${numbers}
      select 'conversation:${room}', value, 'message.created', json_object('message_id', ${id}), ${at} from n`
    db.prepare(events).run({ from: tail, to: size })
    db.prepare(`update streams set head = ?, tail = ? where id = ?`).run(size, tail, `conversation:${room}`)
    const last = db.prepare(`select created_at from messages where conversation_id = ? and number = ?`).get(room, size)
    db.prepare(`update conversations set last_number = ?, last_message_at = ?, updated_at = ? where id = ?`).run(
      size,
      last.created_at,
      last.created_at,
      room,
    )
  })()
  db.exec('analyze')
  db.close()
}

export const growth = async (context) => {
  const { builds, options, sizes, tell } = context
  const subjects = []
  for (const size of sizes) subjects.push({ size, ...(await withHistory(context, builds[0], size)) })
  const rows = []
  for (const what of Object.keys(asks('', 0))) {
    const times = new Map(sizes.map((size) => [size, []]))
    for (let round = 0; round < options.rounds; round++) {
      for (const { size, server, person } of round % 2 === 0 ? subjects : [...subjects].reverse()) {
        times.get(size).push(await medianOf(server, asks(person.conversation, size)[what], person, round))
      }
    }
    const [smallest, ...larger] = sizes.map((size) => median(times.get(size)))
    tell(`  ${what}: ${[smallest, ...larger].map((ms) => ms.toFixed(2)).join(' → ')} ms`)
    rows.push({ what, ms: [smallest, ...larger], ratio: larger.at(-1) / smallest })
  }
  for (const { server } of subjects) await server.stop()
  return [{ id: 'P8', title: 'growth with history, SQLite', sizes, rows, atMost: 1.5 }]
}

/** Milliseconds of one request after the other. */
async function medianOf(server, ask, person, round) {
  const times = []
  for (let index = 0; index < 60; index++) {
    const [method, path, body] = ask(`${round}-${index}`)
    const start = performance.now()
    await request(server.port, method, path, { cookie: person.cookie, csrf: person.csrf, body })
    if (index >= 10) times.push(performance.now() - start)
  }
  return median(times)
}
