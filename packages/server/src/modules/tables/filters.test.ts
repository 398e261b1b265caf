import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithTables, expose } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'
import { thingRows, things } from '../../../test/things-table.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([things])
  root = await app.holderOf(['admin'])
  await expose(root, 'things')
  const made = await root.post('/data/things', thingRows)
  if (made.status !== 201) throw new Error(made.body)
})
afterAll(() => app.drop())

const ids = (answer: { json: { data?: { id: number }[] }; body: string }) =>
  answer.json.data?.map(({ id }) => id) ?? answer.body
const byFilter = async (filter: object, more = {}) =>
  ids(await root.post('/data/things/query', { filter, limit: 100, ...more }))

/** Each operator with each type, and what is true of it on every engine. */
const cases: [object, number[]][] = [
  [{ label: { eq: 'apple' } }, [1]],
  [{ label: 'apple' }, [1]],
  [{ label: '' }, [4]],
  [{ label: null }, [5]],
  [{ label: { neq: 'apple' } }, [2, 3, 4, 6, 7, 8]],
  [{ label: { in: ['apple', 'Apple', 'none'] } }, [1, 2]],
  [{ label: { nin: ['apple', 'Apple'] } }, [3, 4, 6, 7, 8]],
  [{ label: { gt: 'a' } }, [1, 3, 7, 8]],
  [{ label: { lt: 'a' } }, [2, 4, 6]],
  [{ label: { between: ['A', 'b'] } }, [1, 2, 7]],
  [{ label: { contains: 'pp' } }, [1, 2, 7]],
  [{ label: { contains: '%' } }, [6]],
  [{ label: { contains: '_' } }, [6]],
  [{ label: { contains: '\\' } }, [6]],
  [{ label: { contains: '' } }, [1, 2, 3, 4, 6, 7, 8]],
  [{ label: { icontains: 'APP' } }, [1, 2, 7]],
  [{ label: { icontains: 'äPFEL' } }, [3, 8]],
  [{ label: { starts: 'app' } }, [1, 7]],
  [{ label: { starts: 'ä' } }, [3]],
  [{ label: { starts: '' } }, [1, 2, 3, 4, 6, 7, 8]],
  [{ label: { ends: 'e' } }, [1, 2]],
  [{ label: { ends: '\\' } }, [6]],
  [{ label: { ends: '[x]' } }, [8]],
  [{ label: { like: 'a%e' } }, [1]],
  [{ label: { like: '_pple' } }, [1, 2]],
  [{ label: { like: '%\\%%\\_%' } }, [6]],
  [{ label: { like: '%*[x]' } }, [8]],
  [{ label: { like: 'apple' } }, [1]],
  [{ label: { null: true } }, [5]],
  [{ label: { null: false } }, [1, 2, 3, 4, 6, 7, 8]],
  [{ amount: 1.5 }, [1, 7, 8]],
  [{ amount: '1.50000' }, [1, 7, 8]],
  [{ amount: { gt: 0 } }, [1, 2, 6, 7, 8]],
  [{ amount: { lt: 0 } }, [3]],
  [{ amount: { gte: '99999999.9999' } }, [6]],
  [{ amount: { between: [0, 2] } }, [1, 5, 7, 8]],
  [{ amount: { in: ['10', '-0.0001'] } }, [2, 3]],
  [{ size: '9007199254740993' }, [1]],
  [{ size: '9007199254740992' }, []],
  [{ size: { lt: 0 } }, [3]],
  [{ size: { nin: [2, 6] } }, [1, 3, 5, 7, 8]],
  [{ weight: 0.1 }, [1, 7]],
  [{ weight: { gt: '1e299' } }, [3]],
  [{ weight: { lte: 0 } }, [2, 5]],
  [{ done: true }, [1, 4, 7, 8]],
  [{ done: { neq: true } }, [2, 5]],
  [{ done: { in: [false] } }, [2, 5]],
  [{ done: { null: true } }, [3, 6]],
  [{ day: '2026-01-01' }, [1, 6]],
  [{ day: { gte: '2026-01-02' } }, [2, 5, 7, 8]],
  [{ day: { lt: '2000-01-01' } }, [3]],
  [{ at: '2026-01-01T00:00:00Z' }, [1, 7]],
  [{ at: { gt: '2026-01-01T01:00:00+01:00' } }, [2, 5]],
  [{ at: { lte: '1999-12-31T23:59:59.999Z' } }, [3]],
  [{ at: { lt: '$now(-3650d)' } }, [3]],
  [{ body: 'AQ==' }, [1]],
  [{ body: { neq: 'AQ==' } }, [2, 3, 6]],
  [{ body: { in: ['', 'AQI='] } }, [3, 6]],
  [{ not: { label: { eq: 'apple' } } }, [2, 3, 4, 5, 6, 7, 8]],
  [{ not: { amount: { gt: 0 } } }, [3, 4, 5]],
  [{ not: { not: { amount: { gt: 0 } } } }, [1, 2, 6, 7, 8]],
  [{ not: { or: [{ label: 'apple' }, { amount: null }] } }, [2, 3, 5, 6, 7, 8]],
  [{ and: [{ done: true }, { or: [{ id: 1 }, { id: 4 }] }] }, [1, 4]],
  [{ or: [] }, []],
  [{ and: [] }, [1, 2, 3, 4, 5, 6, 7, 8]],
  [{ 'parent_row.label': 'apple' }, [2, 3]],
  [{ 'parent_row.parent_row.label': 'apple' }, [4]],
  [{ 'things.label': 'Apple' }, [1]],
  [{ not: { 'parent_row.label': 'apple' } }, [1, 4, 5, 6, 7, 8]],
]

describe('W06: a filter means the same on every engine', () => {
  it.each(cases)('T06: %j', async (filter, expected) => {
    expect(await byFilter(filter)).toEqual(expected)
  })

  it('T06: the short form is the full form', async () => {
    for (const [query, expected] of [
      ['filter[label]=apple', [1]],
      ['filter[label][in]=apple,Apple', [1, 2]],
      ['filter[amount][between]=0,2&filter[done]=true', [1, 7, 8]],
      ['filter[label][null]=true', [5]],
      ['filter[parent_row.label]=apple', [2, 3]],
      [`filter=${encodeURIComponent('{"label":{"contains":"%"}}')}&filter[id][gt]=1`, [6]],
      ['search=%C3%84PFEL', [3, 8]],
      ['search=und%20apfel', []],
    ] as const) {
      expect([query, ids(await root.get(`/data/things?${query}`))]).toEqual([query, expected])
    }
  })
})
