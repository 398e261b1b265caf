import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AtriumClient, type ClientOptions, NetworkError, type RowHandlers, tablesOf } from '../src/index.ts'
import type { Tables } from './harbour-tables.ts'
import { eventually, password, startServer, type TestServer } from './test-server.ts'

type Boat = Tables['boats']['row']

const user = { actions: ['list', 'get', 'create', 'update', 'delete'] }
const exposed = { exposed: true, realtime: true, rules: { user } }
let server: TestServer
let root: AtriumClient
const boats = () => tablesOf<Tables>(root).boats
const untyped = (client: AtriumClient = root) => client.data('boats')
const set = (body: object) =>
  root.api.PUT('/api/v1/admin/data/tables/{table}', { params: { path: { table: 'boats' } }, body: body as never })

beforeAll(async () => {
  server = await startServer()
  await server.app.services.administration.create({ username: 'root', email: 'root@example.com', password }, ['admin'])
  root = server.page()
  await root.session.login({ identifier: 'root', password })
  for (const name of ['ann', 'ben']) {
    await server.app.services.administration.create({ username: name, email: `${name}@example.com`, password }, [
      'user',
    ])
  }
  const columns = [
    { name: 'name', type: 'text', nullable: false },
    { name: 'trips', type: 'integer', nullable: false, default: 0 },
  ]
  await root.api.POST('/api/v1/admin/data/tables', { body: { name: 'boats', columns } as never })
  const slots = [
    { name: 'pier', type: 'text', length: 100, nullable: false },
    { name: 'number', type: 'integer', nullable: false },
  ]
  await root.api.POST('/api/v1/admin/data/tables', {
    body: { name: 'slots', columns: slots, key: ['pier', 'number'] } as never,
  })
  await root.api.PUT('/api/v1/admin/data/tables/{table}', {
    params: { path: { table: 'slots' } },
    body: exposed as never,
  })
}, 60_000)
afterAll(() => server.drop())

beforeEach(async () => {
  // Delays are as short as they may be: their spread is not what is tested here.
  vi.spyOn(Math, 'random').mockReturnValue(0.01)
  await set(exposed)
  for (const { id } of (await boats().list({ limit: 100 })).data) await untyped().delete(id)
})
const pages: AtriumClient[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const page of pages.splice(0)) page.close()
})

async function page(name: string, options: ClientOptions = {}) {
  const client = server.page(options)
  pages.push(client)
  await client.session.login({ identifier: name, password })
  client.live.connect()
  return client
}

/** Writes down what is told. */
function scribe() {
  const told: string[] = []
  const handlers: RowHandlers<Partial<Boat>, string | number> = {
    load: () => void told.push('load'),
    insert: ({ name }, { key }) => void told.push(`insert ${name} ${typeof key}`),
    update: ({ name }, { changed }) => void told.push(`update ${name} ${changed.join()}`),
    delete: ({ key, path }) => void told.push(`delete ${key === path}`),
    ended: (reason, error) => void told.push(`ended ${reason} ${error?.status ?? ''}`.trim()),
  }
  return { told, handlers }
}

async function following(name = 'ann', query: Parameters<ReturnType<typeof boats>['subscribe']>[0] = {}) {
  const client = await page(name)
  const { told, handlers } = scribe()
  const stop = tablesOf<Tables>(client).boats.subscribe(query, handlers)
  await eventually(() => told).toEqual(['load'])
  told.length = 0
  return { client, told, stop }
}

describe('W01: changes of a table', () => {
  it('W01: rows come, change and go; leaving the filter is going; the columns are those asked for', async () => {
    const { told } = await following('ann', { filter: { trips: { lt: 5 } }, fields: ['id', 'name'] })
    const { row } = await boats().create({ name: 'Wren' })
    await boats().create({ name: 'Far', trips: 9 })
    await boats().update(row.id, { name: 'Kite' })
    await boats().update(row.id, { trips: 1 })
    await boats().update(row.id, { trips: 7 })
    await boats().update(row.id, { trips: 2 })
    await untyped().delete(row.id)
    await eventually(() => told.filter((line) => line.startsWith('delete'))).toHaveLength(2)
    // What a row is told with is how it is when it is told: a quick end takes what came before it along.
    expect(told[0]).toMatch(/^insert (Wren|Kite) string$/)
    expect(told.at(-1)).toBe('delete true')
    expect(told.join()).not.toMatch(/Far|trips/)
  })

  it('has a key of several columns in its parts', async () => {
    const ann = await page('ann')
    const keys: (readonly [string, string])[] = []
    const { promise: isLoaded, resolve: load } = Promise.withResolvers<void>()
    tablesOf<Tables>(ann).slots.subscribe({}, { load, insert: (_, { key }) => void keys.push(key) })
    await isLoaded
    await tablesOf<Tables>(root).slots.create({ pier: 'a,b/c %', number: 7 })
    await eventually(() => keys).toEqual([['a,b/c %', '7']])
    expect((await tablesOf<Tables>(ann).slots.get(keys[0] ?? ['', ''])).row.pier).toBe('a,b/c %')
  })

  it('waits with what changes until the rows are loaded, and loads again where that failed', async () => {
    const reports: unknown[] = []
    const ann = await page('ann', { onError: (error) => reports.push(error) })
    const told: string[] = []
    const { promise: loading, resolve: loaded } = Promise.withResolvers<void>()
    let loads = 0
    untyped(ann).subscribe(
      {},
      {
        async load() {
          loads += 1
          if (loads === 1) throw new NetworkError('the network')
          if (loads === 2) throw new Error('a bug in the app')
          await loading
          told.push('loaded')
        },
        insert: async ({ name }) => {
          await new Promise((resolve) => setTimeout(resolve))
          told.push(String(name))
          throw new Error(`no room for ${name}`)
        },
      },
    )
    await eventually(() => loads).toBe(3)
    const witness = await following('ben')
    await untyped().createMany([{ name: 'one' }, { name: 'two' }])
    await eventually(() => witness.told).toHaveLength(2)
    expect(told).toEqual([])
    loaded()
    await eventually(() => told).toEqual(['loaded', 'one', 'two'])
    await eventually(() => reports.map(String)).toEqual([
      'Error: a bug in the app',
      'Error: no room for one',
      'Error: no room for two',
    ])
  })

  it('tells nothing after its end', async () => {
    const { told, stop, client } = await following()
    stop()
    const never = scribe()
    tablesOf<Tables>(client).boats.subscribe({}, never.handlers)()
    const witness = await following('ben')
    await boats().create({ name: 'Wren' })
    await eventually(() => witness.told).toEqual(['insert Wren string'])
    expect([...told, ...never.told]).toEqual([])
  })
})

