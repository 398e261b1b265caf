import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithTables, byEngine, expose, filmShop, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

const wide = byEngine({ sqlite: 'bigint', postgres: 'numeric(30,10)', mariadb: 'decimal(30,10)' })

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    ...filmShop,
    `create table exact (id bigint not null primary key, amount ${wide}, small decimal(8,2))`,
    'create table words (word varchar(20))',
  ])
  root = await app.holderOf(['admin'])
  for (const table of ['languages', 'films', 'exact', 'words']) await expose(root, table)
  await root.post('/data/languages', { code: 'de', name: 'German' })
})
afterAll(() => app.drop())

const csv = { 'content-type': 'text/csv' }
const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const send = (url: string, body: string, headers: Record<string, string> = csv) =>
  root.send('POST', `/data/${url}`, body, headers)

/** PostgreSQL never lets anybody write a key that is always counted. */
const normal = (text: string) =>
  byEngine({ sqlite: text, mariadb: text, postgres: text.replace(/(^|"film_id":)\d+(?=,)/gm, '$1#') })

describe('T07: what was taken out comes in again as it was', () => {
  const films = [
    { title: '=cmd()', synopsis: '', language_code: 'de', views: '9007199254740993', price: '1234.50', poster: 'AAH/' },
    {
      title: 'a "quoted", one\r\nof two lines',
      language_code: 'de',
      released: '2026-02-28',
      extras: { a: [1, null, 'é'] },
    },
    {
      title: "'=x",
      synopsis: '-1',
      language_code: 'de',
      added_at: '2026-11-21T14:30:00.500Z',
      in_stock: false,
      rating: 0.1,
    },
    { title: '\t007', synopsis: null, language_code: 'de', minutes: null, extras: [], poster: '', rating: -1.5e-7 },
    { title: "''", synopsis: "'", language_code: 'de', extras: null },
  ]

  it.each([
    ['csv', csv],
    ['json', json],
    ['ndjson', ndjson],
  ])('T07: %s', async (format, headers) => {
    await runInTables(app, ['delete from films'])
    expect((await root.post('/data/films', films)).status).toBe(201)
    await runInTables(app, ['update films set rating = 1.5e300 where rating = 0.1'])
    const before = await root.get('/data/films')
    const file = (await root.get(`/data/films/export?format=${format}`)).body
    await runInTables(app, ['delete from films'])
    const answer = await send('films/import', file, headers)
    expect([answer.status, answer.json.created, answer.json.errors]).toEqual([200, 5, []])
    expect(normal((await root.get('/data/films')).body)).toBe(normal(before.body))
    expect(normal((await root.get(`/data/films/export?format=${format}`)).body)).toBe(normal(file))
  })

  it.each([
    ['csv', csv],
    ['json', json],
    ['ndjson', ndjson],
  ])('T07: 64-bit integers and decimals keep every digit in %s', async (format, headers) => {
    const amount = byEngine({
      sqlite: '1234567890123456789',
      postgres: '12345678901234567890.0123456789',
      mariadb: '12345678901234567890.0123456789',
    })
    await runInTables(app, [
      'delete from exact',
      `insert into exact values (9223372036854775807, ${amount}, 0.10), (-9223372036854775808, null, -7.00)`,
    ])
    const file = (await root.get(`/data/exact/export?format=${format}`)).body
    await runInTables(app, ['delete from exact'])
    expect((await send('exact/import', file, headers)).json.created).toBe(2)
    expect((await root.get(`/data/exact/export?format=${format}`)).body).toBe(file)
  })

  it('T07: a single column, null beside the empty text', async () => {
    await root.post('/data/words', [{ word: 'a' }, { word: '' }, { word: null }, { word: 'b' }])
    const file = (await root.get('/data/words/export')).body
    await runInTables(app, ['delete from words'])
    expect((await send('words/import', file)).json.created).toBe(4)
    expect((await root.get('/data/words/export')).body).toBe(file)
  })
})
