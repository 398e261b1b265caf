// The driver alone: one row and one durable commit at a time, for as many seconds as each message says.
import SqliteDatabase from 'better-sqlite3'
import { columns, keys, messageRow, summary } from './message-rows.mjs'

const db = new SqliteDatabase(process.env.DATABASE)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
if (db.pragma('synchronous', { simple: true }) !== 2) throw new Error('synchronous = FULL was not taken')
db.exec(`create table messages(${columns.join(', ')}, ${keys})`)
const insert = db.prepare(`insert into messages values(${columns.map(() => '?')})`)
let number = 0

process.on('disconnect', () => process.exit())
process.on('message', ({ warmSeconds, seconds }) => {
  const before = number
  repeat(warmSeconds)
  const started = performance.now()
  const latencies = repeat(seconds)
  const elapsed = (performance.now() - started) / 1000
  const stored = db.prepare('select count(*) from messages').pluck().get()
  const problems = stored === number ? 0 : 1
  process.send({ ...summary(latencies, elapsed), answers: number - before, problems, firstProblem: `${stored} rows` })
})

function repeat(seconds) {
  const latencies = []
  const end = performance.now() + seconds * 1000
  for (let now = performance.now(); now < end; ) {
    insert.run(messageRow(++number))
    const done = performance.now()
    latencies.push(done - now)
    now = done
  }
  return latencies
}
