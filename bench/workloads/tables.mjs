// P5: a page of 20 by filter and keyset, one row, and a new row of a table of a million, against a bare framework and
// driver; and how much memory an export of the whole table takes.
import { join } from 'node:path'
import { freePort } from '../../scripts/engines/process.mjs'
import { proportionalKib } from '../harness/machine.mjs'
import { PinnedProcess } from '../harness/processes.mjs'
import { inTurn } from '../harness/rounds.mjs'
import { exposeArticles, fillPostgres, fillSqlite } from '../subjects/articles.mjs'
import { register, startAtrium } from '../subjects/atrium.mjs'
import { isInstalled, startEngine } from '../subjects/engines.mjs'
import { measure } from './measure.mjs'

const connections = 32
const jobs = [
  { script: 'listRows', what: 'page of 20 by filter and keyset', atLeast: 0.9 },
  { script: 'getRow', what: 'one row', atLeast: 0.6 },
  { script: 'insertRow', what: 'a new row', atLeast: 0.7 },
]
const reference = 'bare Fastify and driver'

export async function tablesSqlite(context) {
  const { folder, rows } = context
  let count = 0
  const database = async () => {
    const file = join(folder, `articles-${++count}.db`)
    fillSqlite(file, rows)
    return { url: `sqlite:///${file}`, peer: file }
  }
  return compare(context, { engine: 'SQLite FULL', database, databasePids: [] })
}

/** Undefined where there is no PostgreSQL. */
export async function tablesPostgres(context) {
  const { folder, rows, tell } = context
  if (!isInstalled('postgres', tell)) return []
  const postgres = await startEngine('postgres', folder, 'postgres-tables')
  let count = 0
  const database = async () => {
    const url = await postgres.database(`articles_${++count}`)
    await fillPostgres(url, rows)
    return { url, peer: url }
  }
  const results = await compare(context, { engine: 'PostgreSQL', database, databasePids: [postgres.pid] })
  await postgres.stop()
  return results
}

async function compare({ builds, folder, load, options, rows, profile, tell }, { engine, database, databasePids }) {
  const subjects = []
  for (const { name, main } of builds) {
    tell(`  writing ${rows} rows for ${name}`)
    const server = await startAtrium({ name, main, folder, profile, tables: (await database()).url })
    exposeArticles(join(server.dataDir, 'atrium.db'))
    const people = await register(server.port, 8)
    subjects.push({ ...server, people: people.map(({ cookie, csrf }) => ({ cookie, csrf, rows })) })
  }
  subjects.push(await startPeer((await database()).peer, folder, rows, engine))
  const conclusions = []
  for (const { script, what, atLeast } of jobs) {
    const job = { script, connections, ...options.times }
    const measured = subjects.map(({ name, pid, port, people }) => ({
      name,
      measure: () => measure(name, [pid, ...databasePids], load, { ...job, port, people }),
    }))
    const results = await inTurn(measured, { ...options, tell })
    const title = `${what}, ${engine}, ${rows} rows, ${connections} connections`
    conclusions.push({ id: 'P5', title, results, target: { reference, of: 'rate', atLeast }, references: [reference] })
  }
  for (const subject of subjects.filter(({ name }) => name !== reference)) await exportAll(subject, rows, tell)
  for (const subject of subjects) await subject.stop()
  return conclusions
}

async function startPeer(database, folder, rows, engine) {
  const port = await freePort()
  const server = new PinnedProcess(reference, {
    core: 'server',
    args: [join(import.meta.dirname, '../peers/bare-tables.mjs')],
    log: join(folder, `bare-tables-${engine.slice(0, 3)}.log`),
    talks: true,
    env: { PORT: String(port), DATABASE: database, NODE_ENV: 'production' },
  })
  const url = `http://127.0.0.1:${port}/api/v1/data/articles/1`
  const isReady = async () => {
    while (!(await fetch(url).catch(() => undefined))?.ok) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await server.orFailure(isReady(), 20_000)
  return {
    name: reference,
    port,
    people: [{ cookie: 'none=', csrf: 'none', rows }],
    pid: server.pid,
    stop: () => server.stop(),
  }
}

/** Every format once; the largest memory seen while it runs, and what the slowest request beside it waited. */
async function exportAll({ name, port, pid, people: [{ cookie }] }, rows, tell) {
  for (const format of ['csv', 'json', 'ndjson']) {
    const before = proportionalKib(pid)
    let most = before
    let slowest = 0
    let isOver = false
    const beside = (async () => {
      while (!isOver) {
        const asked = performance.now()
        await (await fetch(`http://127.0.0.1:${port}/live`)).text()
        slowest = Math.max(slowest, performance.now() - asked)
        most = Math.max(most, proportionalKib(pid))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })()
    const started = performance.now()
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/data/articles/export?format=${format}`, {
      headers: { cookie },
    })
    let [bytes, lines] = [0, 0]
    for await (const chunk of answer.body) {
      bytes += chunk.length
      for (const byte of chunk) if (byte === 10) lines++
    }
    isOver = true
    await beside
    if (lines < rows) throw new Error(`${name}: an export of ${lines} lines`)
    const [mib, seconds] = [(kib) => (kib / 1024).toFixed(0), (performance.now() - started) / 1000]
    tell(
      `  ${name}: export ${format}: ${lines} lines, ${mib(bytes / 1024)} MiB in ${seconds.toFixed(1)} s; memory ${mib(before)} MiB, most ${mib(most)} MiB; slowest request beside it ${slowest.toFixed(0)} ms`,
    )
  }
}
