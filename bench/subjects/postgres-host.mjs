// Holds the engine to the core this process was started on, and ends it with itself.
import pg from 'pg'
import { startPostgres } from '../../scripts/engines/postgres.mjs'
import { Engine } from '../../scripts/engines/process.mjs'

let engine
let url

process.on('disconnect', () => process.exit())
process.once('SIGTERM', async () => {
  await engine?.stop()
  process.exit()
})
process.on('message', async ({ folder, create }) => {
  if (folder) {
    engine = new Engine('postgres', folder)
    url = await startPostgres(engine)
    process.send({ url })
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${create}`)
  await client.end()
  process.send({})
})
