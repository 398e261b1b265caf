import { afterAll, beforeAll, expect, it } from 'vitest'
import { appWithTables, byEngine, expose } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'
import { TableAccess } from '../index.ts'

/** One status in a hundred is rare. */
const statusOf = (n: number) => (n % 100 === 0 ? 'failed' : n % 3 === 0 ? 'open' : 'done')
const values = Array.from({ length: 600 }, (_, n) => `(${n + 1}, '${statusOf(n + 1)}', 'name ${n % 7}', 0)`).join()
const tables = { orders: 'status, id', parcels: 'status' }
const analyze = byEngine({ sqlite: 'analyze', postgres: 'analyze', mariadb: 'analyze table orders, parcels' })

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    ...Object.entries(tables).flatMap(([table, index]) => [
      `create table ${table} (id integer not null primary key, status varchar(20) not null, name varchar(20) not null, cost integer)`,
      `create index ${table}_status on ${table} (${index})`,
      `create unique index ${table}_name on ${table} (name, id)`,
      `insert into ${table} (id, status, name, cost) values ${values}`,
    ]),
    analyze,
  ])
  root = await app.holderOf(['admin'])
  for (const table of Object.keys(tables)) await expose(root, table)
})
afterAll(() => app.drop())

interface Listed {
  data: { id: number }[]
  page: Record<'next_cursor' | 'prev_cursor', string | null>
}

/** What the tables' database was asked for rows of this table, in each of its forms. */
async function asked(table: string): Promise<string[]> {
  const { meter } = (await app.services.tables.source.open()).handle
  return meter.statements
    .map(({ statement }) => statement)
    .filter((text) => text.startsWith('select') && text.includes(table) && text.includes('"v0"'))
}

it('T02 W02: a statement that keeps to one way finds the same rows, whatever values it is asked with', async () => {
  const { registry, reading } = app.services.tables
  const list = async (table: string, query: object, isExplained: boolean) => {
    const access = new TableAccess(await registry.snapshot(), { userId: '', roles: [], isFull: true }, new Date())
    return JSON.parse(await reading.listWith(access, table, query, { exactAsText: false, isExplained })) as Listed
  }
  const idsOf = ({ data }: Listed) => data.map(({ id }) => id)
  for (const table of Object.keys(tables)) {
    for (const status of ['open', 'failed', 'nothing', "it's +?", 'done']) {
      for (const sort of ['', '-id', 'name,id']) {
        const query = { short: [['status', 'eq', status]], sort, limit: 5 }
        const { [sort]: wanted = [] } = { [sort]: idsOf(await list(table, { ...query, limit: 100 }, true)) }
        const first = await list(table, query, false)
        const isMore = wanted.length > 5
        const next = isMore ? await list(table, { ...query, cursor: first.page.next_cursor }, false) : undefined
        const back = next ? await list(table, { ...query, cursor: next.page.prev_cursor }, false) : first
        const told = `${table} ${status} ${sort}`
        expect([idsOf(first), next && idsOf(next), idsOf(back)], told).toEqual([
          wanted.slice(0, 5),
          isMore ? wanted.slice(5, 10) : undefined,
          wanted.slice(0, 5),
        ])
      }
    }
  }
})

it('W02: SQLite is not made to plan a statement anew where no value could change its way, and else sees the values', async () => {
  if (byEngine({ sqlite: false, postgres: true, mariadb: true })) return
  const visit = async (table: string, query: string) => {
    const { meter } = (await app.services.tables.source.open()).handle
    meter.reset()
    expect((await root.get(`/data/${table}?${query}`)).status).toBe(200)
    const texts = await asked(table)
    expect(texts, query).toHaveLength(1)
    expect(texts[0], query).toMatch(/ limit \+\?/)
    return / collate binary [=<>]+ \+\?/.test(texts[0] ?? '')
  }
  // In an index that has what is asked for in the wanted order nothing else is read.
  expect(await visit('orders', 'filter[status]=open')).toBe(true)
  expect(await visit('orders', 'filter[status]=open&sort=-id&filter[cost]=0')).toBe(true)
  // A rare one is better looked up and sorted, a frequent one met on the way.
  expect(await visit('parcels', 'filter[status]=open&sort=name,id')).toBe(false)
  // Only one of both tests can be asked of an index.
  expect(await visit('orders', 'filter[status]=open&filter[name]=name+1')).toBe(false)
  expect(await visit('orders', 'filter[status][gt]=open')).toBe(false)
  expect(await visit('orders', 'filter[status][neq]=open')).toBe(false)
})
