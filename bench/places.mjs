// `node bench/places.mjs [--engines sqlite,postgres,postgis,mariadb] [--sizes 10000,1000000]
// [--queries elsewhere]`: what a page of places costs
// as their number grows, asked of the services as the routes ask them: in processor time of this process and the engine's
// together, in statements, and in rows that were read. Writes a million rows per engine.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
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
    queries: { type: 'string', default: '' },
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

const place = (owner, name, category, { lon, lat }, visibility = 'public') =>
  newPlaceRow(owner, { name, category, lon, lat, properties: '{}', visibility }, new Date().toISOString())

async function load(database, owner, from, to) {
  const batch = 5_000
  for (let done = from; done < to; done += batch) {
    const rows = Array.from({ length: Math.min(batch, to - done) }, (_, index) => {
      const at = somewhere()
      // Many, and all of them far from the first town.
      const category = index % 20 === 19 ? 'ferry' : ['cafe', 'bar', 'shop', 'park'][index % 4]
      if (category === 'ferry')
        Object.assign(at, { lon: wrapped(towns[0].lon + 60 + 20 * random()), lat: towns[0].lat / 2 + 10 * random() })
      return place(owner, `Place ${done + index}`, category, at)
    })
    await database.unitOfWork(({ tx }) => insertPlaces(tx, database.dialect, rows))
  }
}

const wrapped = (lon) => ((((lon + 180) % 360) + 360) % 360) - 180

/** What stays few among however many. */
async function loadFew(database, owner, person) {
  const lighthouses = Array.from({ length: 10 }, (_, i) => place(owner, `Light ${i}`, 'lighthouse', somewhere()))
  const own = Array.from({ length: 50 }, (_, i) => place(person, `Mine ${i}`, 'home', somewhere(), 'private'))
  await database.unitOfWork(({ tx }) => insertPlaces(tx, database.dialect, [...lighthouses, ...own]))
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

const near = ({ lon, lat }) => `${lon},${lat}`

/** The first two answer as many places however many there are; the third what there is, up to a page. */
const allQueries = {
  'radius 50 km, the 20 nearest': (search, actor, town) => search.list(actor, { near: near(town), radius: 50_000 }),
  '20 nearest anywhere': (search, actor, town) => search.list(actor, { near: near(town) }),
  'radius 5 km, up to 20': (search, actor, town) => search.list(actor, { near: near(town), radius: 5000 }),
  'radius 50 km, one category of four': (search, actor, town) =>
    search.list(actor, { near: near(town), radius: 50_000, category: 'bar' }),
  'nearest of a category that has ten': (search, actor, town) =>
    search.list(actor, { near: near(town), category: 'lighthouse' }),
  'nearest of a category that is elsewhere': (search, actor) =>
    search.list(actor, { near: near(towns[0]), category: 'ferry' }),
  'nearest of a person’s own': (search, actor, town) =>
    search.list(actor, { near: near(town), 'filter[owner_id]': '$me' }),
  'the newest of a box of 0.1 degrees': (search, actor, town) =>
    search.list(actor, { bbox: [town.lon - 0.05, town.lat - 0.05, town.lon + 0.05, town.lat + 0.05].join() }),
  'the newest of an octagon of 0.1 degrees': (search, actor, town) =>
    search.within(actor, { polygon: octagon(town, 0.05) }),
}

const queries = Object.fromEntries(Object.entries(allQueries).filter(([name]) => name.includes(values.queries)))

/** Counts what is asked of the database, and what comes. */
function counted(database) {
  const count = { statements: 0, rows: 0 }
  const plugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      count.statements++
      count.rows += result.rows.length
      return result
    },
  }
  return { count, database: Object.create(database, { db: { value: database.db.withPlugin(plugin) } }) }
}

/** Of this process and all it has started, in milliseconds: what others do on the machine does not count. */
function processorTime() {
  const { user, system } = process.cpuUsage()
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }]
      } catch {
        return [] // It has ended.
      }
    })
  const of = (parent) =>
    processes.filter((one) => one.parent === parent).reduce((sum, one) => sum + one.ticks * 10 + of(one.pid), 0)
  return (user + system) / 1000 + of(process.pid)
}

async function measure(name, size, database, actor) {
  const answers = {}
  const { count, database: watched } = counted(database)
  const search = new PlaceSearchService({ database: watched, cursors: new Cursors(Buffer.alloc(32)) })
  for (const [query, ask] of Object.entries(queries)) {
    const round = async (times) => {
      let found = 0
      for (let i = 0; i < times; i++) found += (await ask(search, actor, towns[i % towns.length])).data.length
      return found
    }
    // Where places were looked for before, the first look is as wide as it has to be.
    await round(Math.min(repeats, towns.length))
    Object.assign(count, { statements: 0, rows: 0 })
    const before = processorTime()
    const found = await round(repeats)
    const [cpu, statements, rows] = [processorTime() - before, count.statements, count.rows]
    const text = [found, statements, rows].map((n) => (n / repeats).toFixed(1)).join(' / ')
    answers[query] = { cpu: cpu / repeats, text }
    console.log(`${name}: ${size}: ${query}: ${(cpu / repeats).toFixed(2)} ms, ${text}`)
  }
  return answers
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
    const [owner, person] = [newId(), newId()]
    await loadFew(database, owner, person)
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
      results.push(await measure(name, size, database, { userId: person }))
    }
    for (const query of Object.keys(queries)) {
      const cells = results.map((result) => `${result[query].cpu.toFixed(2)} | ${result[query].text}`)
      const growth = results.at(-1)[query].cpu / results[0][query].cpu
      console.log(`| ${name} | ${query} | ${cells.join(' | ')} | ${growth.toFixed(2)} |`)
    }
  } finally {
    await database.close()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const heads = sizes.map((size) => `${size}: ms of processor time | places / statements / rows read`)
console.log(`| engine | query | ${heads.join(' | ')} | growth |`)
for (const name of values.engines.split(',')) await run(name)
