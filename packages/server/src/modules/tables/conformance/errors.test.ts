import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nativeTypes, types } from '../../../../test/conformance/samples.ts'
import { appWithTables, expose } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import type { ColumnType } from '../../../platform/db/tables/catalogue.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const { integer, decimal, text } = nativeTypes
  app = await appWithTables([
    `create table parents (id integer not null primary key, name ${text} not null unique)`,
    `create table children (
      id integer not null primary key, parent_id integer not null, small varchar(3), price ${decimal}, size ${integer},
      age integer check (age >= 0), needed varchar(10) not null, foreign key (parent_id) references parents (id))`,
    `create table every_type (id integer not null primary key, ${types.map((type) => `c_${type} ${nativeTypes[type]}`).join(', ')})`,
  ])
  root = await app.holderOf(['admin'])
  for (const name of ['parents', 'children', 'every_type']) await expose(root, name)
  await root.post('/data/parents', [
    { id: 1, name: 'one' },
    { id: 2, name: 'two' },
  ])
  await root.post('/data/children', { id: 1, parent_id: 1, needed: 'x' })
})
afterAll(() => app.drop())

type Answer = { status: number; json: { code?: string; errors?: { pointer: string; code: string }[] } }
const said = ({ status, json }: Answer) => [
  status,
  json.code,
  ...(json.errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`),
]

/** Values that no column of the type takes, with what is said about each. */
const wrong: Record<ColumnType, [value: unknown, code: string][]> = {
  integer: [
    ['x', 'wrong_type'],
    [1.5, 'wrong_type'],
    [true, 'wrong_type'],
    [{}, 'wrong_type'],
    ['9223372036854775808', 'out_of_range'],
    ['-9223372036854775809', 'out_of_range'],
    ['', 'wrong_type'],
  ],
  decimal: [
    ['x', 'wrong_type'],
    ['1.00001', 'out_of_range'],
    ['123456789012', 'out_of_range'],
    [[], 'wrong_type'],
    ['1e999', 'wrong_type'],
  ],
  number: [
    ['x', 'wrong_type'],
    ['NaN', 'wrong_type'],
    ['Infinity', 'wrong_type'],
    ['1e999', 'wrong_type'],
    [false, 'wrong_type'],
  ],
  boolean: [
    ['yes', 'wrong_type'],
    [1, 'wrong_type'],
    ['', 'wrong_type'],
  ],
  text: [
    [5, 'wrong_type'],
    [['a'], 'wrong_type'],
    ['x'.repeat(201), 'too_long'],
    ['👍'.repeat(201), 'too_long'],
  ],
  uuid: [
    ['x', 'wrong_type'],
    ['01890000000070008000000000000000', 'wrong_type'],
    [5, 'wrong_type'],
  ],
  date: [
    ['2026-02-30', 'wrong_type'],
    ['0000-01-01', 'wrong_type'],
    ['26-01-01', 'wrong_type'],
    ['2026-01-01T00:00:00Z', 'wrong_type'],
    [20260101, 'wrong_type'],
  ],
  time: [
    ['24:00:00', 'wrong_type'],
    ['12:60:00', 'wrong_type'],
    ['-01:00:00', 'wrong_type'],
    ['noon', 'wrong_type'],
  ],
  datetime: [
    ['yesterday', 'wrong_type'],
    ['2026-01-01T25:00:00Z', 'wrong_type'],
    ['10000-01-01T00:00:00Z', 'wrong_type'],
    ['9999-12-31T23:59:59-01:00', 'wrong_type'],
    [0, 'wrong_type'],
  ],
  json: [],
  binary: [
    ['x', 'wrong_type'],
    ['AAA', 'wrong_type'],
    ['////_w==', 'wrong_type'],
    [5, 'wrong_type'],
  ],
  other: [['x', 'unknown_field']],
}

describe('T01: what does not fit its column is refused with the same words on every engine', () => {
  it.each(types)('T01: %s', async (type) => {
    const name = `c_${type}`
    for (const [value, code] of wrong[type]) {
      const status = [422, code === 'unknown_field' ? 'unknown_field' : 'validation_failed']
      const answer = await root.post('/data/every_type', { id: 1, [name]: value })
      expect([value, said(answer)]).toEqual([value, [...status, `/${name} ${code}`]])
      const many = await root.post('/data/every_type', [{ id: 1 }, { id: 2, [name]: value }])
      expect([value, said(many)]).toEqual([value, [...status, `/1/${name} ${code}`]])
      // In a filter, only what is no value of the type at all.
      if (code === 'wrong_type') {
        const filter = { [name]: { eq: value } }
        expect([filter, said(await root.post('/data/every_type/query', { filter }))]).toEqual([
          filter,
          [400, 'bad_filter'],
        ])
      }
    }
    expect((await root.get('/data/every_type?count=exact')).json.page.total).toBe(0)
  })
})

/** A request and what is said to it. */
const requests: [
  method: 'get' | 'post' | 'put' | 'patch' | 'delete',
  path: string,
  body: object | undefined,
  said: unknown[],
][] = [
  ['get', '/data/nothing', undefined, [404, 'not_found']],
  ['get', '/data/parents/99', undefined, [404, 'not_found']],
  ['get', '/data/parents/x', undefined, [404, 'not_found']],
  ['get', '/data/parents?filter[nothing]=1', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?filter[id][nothing]=1', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?filter[id][in]=', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?filter[id][between]=1', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?filter[id][null]=1', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?filter={', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?sort=nothing', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?sort=id,-id', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?fields=nothing', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?expand=nothing', undefined, [400, 'bad_filter']],
  ['get', '/data/parents?nothing=1', undefined, [422, 'unknown_field', '/nothing unknown_field']],
  ['get', '/data/parents?cursor=x', undefined, [400, 'bad_cursor']],
  ['get', '/data/parents?cursor=x&page=1', undefined, [400, 'paging_conflict']],
  ['get', '/data/parents/aggregate?metrics=nothing', undefined, [400, 'bad_filter']],
  ['get', '/data/parents/aggregate?metrics=sum:name', undefined, [400, 'bad_filter']],
  ['get', '/data/parents/aggregate?group_by=nothing', undefined, [400, 'bad_filter']],
  ['get', '/data/parents/aggregate?having[count][gt]=1&metrics=max:id', undefined, [400, 'bad_filter']],
  ['post', '/data/parents', { id: 1, name: 'new' }, [409, 'already_exists']],
  ['post', '/data/parents', { id: 3, name: 'one' }, [409, 'already_exists']],
  ['post', '/data/parents', { id: 3 }, [422, 'validation_failed', '/name required']],
  ['post', '/data/parents', { id: 3, name: null }, [422, 'validation_failed', '/name required']],
  ['post', '/data/parents', { id: 3, name: 'x', nothing: 1 }, [422, 'unknown_field', '/nothing unknown_field']],
  ['post', '/data/parents', [], [422, 'validation_failed', ' invalid']],
  ['post', '/data/children', { id: 3, parent_id: 99, needed: 'x' }, [409, 'foreign_key_conflict']],
  [
    'post',
    '/data/children',
    { id: 3, parent_id: 1, needed: 'x', age: -1 },
    [422, 'validation_failed', ' check_failed'],
  ],
  [
    'post',
    '/data/children',
    { id: 3, parent_id: 1, needed: 'x', small: 'abcd' },
    [422, 'validation_failed', '/small too_long'],
  ],
  ['patch', '/data/children/1', { parent_id: 99 }, [409, 'foreign_key_conflict']],
  ['patch', '/data/children/1', { age: -1 }, [422, 'validation_failed', ' check_failed']],
  ['patch', '/data/children/1', { needed: null }, [422, 'validation_failed', '/needed required']],
  ['patch', '/data/children/1', { nothing: 1 }, [422, 'unknown_field', '/nothing unknown_field']],
  ['patch', '/data/children/1', { id: 2 }, [422, 'validation_failed', '/id read_only']],
  ['patch', '/data/children/99', { needed: 'y' }, [404, 'not_found']],
  ['patch', '/data/parents/2', { name: 'one' }, [409, 'already_exists']],
  ['put', '/data/children/1', { parent_id: 1 }, [422, 'validation_failed', '/needed required']],
  ['put', '/data/children/99', { parent_id: 1, needed: 'x' }, [404, 'not_found']],
  ['delete', '/data/parents/1', undefined, [409, 'foreign_key_conflict']],
  ['delete', '/data/parents/99', undefined, [404, 'not_found']],
]

describe('T01 T06: each error is the same on every engine', () => {
  it.each(requests)('T01: %s %s %j', async (method, path, body, expected) => {
    const answer =
      method === 'get' || method === 'delete' ? await root[method](path) : await root[method](path, body as object)
    expect(said(answer)).toEqual(expected)
    expect(answer.body).not.toMatch(/constraint|SQLITE|sqlstate|violat|syntax|errno|_pkey|_ibfk/i)
  })

  it('T01: nothing of it was kept', async () => {
    expect((await root.get('/data/parents')).json.data).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: 'two' },
    ])
    expect((await root.get('/data/children')).json.data).toEqual([
      { id: 1, parent_id: 1, small: null, price: null, size: null, age: null, needed: 'x' },
    ])
  })

  it('T01: 412 with what came between, and numbers that grow out of their column', async () => {
    const stale = await root.patch('/data/parents/2', { name: 'mine' }, { 'if-match': '"other"' })
    expect([stale.status, stale.json.conflicts]).toEqual([412, [{ field: 'name', yours: 'mine', theirs: 'two' }]])
    await root.patch('/data/children/1', { size: '9223372036854775807', price: '99999999999.9999' })
    for (const [name, change] of [
      ['size', { $inc: 1 }],
      ['size', { $mul: 2 }],
      ['price', { $inc: 1 }],
    ] as const) {
      const answer = await root.patch('/data/children/1', { [name]: change })
      expect([name, change, answer.status, answer.json.errors[0].code]).toEqual([name, change, 422, 'out_of_range'])
    }
  })
})
