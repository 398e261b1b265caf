import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { testEngine } from '../../../test/databases.ts'
import { appWithTables, expose } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  const values = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => {
      const id = from + index
      return `(${id}, 'row ${id}', '["a", ${id}]', '{"type":"Point","coordinates":[${id % 90},1]}', 1)`
    }).join(', ')
  const columns = 'id integer primary key, label text, tags json, at json, parent integer'
  app = await appWithTables([
    `create table many (${columns}, foreign key (parent) references many (id))`,
    `create table few (${columns})`,
    `insert into many values ${values(1, 200)}`,
    `insert into few values ${values(1, 40)}`,
  ])
  root = await app.holderOf(['admin'])
  await expose(root, 'many')
  await expose(root, 'few')
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => app.drop())

/** Each look at the clock finds it six seconds later. */
function letTimeRun(): void {
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 6_000
    return now
  })
}
const ask = async (table: string, filter: object, search?: string) => {
  const { status, json } = await root.post(`/data/${table}/query`, {
    filter,
    search,
    fields: 'id',
    sort: 'id',
    limit: 2,
  })
  return [status, json.code ?? json.data.length]
}

const costly = [
  { label: { icontains: 'no such' } },
  { tags: { has_any: ['no such'] } },
  { tags: { has_all: ['no such', 'a'] } },
  { at: { near: [0, 80, 5] } },
  { at: { bbox: [0, 80, 1, 81] } },
  { 'parent_row.label': 'no such' },
  { many: { some: { label: 'no such' } } },
]

// The other engines end a statement by themselves.
describe.runIf(testEngine === 'sqlite')('W06 T06: a read of a file ends itself', () => {
  it.each(costly)('%j', async (filter) => {
    expect(await ask('many', filter)).toEqual([200, 0])
    letTimeRun()
    expect(await ask('many', filter)).toEqual([504, 'query_timeout'])
    vi.restoreAllMocks()
    expect(await ask('many', filter)).toEqual([200, 0])
  })

  it('also of a search, a group and a change of many', async () => {
    letTimeRun()
    expect(await ask('many', {}, 'no such')).toEqual([504, 'query_timeout'])
    const filter = encodeURIComponent('{"label":{"icontains":"no such"}}')
    for (const answer of [
      await root.get(`/data/many/aggregate?metrics=count&filter=${filter}`),
      await root.patch(`/data/many?filter=${filter}`, { label: 'x' }, { prefer: 'max-affected=1000' }),
    ])
      expect([answer.status, answer.json.code]).toEqual([504, 'query_timeout'])
  })

  it('and the time of one statement is not that of the next', async () => {
    letTimeRun()
    for (let turn = 0; turn < 4; turn++) expect(await ask('few', { label: { icontains: 'no such' } })).toEqual([200, 0])
    expect(await ask('many', { label: { starts: 'row' } })).toEqual([200, 2])
  })
})
