import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../../../scripts/setup/programs.mjs'
import { createTestDatabase, type Engine } from '../databases.ts'
import { createTestApp, type TestApp } from '../test-app.ts'

/** The tool that tries what attackers try. Without it nothing is tried, and the run says so. */
const sqlmap = findProgram('sqlmap')
if (!sqlmap) console.warn('Skipped: this system has no sqlmap to attack the tables with.')

const isFull = process.env.ATRIUM_FAULTS === 'full'
const data = '/api/v1/data/things'

interface Attack {
  path: string
  method?: 'POST' | 'PATCH'
  body?: string
}

/** Everything a caller writes into a request for rows; the tool replaces each star, one after the other. */
const attacks: Attack[] = [
  { path: `${data}?filter[label][eq]=apple*&filter[id][gt]=0*&sort=label*&fields=id,label*` },
  { path: `${data}?filter[label*]=apple&search=apple*&expand=parent_row*&filter[label][regex]=apple*` },
  { path: `${data}/aggregate?group_by=label*&metrics=count,sum:id*&having[count][gte]=1*` },
  { path: `${data}?filter[marks][has_any]=red*&filter[at][near]=1*,2*,3*&filter[at][bbox]=1,2,3,4*` },
  {
    path: `${data}/query`,
    method: 'POST',
    body: '{"filter":{"marks":{"has_all":["red*"]},"at":{"within":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,"0*"]]]}}}}',
  },
  { path: `${data}/1*` },
  { path: `${data}/2`, method: 'PATCH', body: '{"label":"pear*"}' },
  { path: `${data}/query`, method: 'POST', body: '{"filter":{"or":[{"label":{"in":["apple*"]}}]},"sort":"label*"}' },
]

const said = { found: 'identified the following injection point', nothing: 'do not appear to be injectable' }
const names = { sqlite: 'SQLite', postgres: 'PostgreSQL', mariadb: 'MySQL' }

function attack(origin: string, { path, method, body }: Attack, engine: Engine, key = ''): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'atrium-sqlmap-'))
  const args = [
    ...['-u', origin + path, '--batch', '--disable-coloring', '--output-dir', folder, '--dbms', names[engine]],
    ...['--level', isFull ? '3' : '1', '--risk', isFull ? '2' : '1', '--technique', isFull ? 'BEUSQ' : 'BEU'],
    ...['--threads', '2', '--timeout', '10', '--retries', '0', '--skip-waf'],
    ...(key ? ['-H', `X-API-Key: ${key}`] : []),
    ...(body ? ['--method', method ?? '', '--data', body, '-H', 'Content-Type: application/json'] : []),
  ]
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 280_000, env: { ...process.env, HOME: folder } }
    execFile(sqlmap ?? '', args, options, (error, stdout) => {
      rmSync(folder, { recursive: true, force: true })
      if (error) reject(new Error(`sqlmap ended with ${error.code ?? error.signal}: ${stdout.slice(-2000)}`))
      else resolve(stdout)
    })
  })
}

const open: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of open.reverse()) await close()
})

async function start(engine: Engine): Promise<{ app: TestApp; origin: string; key: string }> {
  const own = engine === 'sqlite' ? undefined : await createTestDatabase(engine)
  const app = await createTestApp({ PORT: '0', ...(own ? { TABLES_URL: own.url } : {}) })
  open.push(async () => {
    await app.drop()
    await own?.drop()
  })
  const { handle } = await app.services.tables.source.open()
  for (const statement of [
    `create table things (id integer not null primary key, label varchar(100), parent integer,
      marks json, at json, foreign key (parent) references things (id))`,
    `insert into things values (1, 'apple', null, '["red"]', '{"type":"Point","coordinates":[1,2]}'),
      (2, 'pear', 1, null, null), (3, 'plum', 1, null, null)`,
  ]) {
    await handle.migrationSession((session) => sql.raw(statement).execute(session))
  }
  const root = await app.holderOf(['admin'])
  const exposed = await root.put('/admin/data/tables/things', { exposed: true, operators: ['ilike', 'regex'] })
  if (exposed.status !== 200) throw new Error(exposed.body)
  const { key } = (await root.post('/users/me/api-keys', { name: 'x', scopes: ['data:read', 'data:write'] })).json
  return { app, origin: `http://127.0.0.1:${await app.listen()}`, key }
}

describe.skipIf(!sqlmap)('M37: sqlmap, on this machine alone', () => {
  it('M37: finds the way into a route that is open on purpose, so its silence means something', async () => {
    const { app } = await start('sqlite')
    const { handle } = await app.services.tables.source.open()
    const server = createServer((request, response) => {
      const label = new URL(request.url ?? '', 'http://x').searchParams.get('label') ?? ''
      const statement = `select id, label from things where label = '${label}'`
      handle
        .migrationSession((session) => sql.raw(statement).execute(session))
        .then(
          ({ rows }) => response.end(JSON.stringify(rows)),
          (error: Error) => response.writeHead(500).end(error.message),
        )
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    open.push(() => new Promise((done) => server.close(() => done())))
    const { port } = server.address() as AddressInfo
    expect(await attack(`http://127.0.0.1:${port}`, { path: '/?label=apple*' }, 'sqlite')).toContain(said.found)
  })

  it.each(['sqlite', 'postgres', 'mariadb'] as const)(
    'M37: finds no way into rows on %s, and breaks nothing',
    async (engine) => {
      const { app, origin, key } = await start(engine)
      for (const one of attacks) {
        const text = await attack(origin, one, engine, key)
        expect([one.path, text.includes(said.found)]).toEqual([one.path, false])
        expect([one.path, text.includes(said.nothing) ? '' : text]).toEqual([one.path, ''])
        // It lists the errors it got: of ours there are none, and nothing was kept from it by a limit.
        expect([one.path, /\b(5\d\d|429|401|403) \(/.exec(text)?.[0]]).toEqual([one.path, undefined])
      }
      const { handle } = await app.services.tables.source.open()
      const rows = await handle.migrationSession(async (session) => {
        const found = await sql<{ id: number; label: string }>`select id, label from things order by id`.execute(
          session,
        )
        return found.rows
      })
      expect(rows.map(({ id, label }) => [id, id === 2 ? '' : label])).toEqual([
        [1, 'apple'],
        [2, ''],
        [3, 'plum'],
      ])
    },
    isFull ? 3_600_000 : undefined,
  )
})
