import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tableTypes } from '../../server/src/modules/tables/index.ts'
import { tablesOf } from '../src/index.ts'
import type { Tables } from './harbour-tables.ts'
import { password, startServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
  const { services } = server.app
  await services.administration.create({ username: 'root', email: 'root@example.com', password }, ['admin'])
  await services.administration.create({ username: 'ann', email: 'ann@example.com', password }, ['user'])
  const root = server.page()
  await root.session.login({ identifier: 'root', password })
  const tables = [
    { name: 'piers', columns: [{ name: 'name', type: 'text', nullable: false }] },
    {
      name: 'boats',
      columns: [
        { name: 'pier_id', type: 'integer', nullable: true, references: { table: 'piers' } },
        { name: 'name', type: 'text', nullable: false },
        { name: 'length', type: 'decimal', precision: 6, scale: 2 },
        { name: 'trips', type: 'integer', nullable: false, default: 0 },
        { name: 'secret', type: 'text' },
      ],
    },
    {
      name: 'slots',
      columns: [
        { name: 'pier', type: 'text', length: 100, nullable: false },
        { name: 'number', type: 'integer', nullable: false },
        { name: 'note', type: 'text' },
      ],
      key: ['pier', 'number'],
    },
  ] as const
  for (const body of tables) await root.api.POST('/api/v1/admin/data/tables', { body: structuredClone(body) as never })
  const expose = (table: string, rule: object) =>
    root.api.PUT('/api/v1/admin/data/tables/{table}', {
      params: { path: { table } },
      body: { exposed: true, rules: { user: rule } } as never,
    })
  await expose('piers', { actions: ['list', 'get'] })
  await expose('boats', {
    actions: ['list', 'get', 'create', 'update'],
    fields: { read: ['id', 'pier_id', 'name', 'length', 'trips'], write: ['pier_id', 'name', 'length', 'trips'] },
  })
  await expose('slots', { actions: ['list', 'get', 'create', 'delete'] })
  await root.http.POST('/api/v1/data/{table}', {
    params: { path: { table: 'piers' } },
    body: { name: 'East' } as never,
  })
})
afterAll(() => server.drop())

it('writes types of the tables as the caller may use them', async () => {
  const { services } = server.app
  const text = tableTypes(await services.tables.describing.of(await services.explaining.asUser('@ann')))
  await expect(text).toMatchFileSnapshot('./harbour-tables.ts')
})

it('calls what the types say, and the server takes it', async () => {
  const page = server.page()
  await page.session.login({ identifier: 'ann', password })
  const { boats, slots, piers } = tablesOf<Tables>(page)
  const [pier] = (await piers.list({ filter: { name: { starts: 'E' } } })).data
  const made = await boats.create({ name: 'Wren', pier_id: pier?.id ?? null, length: '12.50' })
  expect(made.row).toMatchObject({ name: 'Wren', length: 12.5, trips: 0 })
  const counted = await boats.update(made.row.id, { trips: { $inc: 2 } }, made.etag)
  expect(counted.row.trips).toBe(2)
  await expect(boats.update(made.row.id, { name: 'Late' }, made.etag)).rejects.toMatchObject({
    code: 'precondition_failed',
  })
  const found = await boats.list({ filter: { 'pier.name': 'East' }, expand: 'pier', count: 'exact' })
  expect(found.data[0]?.pier?.name).toBe('East')
  expect(found.page.total).toBe(1)
  await slots.createMany([
    { pier: 'a,b/c %', number: 1 },
    { pier: 'schema', number: 2 },
  ])
  const slot = await slots.get(['a,b/c %', 1], { fields: 'note' })
  expect(slot.row).toEqual({ note: null })
  await slots.delete(['schema', 2])
  expect((await slots.list()).data).toHaveLength(1)
})

it('does not compile for what the caller has not', () => {
  const never = () => {
    const { boats, piers, slots } = tablesOf<Tables>(server.page())
    // @ts-expect-error a hidden column
    void boats.create({ name: 'x', secret: 'y' })
    // @ts-expect-error a column that is needed
    void boats.create({ length: 1 })
    // @ts-expect-error an action without a rule
    void piers.create({ name: 'x' })
    // @ts-expect-error another one
    void boats.delete(1)
    // @ts-expect-error the other part of the key
    void slots.get('a')
    // @ts-expect-error no such table
    void tablesOf<Tables>(server.page()).vault
  }
  expect(never).toBeTypeOf('function')
})

it('is what the command prints', async () => {
  const cli = fileURLToPath(new URL('../../server/src/cli.ts', import.meta.url))
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: server.dataDir,
    SECRET_KEY: 'kdjfhg8374hgf-2389rhfwe-9283hfwei7',
    NODE_NO_WARNINGS: '1',
  }
  const { stdout } = await promisify(execFile)(process.execPath, [cli, 'client', 'generate', '--as', '@ann'], { env })
  await expect(stdout).toMatchFileSnapshot('./harbour-tables.ts')
}, 120_000)
