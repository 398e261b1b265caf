import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, testEngine } from '../../../../test/databases.ts'
import { appWithTables, expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import { createTestApp, recordHeads, type TestApp, type Visitor } from '../../../../test/test-app.ts'
import { TablesSource } from '../../../platform/db/tables/tables-source.ts'
import { rowStream } from '../live/live.schema.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    'create table tasks (id integer not null primary key, title varchar(100) not null unique, body varchar(100))',
    'create table quiet (id integer not null primary key)',
    'create table jottings (entry varchar(100))',
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'tasks', { realtime: true, revisions: true })
  await expose(root, 'quiet')
  await expose(root, 'jottings')
})
afterAll(() => app.drop())

interface Event {
  seq: number
  refs: { action: string; key: string; before?: string }
}

async function events(): Promise<Event[]> {
  const rows = await rowsInTables<{ stream_id: string; seq: number | string; refs: string }>(
    app,
    'select stream_id, seq, refs from _atrium_events order by stream_id, seq',
  )
  expect(rows.every(({ stream_id }) => stream_id === rowStream('tasks'))).toBe(true)
  return rows.map(({ seq, refs }) => ({ seq: Number(seq), refs: typeof refs === 'string' ? JSON.parse(refs) : refs }))
}

it('W01: a row, its event and its revision are committed together, in one stream without holes', async () => {
  const heads = recordHeads(app.bus)
  await root.post('/data/tasks', [
    { id: 1, title: 'a' },
    { id: 2, title: 'b' },
  ])
  await root.patch('/data/tasks/1', { body: 'x' })
  await root.patch('/data/tasks/1', { body: 'x' })
  await root.delete('/data/tasks/2')
  const told = await events()
  expect(told.map(({ seq, refs }) => [seq, refs.action, JSON.parse(refs.key)])).toEqual([
    [1, 'insert', ['1']],
    [2, 'insert', ['2']],
    [3, 'update', ['1']],
    [4, 'delete', ['2']],
  ])
  expect(JSON.parse(told[2]?.refs.before ?? '')).toEqual({ id: '1', title: 'a', body: null })
  expect(heads).toEqual([2, 3, 4].map((seq) => ({ stream: rowStream('tasks'), seq })))
  const revisions = await rowsInTables<{ rev: number | string; action: string; changed_by: string }>(
    app,
    'select rev, action, changed_by from _atrium_revisions order by row_hash, rev',
  )
  expect(revisions.map(({ rev, action }) => `${rev} ${action}`).sort()).toEqual([
    '1 insert',
    '1 insert',
    '2 delete',
    '2 update',
  ])
  expect(new Set(revisions.map(({ changed_by }) => changed_by))).toEqual(new Set([root.userId]))
})

it('W01: what was refused, only tried, or is not live leaves nothing behind', async () => {
  const before = await events()
  expect(
    (
      await root.post('/data/tasks', [
        { id: 8, title: 'c' },
        { id: 9, title: 'a' },
      ])
    ).status,
  ).toBe(409)
  expect((await root.post('/data/tasks?dry_run=true', { id: 8, title: 'c' })).status).toBe(200)
  expect((await root.patch('/data/tasks/1', { title: 'z' }, { 'if-match': '"other"' })).status).toBe(412)
  expect((await root.post('/data/quiet', { id: 1 })).status).toBe(201)
  expect((await root.post('/data/jottings', { entry: 'x' })).status).toBe(201)
  expect(await events()).toEqual(before)
})

it("M32: what the server keeps beside the rows is nobody's table", async () => {
  await runInTables(app, [])
  const all = (await root.get('/admin/data/tables')).json.data.map(({ name }: { name: string }) => name)
  expect(all.filter((name: string) => name.startsWith('_atrium'))).toEqual([])
  for (const name of [
    '_atrium_events',
    '_atrium_streams',
    '_atrium_revisions',
    '_ATRIUM_EVENTS',
    '_atrium_migrations',
  ]) {
    expect((await root.get(`/data/${name}`)).status).toBe(404)
    expect((await root.post(`/data/${name}`, {})).status).toBe(404)
    expect((await root.put(`/admin/data/tables/${name}`, { exposed: true })).status).toBe(404)
  }
})

it('two that start at once both find it made', async () => {
  const database = await createTestDatabase()
  const own =
    testEngine === 'sqlite' ? { TABLES_URL: `sqlite:///${database.dataDir}/t.db` } : { TABLES_URL: database.url }
  const apps = await Promise.all([createTestApp(own), createTestApp(own)])
  const opened = await Promise.all(apps.map(({ services }) => services.tables.source.open()))
  const [a, b] = opened.map(({ books }) => books)
  expect(a?.epoch).toMatch(/^[0-9a-f-]{36}$/)
  expect(b?.epoch).toBe(a?.epoch)
  await Promise.all([a?.ensureStreams([rowStream('x')]), b?.ensureStreams([rowStream('x')])])
  const again = new TablesSource({
    config: apps[0]?.config.tables as never,
    main: apps[0]?.database as never,
    mainConfig: apps[0]?.config.database as never,
    log: apps[0]?.http.log as never,
  })
  expect((await again.open()).books?.epoch).toBe(a?.epoch)
  await again.close()
  for (const each of apps) await each.drop()
  await database.drop()
})

it.runIf(testEngine === 'postgres')(
  'T04: where nothing may be written, nothing is made and rows are read',
  async () => {
    const database = await createTestDatabase()
    const first = await createTestApp({ TABLES_URL: database.url })
    const name = new URL(database.url).pathname.slice(1)
    await runInTables(first, [
      'drop table _atrium_migrations',
      'create table things (id integer not null primary key)',
      `alter database "${name}" set default_transaction_read_only = on`,
    ])
    await first.drop()
    const second = await createTestApp({ TABLES_URL: database.url })
    expect((await second.services.tables.source.open()).books).toBeUndefined()
    const admin = await second.holderOf(['admin'])
    await expose(admin, 'things')
    expect((await admin.get('/data/things')).json.data).toEqual([])
    expect((await admin.post('/data/things', { id: 1 })).json.code).toBe('read_only_source')
    await second.drop()
    await database.drop()
  },
)
