import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { appWithTables, byEngine, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
const serial = byEngine({
  sqlite: 'text',
  postgres: `varchar(20) collate "C"`,
  mariadb: 'varchar(20) collate utf8mb4_nopad_bin',
})
const kind = byEngine({ sqlite: 'varchar(10)', postgres: 'kind', mariadb: `enum('a', 'b')` })
beforeAll(async () => {
  app = await appWithTables([
    ...byEngine<string[]>({ sqlite: [], postgres: [`create type kind as enum ('a', 'b')`], mariadb: [] }),
    `create table kinds (id integer not null primary key, kind ${kind}, small smallint, fixed char(4))`,
    `create table pairs (a ${serial} not null, b integer not null, n integer check (n < 100), u integer unique, primary key (a, b))`,
  ])
  root = await app.holderOf(['admin'])
  const types = [
    'integer',
    'decimal',
    'number',
    'boolean',
    'text',
    'uuid',
    'date',
    'time',
    'datetime',
    'json',
    'binary',
  ]
  const columns = types.map((type) => ({
    name: `a_${type}`,
    type,
    ...(type === 'decimal' ? { precision: 15, scale: 6 } : {}),
  }))
  await root.post('/admin/data/tables', { name: 'things', columns })
  for (const table of ['things', 'kinds', 'pairs']) await expose(root, table, { revisions: true })
})
afterAll(() => app.drop())
beforeEach(() =>
  runInTables(
    app,
    ['things', 'kinds', 'pairs'].map((table) => `delete from ${table}`),
  ),
)

const merge = (table: string, on: string, rows: object) => root.post(`/data/${table}?on_conflict=${on}`, rows)
const all = async (table: string, sort: string) => (await root.get(`/data/${table}?sort=${sort}&limit=100`)).json.data

it('T07: many rows become what they would become one after the other, in every type', async () => {
  const empty = {
    ...{ a_integer: null, a_decimal: null, a_number: null, a_boolean: null, a_text: null, a_uuid: null },
    ...{ a_date: null, a_time: null, a_datetime: null, a_json: null, a_binary: null },
  }
  const full = {
    ...{ a_integer: 9007199254740991, a_decimal: 123456789.123456, a_number: 0.1, a_boolean: true },
    ...{ a_text: `it's "ünï" 🎈\\n`, a_uuid: '3f2504e0-4f89-11d3-9a0c-0305e82c3301', a_date: '2026-11-21' },
    ...{
      a_time: '14:30:00.25',
      a_datetime: '2026-11-21T14:30:00.125Z',
      a_json: { a: [1, null, 'x'] },
      a_binary: 'AAH/',
    },
  }
  const other = {
    ...full,
    a_decimal: 0.5,
    a_number: -12.5e-7,
    a_boolean: false,
    a_text: '',
    a_json: 'text',
    a_binary: '',
  }
  const rows = [empty, full, other, { ...empty, a_text: 'only' }]
  const before = await root.post(
    '/data/things',
    rows.map(() => full),
  )
  const ids = before.json.data.map(({ id }: { id: number }) => id)
  const wanted = rows.map((row, index) => ({ id: ids[index], ...row }))
  const merged = await merge('things', 'id', wanted)
  expect([merged.status, merged.json.errors]).toEqual([200, undefined])
  expect(merged.json.data).toEqual(wanted)
  expect(await all('things', 'id')).toEqual(wanted)
  const revisions = (await root.get(`/data/things/${ids[0]}/revisions`)).json.data
  expect(revisions.map(({ action }: { action: string }) => action)).toEqual(['update', 'insert'])
  // Some send this, some that, and some are new.
  const mixed = [
    { id: ids[0], a_text: 'x' },
    { id: ids[1], a_integer: 5 },
    { id: ids[2], a_text: 'y' },
    { id: 900, a_text: 'new' },
  ]
  expect((await merge('things', 'id', mixed)).status).toBe(201)
  expect(await all('things', 'id')).toEqual([
    { ...wanted[0], a_text: 'x' },
    { ...wanted[1], a_integer: 5 },
    { ...wanted[2], a_text: 'y' },
    wanted[3],
    { id: 900, ...empty, a_text: 'new' },
  ])
})

it('T07: labels, small numbers and fixed texts', async () => {
  await root.post(
    '/data/kinds',
    [1, 2, 3].map((id) => ({ id, kind: 'a', small: 1, fixed: 'abcd' })),
  )
  const wanted = [
    { id: 1, kind: null, small: null, fixed: null },
    { id: 2, kind: 'b', small: 32767, fixed: 'wxyz' },
    { id: 3, kind: 'a', small: -5, fixed: 'abcd' },
  ]
  expect((await merge('kinds', 'id', wanted)).status).toBe(200)
  expect(await all('kinds', 'id')).toEqual(wanted)
})

it('T07: by keys of two parts, with what the database refuses, and values that go from row to row', async () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({ a: index % 2 ? 'x' : 'X', b: index, n: index, u: index }))
  await root.post('/data/pairs', rows)
  const moved = rows.map(({ a, b }) => ({ a, b, n: 99 - b }))
  expect((await merge('pairs', 'a,b', moved)).status).toBe(200)
  expect(await all('pairs', 'b')).toEqual(rows.map((row) => ({ ...row, n: 99 - row.b })))
  const wrong = moved.map((row) => (row.b === 7 ? { ...row, n: 100 } : { ...row, n: 1 }))
  const refused = await merge('pairs', 'a,b', wrong)
  expect([refused.status, refused.json.errors[0].code]).toEqual([422, 'check_failed'])
  expect((await all('pairs', 'b'))[0].n).toBe(99)
  const file = ['a,b,n', ...wrong.map(({ a, b, n }) => `${a},${b},${n}`)].join('\n')
  const header = { 'content-type': 'text/csv' }
  const whole = await root.send('POST', '/data/pairs/import?on_conflict=a,b', file, header)
  expect([whole.status, whole.json.errors.map(({ row, code }: { row: number; code: string }) => [row, code])]).toEqual([
    422,
    [[9, 'check_failed']],
  ])
  const parts = await root.send('POST', '/data/pairs/import?on_conflict=a,b&mode=batches', file, header)
  expect([parts.status, parts.json.updated, parts.json.failed, parts.json.errors[0]]).toMatchObject([
    ...[200, 59, 1],
    { row: 9, code: 'check_failed' },
  ])
  // From the last to the first there is always room; all at once there may be none.
  const up = rows.map(({ a, b, u }) => ({ a, b, u: u + 1 })).reverse()
  expect((await merge('pairs', 'a,b', up)).status).toBe(200)
  const down = [...rows].reverse().map(({ a, b, u }) => ({ a, b, u }))
  expect([(await merge('pairs', 'a,b', down)).json.code, (await all('pairs', 'b'))[0].u]).toEqual(['already_exists', 1])
})
