// P8: what a page, a row and a new row cost in a small table, and in one that is a thousand times as large.
import { join } from 'node:path'
import { exposeArticles, fillPostgres, fillSqlite } from '../subjects/articles.mjs'
import { register, startAtrium } from '../subjects/atrium.mjs'
import { isInstalled, startEngine } from '../subjects/engines.mjs'
import { boundedSizes, compareGrowth } from './growth.mjs'

const sizes = [1_000, 100_000, 1_000_000]
const table = '/data/articles'
const created = { status: 'open', author_id: 7, price: 12.5, done: false, created_at: '2026-11-21T14:30:00.000Z' }
const asksOf = (size) => ({
  'a page of 20 by filter, from the middle on': () => [
    'GET',
    `${table}?filter[id][gt]=${Math.floor(size / 2)}&filter[status]=open&limit=20`,
  ],
  'one row': () => ['GET', `${table}/${Math.floor(size / 2)}`],
  'a new row': (index) => ['POST', table, { title: `New ${index}`, ...created }],
})

export async function growthRows(context) {
  const { folder, tell } = context
  const onSqlite = async (size) => {
    const file = join(folder, `rows-${size}.db`)
    fillSqlite(file, size)
    return `sqlite:///${file}`
  }
  const conclusions = [await growthOf(context, 'SQLite', onSqlite)]
  if (!isInstalled('postgres', tell)) return conclusions
  const postgres = await startEngine('postgres', folder, 'postgres-rows')
  const onPostgres = async (size) => {
    const url = await postgres.database(`rows_${size}`)
    await fillPostgres(url, size)
    return url
  }
  conclusions.push(await growthOf(context, 'PostgreSQL', onPostgres))
  await postgres.stop()
  return conclusions
}

async function growthOf({ builds: [build], folder, options, profile, sizes: asked, tell }, engine, database) {
  const title = `growth with rows of the table, ${engine}`
  const bounded = boundedSizes(sizes, asked)
  const subjects = []
  for (const size of bounded) {
    const name = `${title}, ${size.toLocaleString('en')}`
    const server = await startAtrium({ ...build, name, folder, profile, tables: await database(size) })
    exposeArticles(join(server.dataDir, 'atrium.db'))
    const [person] = await register(server.port, 1)
    subjects.push({ size, server, person, asks: asksOf(size) })
  }
  const rows = []
  for (const what of Object.keys(asksOf(0))) rows.push(await compareGrowth(what, subjects, options.rounds, tell))
  for (const { server } of subjects) await server.stop()
  return { id: 'P8', title, sizes: bounded, rows, atMost: 1.5 }
}
