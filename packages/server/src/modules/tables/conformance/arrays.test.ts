import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idsOf } from '../../../../test/conformance/app-with-samples.ts'
import { appWithTables, byEngine, expose, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

const json = byEngine({ sqlite: 'json', postgres: 'jsonb', mariadb: 'json' })
/** Kept as it is written, where the engine has such a type. */
const written = byEngine({ sqlite: 'json', postgres: 'json', mariadb: 'json' })
const shown = String.raw

const rows: readonly [id: number, json: string | null][] = [
  [1, '["red", "green"]'],
  [2, '["Red", "red ", "r\u00e9d"]'],
  [3, '[1, 2.50, -0, true]'],
  [4, '["1", "true", "null"]'],
  [5, '[1.0, 1e2, null, false]'],
  [6, '[["red"], {"red": "red"}]'],
  [7, '{"0": "red", "length": 1}'],
  [8, '"red"'],
  [9, 'true'],
  [10, null],
  [11, 'null'],
  [12, '[]'],
  [13, shown`["say \"so\"", "back\\slash", "a,b", "\u00fc\ud83d\ude00"]`],
  [14, '[0.1, 9007199254740991]'],
  [15, '[""]'],
]

const cases: readonly [operator: string, values: unknown[], ids: number[]][] = [
  ['has_any', ['red'], [1]],
  ['has_any', ['red', 'Red'], [1, 2]],
  ['has_any', ['red '], [2]],
  ['has_any', ['réd', 'RED'], [2]],
  ['has_all', ['red', 'green'], [1]],
  ['has_all', ['green', 'red', 'green'], [1]],
  ['has_all', ['red', 'blue'], []],
  ['has_any', [1], [3, 5]],
  ['has_any', ['1'], [4]],
  ['has_any', [true], [3]],
  ['has_any', ['true'], [4]],
  ['has_any', [false], [5]],
  ['has_any', ['null'], [4]],
  ['has_any', [0], [3]],
  ['has_any', [100, 2.5], [3, 5]],
  ['has_all', [1, 2.5, 0, true], [3]],
  ['has_all', [1, '1'], []],
  ['has_any', [0.1], [14]],
  ['has_all', [9007199254740991, 0.1], [14]],
  ['has_any', ['say "so"'], [13]],
  ['has_all', ['back\\slash', 'a,b', 'ü😀'], [13]],
  ['has_any', [''], [15]],
  ['has_any', ['length', '0', '["red"]'], []],
  ['has_any', ['$$me', '%', '_'], []],
]

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    `create table lists (id integer not null primary key, items ${json}, kept ${written})`,
    ...rows.map(([id, value]) => {
      const text =
        value === null
          ? 'null'
          : `'${byEngine({ sqlite: value, postgres: value, mariadb: value.replaceAll('\\', '\\\\') })}'`
      return `insert into lists values (${id}, ${text}, ${text})`
    }),
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'lists')
})
afterAll(() => app.drop())

const ask = async (filter: object) => idsOf(await root.post('/data/lists/query', { filter, sort: 'id', fields: 'id' }))
const all = rows.map(([id]) => id)

describe('W06 T06: what an array in a JSON column holds', () => {
  it.each(['items', 'kept'])('is the same on every engine: %s', async (column) => {
    for (const [operator, values, ids] of cases) {
      const test = { [column]: { [operator]: values } }
      expect([test, await ask(test)]).toEqual([test, ids])
      expect([test, await ask({ not: test })]).toEqual([test, all.filter((id) => !ids.includes(id))])
    }
  })

  it('is asked for in an address, where quotes tell texts from numbers', async () => {
    for (const [written, ids] of [
      ['red,Red', [1, 2]],
      ['1', [3, 5]],
      ['"1"', [4]],
      ['true', [3]],
      ['"true"', [4]],
      ['1e2', [5]],
      ['2.5x', []],
      ['["a,b",1]', [3, 5, 13]],
      ['', [15]],
    ] as const) {
      const query = new URLSearchParams({ 'filter[items][has_any]': written, sort: 'id', fields: 'id' })
      expect([written, idsOf(await root.get(`/data/lists?${query}`))]).toEqual([written, ids])
    }
    const both = new URLSearchParams({ 'filter[items][has_all]': 'red,green', fields: 'id' })
    expect(idsOf(await root.get(`/data/lists?${both}`))).toEqual([1])
  })

  it('is asked for by texts, numbers and truth values, and not by too many', async () => {
    for (const values of [
      [],
      [null],
      [['red']],
      [{ a: 1 }],
      'red',
      1,
      null,
      Array(201).fill('x'),
      ['x'.repeat(10_001)],
    ]) {
      const answer = await root.post('/data/lists/query', { filter: { items: { has_any: values } } })
      expect([values, answer.status, answer.json.code]).toEqual([values, 400, 'bad_filter'])
    }
    for (const written of ['null', '[null]', '[["a"]]', '[]', '1e999', '["a\\u0000"]', '["\\ud800"]']) {
      const query = new URLSearchParams({ 'filter[items][has_any]': written })
      const answer = await root.get(`/data/lists?${query}`)
      expect([written, answer.status, answer.json.code]).toEqual([written, 400, 'bad_filter'])
    }
    const many = Array.from({ length: 200 }, (_, index) => index)
    expect(await ask({ items: { has_any: many } })).toEqual([3, 5])
    expect(await ask({ items: { has_all: many } })).toEqual([])
  })

  it('is, by $me, rows that somebody is named in', async () => {
    const { json: me } = await root.get('/users/me')
    await root.patch('/data/lists/12', { items: ['x', me.id] })
    expect(await ask({ items: { has_any: ['$me'] } })).toEqual([12])
    await root.patch('/data/lists/12', { items: [] })
  })

  it('is nothing in a value that the engine cannot read, and no error', async () => {
    const deep = `${'['.repeat(40)}"red"${']'.repeat(40)}`
    const broken = byEngine({
      sqlite: ['["red"', 'red', deep],
      postgres: ['["red","\\u0000"]', '["red","\\ud800"]', '["red",1e99999]', `["red",${'1'.repeat(600)}]`, deep],
      mariadb: ['["red","\\\\u0000"]', '["red",1e400]'],
    })
    await runInTables(
      app,
      broken.map((value, index) => `insert into lists (id, kept) values (${100 + index}, '${value}')`),
    )
    const ids = await ask({ kept: { has_any: ['red'] }, id: { lt: 100 } })
    expect(ids).toEqual([1])
    expect((await root.post('/data/lists/query', { filter: { kept: { has_all: ['red', 1] } } })).status).toBe(200)
    await runInTables(app, ['delete from lists where id >= 100'])
  })
})