describe('W01: after an interruption', () => {
  it('W01: a cut: what was missed comes, each once and in order, and nothing is loaded again', async () => {
    const { client, told } = await following()
    await boats().create({ name: 'before' })
    await eventually(() => told).toEqual(['insert before string'])
    client.live.disconnect()
    for (const name of ['one', 'two', 'three']) await boats().create({ name })
    client.live.connect()
    await eventually(() => told).toHaveLength(4)
    await boats().create({ name: 'after' })
    const expected = ['before', 'one', 'two', 'three', 'after'].map((name) => `insert ${name} string`)
    await eventually(() => told).toEqual(expected)
  })

  it('W01: a restart of the server: the same', async () => {
    const { client, told } = await following()
    const { row } = await boats().create({ name: 'before' })
    await eventually(() => told).toHaveLength(1)
    await server.stop()
    await eventually(() => client.live.state).not.toBe('live')
    await server.start()
    await boats().update(row.id, { name: 'meanwhile' })
    await eventually(() => told).toHaveLength(2)
    await boats().create({ name: 'after' })
    await eventually(() => told).toEqual(['insert before string', 'update meanwhile name', 'insert after string'])
  })

  it('AZ4: other rules, here or while away: everything is loaded anew', async () => {
    const { client, told } = await following()
    await set({ ...exposed, rules: { user: { ...user, fields: { read: ['id', 'name'] } } } })
    await eventually(() => told).toEqual(['load'])
    client.live.disconnect()
    await boats().create({ name: 'one' })
    await set(exposed)
    client.live.connect()
    await eventually(() => told).toEqual(['load', 'load'])
    await boats().create({ name: 'two' })
    await eventually(() => told).toEqual(['load', 'load', 'insert two string'])
  })

  it('a load that was cut is made up for by the next connection', async () => {
    const ann = await page('ann')
    const told: string[] = []
    untyped(ann).subscribe(
      {},
      {
        load() {
          told.push('load')
          if (told.length > 1) return
          ann.live.disconnect()
          throw new NetworkError('cut')
        },
        insert: ({ name }) => void told.push(String(name)),
      },
    )
    await eventually(() => told).toEqual(['load'])
    await boats().create({ name: 'missed' })
    ann.live.connect()
    await eventually(() => told).toEqual(['load', 'load'])
    await boats().create({ name: 'after' })
    await eventually(() => told).toEqual(['load', 'load', 'after'])
  })

  it('M36: the next person in the same page begins with nothing of the one before', async () => {
    const { client, told } = await following()
    await client.session.logout()
    await client.session.login({ identifier: 'ben', password })
    await eventually(() => told).toEqual(['load'])
    await boats().create({ name: 'Wren' })
    await eventually(() => told).toEqual(['load', 'insert Wren string'])
  })
})

describe('M33: what is not open', () => {
  it('M33: ends when the table is closed, and begins no more by itself', async () => {
    const { client, told } = await following()
    await set({ ...exposed, exposed: false })
    await eventually(() => told).toEqual(['ended revoked'])
    await set(exposed)
    client.live.disconnect()
    client.live.connect()
    await eventually(() => client.live.state).toBe('live')
    const witness = await following('ben')
    await boats().create({ name: 'Wren' })
    await eventually(() => witness.told).toHaveLength(1)
    expect(told).toEqual(['ended revoked'])
  })

  it('says why it does not begin, or reports it where nobody asks', async () => {
    const reports: unknown[] = []
    const ann = await page('ann', { onError: (error) => reports.push(error) })
    const said: string[] = []
    const ended = (reason: string) => void said.push(reason)
    ann.data('nowhere').subscribe({}, { ended })
    await eventually(() => said).toEqual(['not_found'])
    untyped(ann).subscribe({ filter: { nothing: 1 } }, { ended })
    await eventually(() => said).toEqual(['not_found', 'bad_filter'])
    await set({ ...exposed, realtime: false })
    untyped(ann).subscribe({}, {})
    await eventually(() => reports).toEqual([expect.objectContaining({ code: 'state_conflict' })])
  })

  it('does not compile for columns that are not there', () => {
    const never = () => {
      // @ts-expect-error no such column
      boats().subscribe({ fields: ['secret'] }, {})
      // @ts-expect-error nothing of other tables
      boats().subscribe({ filter: { 'pier.name': 'East' } }, {})
      // @ts-expect-error not one of the columns asked for
      boats().subscribe({ fields: ['id'] }, { insert: ({ name }) => name })
    }
    expect(never).toBeTypeOf('function')
  })
})
