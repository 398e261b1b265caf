import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administer, createTestDatabase, type TestDatabase, testEngine } from '../../../../test/databases.ts'
import { connect } from '../../../../test/live-client.ts'
import { expose, filmShop, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../../test/test-app.ts'

const reader = 'atrium_test_reader'

/** A database that somebody else fills; what is answered opens it for reading only. */
async function filledDatabase(isKnownToUs: boolean): Promise<{ database: TestDatabase; url: string }> {
  const database = await createTestDatabase()
  const file = join(database.dataDir, 'shop.db')
  const full = testEngine === 'sqlite' ? `sqlite:///${file}` : database.url
  const owner = await createTestApp({ TABLES_URL: full })
  await runInTables(owner, [
    ...filmShop,
    `insert into languages (code, name) values ('de', 'German'), ('ja', 'Japanese')`,
    ...(isKnownToUs
      ? []
      : ['revisions', 'events', 'streams', 'installation', 'idempotency', 'migrations'].map(
          (name) => `drop table if exists _atrium_${name}`,
        )),
  ])
  await owner.drop()
  if (testEngine === 'sqlite') return { database, url: `${full}?mode=ro` }
  const name = new URL(database.url).pathname.slice(1)
  const url = new URL(database.url)
  url.username = `${reader}_${name.slice(-8)}`
  url.password = 'reads'
  const statements =
    testEngine === 'postgres'
      ? [
          `create role ${url.username} login password 'reads'`,
          `grant usage on schema public to ${url.username}`,
          `grant select on all tables in schema public to ${url.username}`,
        ]
      : [`create user ${url.username} identified by 'reads'`, `grant select on ${name}.* to ${url.username}`]
  for (const statement of statements) await administer(testEngine, database.url, statement)
  return { database, url: url.href }
}

const fingerprint = async (database: TestDatabase, app: TestApp): Promise<unknown> =>
  testEngine === 'sqlite'
    ? createHash('sha256')
        .update(readFileSync(join(database.dataDir, 'shop.db')))
        .digest('hex')
    : [
        await rowsInTables(app, 'select * from languages order by code'),
        await rowsInTables(
          app,
          `select table_name from information_schema.tables where table_name like '%atrium%' order by 1`,
        ),
      ]

describe.each([
  ['that never knew this server', false],
  ['where it once kept its books', true],
])('T04: a database %s, and that may only be read', (_, isKnownToUs) => {
  let app: TestApp
  let root: Visitor
  let database: TestDatabase
  let before: unknown
  beforeAll(async () => {
    const filled = await filledDatabase(isKnownToUs)
    database = filled.database
    app = await createTestApp({ TABLES_URL: filled.url, PORT: '0' })
    root = await app.holderOf(['admin'])
    before = await fingerprint(database, app)
    await expose(root, 'languages', { realtime: true, revisions: true })
    await expose(root, 'films')
  })
  afterAll(async () => {
    await app.drop()
    await database.drop()
  })

  it('T04: everything is read as elsewhere', async () => {
    expect((await root.get('/data/languages?sort=-code&count=exact')).json).toMatchObject({
      data: [{ code: 'ja' }, { code: 'de', name: 'German' }],
      page: { total: 2 },
    })
    const one = await root.get('/data/languages/de')
    expect([
      one.status,
      (await root.get('/data/languages/de', { 'if-none-match': String(one.headers.etag) })).status,
    ]).toEqual([200, 304])
    expect((await root.get('/data/languages/aggregate?metrics=count')).json.data).toEqual([{ count: 2 }])
    expect((await root.get('/data/languages/export?format=csv')).body).toContain('German')
    expect((await root.get('/data/languages?filter[name][regex]=^G')).status).toBe(400)
    expect((await root.get('/data/films?filter[language_code_row.name]=x')).json.data).toEqual([])
  })

  it('T04: it says of itself that it can only be read', async () => {
    const { json } = await root.get('/data/languages/schema')
    expect([json.actions, json.realtime]).toEqual([['list', 'get'], false])
    expect((await root.get('/data')).json.data.map(({ actions }: { actions: string[] }) => actions)).toEqual([
      ['list', 'get'],
      ['list', 'get'],
    ])
    const { json: table } = await root.get('/admin/data/tables/languages')
    expect(table.writable).toEqual({ insert: false, update: false, delete: false })
  })

  it('T04: every way of writing is refused alike, and nothing is written', async () => {
    const row = { code: 'fr', name: 'French' }
    const affected = { prefer: 'max-affected=10' }
    const tries: [string, { status: number; json: { code?: string } }][] = [
      ['create', await root.post('/data/languages', row)],
      ['create many', await root.post('/data/languages', [row, { code: 'it', name: 'Italian' }])],
      ['try', await root.post('/data/languages?dry_run=true', row)],
      ['upsert', await root.post('/data/languages?on_conflict=code&resolution=merge', { ...row, code: 'de' })],
      ['replace', await root.put('/data/languages/de', { name: 'x' })],
      ['change', await root.patch('/data/languages/de', { name: 'x' })],
      ['change nothing', await root.patch('/data/languages/xx', { name: 'x' })],
      ['delete', await root.delete('/data/languages/ja')],
      ['change many', await root.patch('/data/languages?filter[code]=de', { name: 'x' }, affected)],
      ['delete many', await root.delete('/data/languages?filter[code]=de', affected)],
      ['import', await root.post('/data/languages/import?format=json', [row])],
      ['make a table', await root.post('/admin/data/tables', { name: 'more', columns: [{ name: 'a', type: 'text' }] })],
      ['add a column', await root.post('/admin/data/tables/languages/columns', { name: 'more', type: 'text' })],
      ['take a column', await root.delete('/admin/data/tables/languages/columns/name')],
    ]
    expect(tries.map(([name, { status, json }]) => [name, status, json.code])).toEqual(
      tries.map(([name]) => [name, 403, 'read_only_source']),
    )
    expect(await fingerprint(database, app)).toEqual(before)
  })

  it('T04: what would have to be kept there is declined in words', async () => {
    const repeated = await root.post('/data/languages', { code: 'fr', name: 'x' }, { 'idempotency-key': '"once"' })
    expect([repeated.status, repeated.json.code]).toEqual([400, 'bad_request'])
    expect(repeated.json.detail).toMatch(/keeps nothing beside its tables/)
    await app.listen()
    const client = await connect(app, root)
    const answer = await client.ask('data.subscribe', { table: 'languages' })
    expect(answer).toMatchObject({ error: { code: 'state_conflict' } })
    client.close()
    expect((await root.get('/data/languages/de/revisions')).json.code).toBe('not_found')
    expect(await fingerprint(database, app)).toEqual(before)
  })
})

it.runIf(testEngine === 'sqlite')(
  'T04: a file that is not there is never made, and said to be unavailable',
  async () => {
    const database = await createTestDatabase()
    const app = await createTestApp({ TABLES_URL: `sqlite:///${database.dataDir}/none.db?mode=ro` })
    const root = await app.holderOf(['admin'])
    expect((await root.get('/data')).status).toBeGreaterThanOrEqual(500)
    expect(readdirSync(database.dataDir)).toEqual([])
    await app.drop()
    await database.drop()
  },
)
