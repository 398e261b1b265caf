// The driver alone: one row and one commit per statement, over as many connections as each message says.
import pg from 'pg'
import { columns, keys, messageRow, summary } from './message-rows.mjs'

const pool = new pg.Pool({ connectionString: process.env.DATABASE, max: 10 })
const types = { number: 'bigint', seq: 'bigint', version: 'integer', text: 'text', client_id: 'varchar(128)' }
const typeOf = (name) => types[name] ?? (name.endsWith('_at') ? 'timestamptz(3)' : 'uuid')
await pool.query(`create table messages(${columns.map((name) => `${name} ${typeOf(name)}`)}, ${keys})`)
const statement = {
  name: 'insert-message',
  text: `insert into messages values(${columns.map((_, index) => `$${index + 1}`)})`,
}
let number = 0

process.on('disconnect', () => process.exit())
process.on('message', async ({ connections, warmSeconds, seconds }) => {
  const before = number
  await repeat(connections, warmSeconds)
  const started = performance.now()
  const latencies = await repeat(connections, seconds)
  const elapsed = (performance.now() - started) / 1000
  const stored = Number((await pool.query('select count(*) from messages')).rows[0].count)
  const problems = stored === number ? 0 : 1
  process.send({ ...summary(latencies, elapsed), answers: number - before, problems, firstProblem: `${stored} rows` })
})

async function repeat(connections, seconds) {
  const latencies = []
  const end = performance.now() + seconds * 1000
  const lane = async () => {
    const client = await pool.connect()
    for (let now = performance.now(); now < end; ) {
      await client.query({ ...statement, values: messageRow(++number) })
      const done = performance.now()
      latencies.push(done - now)
      now = done
    }
    client.release()
  }
  await Promise.all(Array.from({ length: connections }, lane))
  return latencies
}
