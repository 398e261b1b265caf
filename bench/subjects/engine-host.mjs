// Holds an engine to the core this process was started on, and ends it with itself.
import { startMariadb } from '../../scripts/engines/mariadb.mjs'
import { startNginx } from '../../scripts/engines/nginx.mjs'
import { startPostgres } from '../../scripts/engines/postgres.mjs'
import { Engine } from '../../scripts/engines/process.mjs'
import { startRedis } from '../../scripts/engines/redis.mjs'
import { query } from './queries.mjs'

const starters = {
  postgres: (engine) => startPostgres(engine, { postgis: false }),
  mariadb: startMariadb,
  redis: startRedis,
  nginx: startNginx,
}
let engine
let url

process.on('disconnect', () => process.exit())
process.once('SIGTERM', async () => {
  await engine?.stop()
  process.exit()
})
process.on('message', async ({ kind, folder, create, more }) => {
  if (kind) {
    engine = new Engine(kind, folder)
    url = await starters[kind](engine, more)
    process.send({ url })
    return
  }
  await query(url, [`create database ${create}`])
  process.send({})
})
