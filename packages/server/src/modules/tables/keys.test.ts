import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithTables, byEngine, expose } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'
import { keyPath } from './rows/row-key.ts'

const uuid = byEngine({ sqlite: 'uuid_text', postgres: 'uuid', mariadb: 'uuid' })
const text = byEngine({ sqlite: 'varchar(100)', postgres: 'varchar(100)', mariadb: 'varchar(100)' })
let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    `create table words (word ${text} not null primary key, n integer)`,
    `create table pairs (a ${text} not null, b integer not null, n integer, primary key (a, b))`,
    `create table tokens (id ${uuid} not null primary key, n integer)`,
    `create table days (day date not null primary key, n integer)`,
    `create table sizes (size bigint not null primary key, n integer)`,
  ])
  root = await app.holderOf(['admin'])
  for (const name of ['words', 'pairs', 'tokens', 'days', 'sizes']) await expose(root, name)
})
afterAll(() => app.drop())

/** All that is done to one row by its address. */
async function liveThrough(table: string, row: Record<string, unknown>, key: readonly string[]) {
  const made = await root.post(`/data/${table}`, { ...row, n: 1 })
  const address = `/api/v1/data/${table}/${keyPath(key)}`
  expect([made.status, made.headers.location]).toEqual([201, address])
  const steps = [
    await root.get(address),
    await root.patch(address, { n: 2 }),
    await root.put(address, { n: 3 }),
    await root.get(address),
  ]
  expect(steps.map(({ status, json }) => [status, json.n])).toEqual([
    [200, 1],
    [200, 2],
    [200, 3],
    [200, 3],
  ])
  expect((await root.delete(address)).status).toBe(204)
  expect((await root.get(address)).status).toBe(404)
}

describe('T01: a row is reached by its key, whatever the key is', () => {
  const odd = [
    'a/b',
    '100%',
    '%2F',
    'a,b',
    '?x=1',
    '#',
    ' ',
    '..',
    '.',
    '~',
    "o'hare",
    '"',
    '\\',
    'ünïcode',
    '😀',
    'A',
    '+',
    '&',
  ]
  it.each([...odd, ''])('T01: the text %j', async (word) => {
    await liveThrough('words', { word }, [word])
  })

  it.each(['schema', 'aggregate', 'export', 'import', 'query', 'batch'])(
    'T01: a text that is the name of a route: %s',
    async (word) => {
      await liveThrough('words', { word }, [word])
    },
  )

  it('T01: every route beside the rows has a name that keys can have too', () => {
    const beside = app.http.guardedRoutes
      .filter(({ method }) => [method].flat().includes('GET'))
      .flatMap(({ url }) => /^\/api\/v1\/data\/:table\/([^/:]+)$/.exec(url)?.[1] ?? [])
    expect(beside.length).toBeGreaterThan(1)
    expect(beside.filter((name) => keyPath([name]) === name)).toEqual([])
  })

  it('T01: keys of several parts, UUIDs, days and 64-bit numbers', async () => {
    await liveThrough('pairs', { a: 'a,b', b: 1 }, ['a,b', '1'])
    await liveThrough('pairs', { a: '', b: 0 }, ['', '0'])
    await liveThrough('pairs', { a: 'schema', b: -1 }, ['schema', '-1'])
    const id = '01890000-0000-7000-8000-00000000abcd'
    await liveThrough('tokens', { id }, [id])
    await root.post('/data/tokens', { id, n: 1 })
    expect((await root.get(`/data/tokens/${id.toUpperCase()}`)).json.n).toBe(1)
    await liveThrough('days', { day: '2026-02-28' }, ['2026-02-28'])
    await liveThrough('sizes', { size: '-9223372036854775808' }, ['-9223372036854775808'])
    await liveThrough('sizes', { size: '9007199254740993' }, ['9007199254740993'])
  })

  it('T01: a thousand rows with keys of several parts come at once, and are answered', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ a: `many ${index % 10}`, b: index, n: index }))
    const made = await root.post('/data/pairs', rows)
    expect([made.status, made.json.data.length, made.json.data[999]]).toEqual([201, 1000, rows[999]])
  })

  it('T01: what cannot be a key is the key of no row', async () => {
    for (const path of [
      'pairs/a',
      'pairs/a,1,2',
      'pairs/a,1,,',
      'pairs/a,x',
      'words/a,b',
      'tokens/x',
      'days/2026-02-30',
      'sizes/1.5',
      'sizes/9223372036854775808',
    ]) {
      const { status, json } = await root.get(`/data/${path}`)
      expect([path, status, json.code]).toEqual([path, 404, 'not_found'])
    }
  })
})
