// `node bench/places.mjs [--engines sqlite,postgres,postgis,mariadb] [--sizes 10000,1000000]`: what a page of places costs
// as their number grows, asked of the services as the routes ask them. Writes a million rows per engine.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import mysql from 'mysql2/promise'
import { PlaceSearchService } from '../packages/server/src/modules/places/place-search.service.ts'
import { insertPlaces } from '../packages/server/src/modules/places/places.repository.ts'
import { newPlaceRow } from '../packages/server/src/modules/places/places.service.ts'
import { openDatabase } from '../packages/server/src/platform/db/database.ts'
import { parseDatabaseUrl } from '../packages/server/src/platform/db/database-url.ts'
import { migrate } from '../packages/server/src/platform/db/migrate.ts'
import { Cursors } from '../packages/server/src/platform/http/cursor.ts'
import { newId } from '../packages/server/src/platform/ids.ts'
import { createLogger } from '../packages/server/src/platform/log.ts'
import { startEngine } from '../scripts/engines.mjs'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'sqlite,postgres,postgis,mariadb' },
    sizes: { type: 'string', default: '10000,1000000' },
    repeats: { type: 'string', default: '200' },
  },
})
const sizes = values.sizes.split(',').map(Number)
const repeats = Number(values.repeats)
const log = createLogger({ level: 'error' })

/** The same rows for every engine: half of them in a hundred towns. */
function generator(seed) {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return { random, normal }
}
const { random, normal } = generator(11)
const towns = Array.from({ length: 100 }, () => ({ lon: -170 + 340 * random(), lat: -60 + 120 * random() }))
const somewhere = () => {
  if (random() < 0.5) return { lon: -180 + 360 * random(), lat: -70 + 140 * random() }
  const { lon, lat } = towns[Math.floor(random() * towns.length)]
  return { lon: lon + 0.1 * normal(), lat: lat + 0.1 * normal() }
}

async function load(database, owner, from, to) {
  const batch = 5_000
  for (let done = from; done < to; done += batch) {
    const rows = Array.from({ length: Math.min(batch, to - done) }, (_, index) =>
      newPlaceRow(
        owner,
        {
          name: `Place ${done + index}`,
          category: ['cafe', 'bar', 'shop', 'park'][index % 4],
          ...somewhere(),
          properties: '{}',
          visibility: 'public',
        },
        new Date().toISOString(),
      ),
    )
    await database.unitOfWork(({ tx }) => insertPlaces(tx, database.dialect, rows))
  }
}

const octagon = ({ lon, lat }, size) => ({
  type: 'Polygon',
  coordinates: [
    Array.from({ length: 9 }, (_, i) => [
      lon + size * Math.cos(((i % 8) * Math.PI) / 4),
      lat + size * Math.sin(((i % 8) * Math.PI) / 4),
    ]),
  ],
})

const queries = {
  'radius 5 km, 20 nearest': (search, actor, town) =>
    search.list(actor, { near: `${town.lon},${town.lat}`, radius: 5000 }),
  '20 nearest anywhere': (search, actor, town) => search.list(actor, { near: `${town.lon},${town.lat}` }),
  'radius 5 km, one category': (search, actor, town) =>
    search.list(actor, { near: `${town.lon},${town.lat}`, radius: 5000, category: 'bar' }),
  'box of 0.1 degrees': (search, actor, town) =>
    search.list(actor, { bbox: [town.lon - 0.05, town.lat - 0.05, town.lon + 0.05, town.lat + 0.05].join() }),
  'octagon of 0.1 degrees': (search, actor, town) => search.within(actor, { polygon: octagon(town, 0.05) }),
}

async function measure(search) {
  const actor = { userId: newId() }
  const medians = {}
  for (const [name, ask] of Object.entries(queries)) {
    const times = []
    for (let i = -20; i < repeats; i++) {
      const town = towns[(i + 20) % towns.length]
      const start = performance.now()
      await ask(search, actor, town)
      if (i >= 0) times.push(performance.now() - start)
    }
    times.sort((a, b) => a - b)
    medians[name] = [times[Math.floor(times.length / 2)], times[Math.floor(times.length * 0.95)]]
  }
  return medians
}

/** A database of our own: MariaDB's address names the one of its system tables. */
async function urlOf(name, server) {
  const paths = { postgres: '/postgres', postgis: '/atrium_postgis', mariadb: '/atrium_bench' }
  if (name === 'mariadb') {
    const connection = await mysql.createConnection(server)
    await connection.query('create database atrium_bench')
    await connection.end()
  }
  return Object.assign(new URL(server), { pathname: paths[name] }).href
}

async function run(name) {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'atrium-bench-'))
  const kind = name === 'postgis' ? 'postgres' : name
  const engine = name === 'sqlite' ? undefined : await startEngine(kind)
  const url = engine ? await urlOf(name, engine.url) : ''
  const database = await openDatabase(parseDatabaseUrl(url, folder), { log })
  try {
    await migrate(database)
    const search = new PlaceSearchService({ database, cursors: new Cursors(Buffer.alloc(32)) })
    const owner = newId()
    const results = []
    let there = 0
    for (const size of sizes) {
      const start = performance.now()
      await load(database, owner, there, size)
      const seconds = (performance.now() - start) / 1000
      console.log(`${name}: ${size} places, ${Math.round((size - there) / seconds)} written per second`)
      there = size
      const analyze = sql.raw(kind === 'mariadb' ? 'analyze table places' : 'analyze places')
      await database.migrationSession((session) => analyze.execute(session))
      results.push(await measure(search))
    }
    for (const query of Object.keys(queries)) {
      const cells = results.map((result) => result[query].map((ms) => ms.toFixed(2)).join(' / '))
      const growth = results.at(-1)[query][0] / results[0][query][0]
      console.log(`| ${name} | ${query} | ${cells.join(' | ')} | ${growth.toFixed(2)} |`)
    }
  } finally {
    await database.close()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log(`| engine | query | ${sizes.map((size) => `${size}: median / p95, ms`).join(' | ')} | growth |`)
for (const name of values.engines.split(',')) await run(name)
