// Instances of one installation behind nginx, with a PostgreSQL and a Redis that nobody else uses.
import { randomBytes } from 'node:crypto'
import { freePort } from '../../scripts/engines/process.mjs'
import { startAtrium } from './atrium.mjs'
import { startEngine } from './engines.mjs'

const names = ['', 'one instance', 'two instances']

/** Their name, the port of nginx, and which processes are the servers, the database, Redis and nginx. */
export async function startFleet({ main, count, folder, profile, sockets }) {
  const name = names[count]
  const own = `${count}-${randomBytes(4).toString('hex')}`
  const postgres = await startEngine('postgres', folder, `postgres-${own}`)
  const redis = await startEngine('redis', folder, `redis-${own}`)
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const targets = ports.map((port) => `http://127.0.0.1:${port}`)
  const nginx = await startEngine('nginx', folder, `nginx-${own}`, { targets })
  const [database, token] = [await postgres.database('atrium'), randomBytes(24).toString('hex')]
  const settings = {
    SECRET_KEY: randomBytes(32).toString('base64url'),
    REDIS_URL: redis.url,
    TRUSTED_PROXIES: '127.0.0.1',
    METRICS_TOKEN: token,
  }
  const servers = []
  for (const port of ports) {
    servers.push(await startAtrium({ name, main, folder, profile, database, sockets, port, settings }))
  }
  return {
    name,
    speaks: 'atrium',
    port: Number(new URL(nginx.url).port),
    pids: {
      servers: servers.map(({ pid }) => pid),
      database: [postgres.pid],
      redis: [redis.pid],
      proxy: [nginx.pid],
    },
    loads: () => Promise.all(targets.map((target) => loadOf(target, token))),
    stop: async () => {
      for (const each of [...servers, nginx, redis, postgres]) await each.stop()
    },
  }
}

/** How many requests this instance has answered, and how many sockets it holds. */
async function loadOf(target, token) {
  const answer = await fetch(`${target}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const lines = (await answer.text()).split('\n')
  const sumOf = (name) =>
    lines.filter((line) => line.startsWith(name)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  return { requests: sumOf('http_request_duration_seconds_count'), sockets: sumOf('socket_connections') }
}
