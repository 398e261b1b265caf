import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { killedEverywhere } from '../../../../test/killed-at.ts'
import { appWithTables, expose, rowsInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

const tables = ['apples', 'pears'] as const
type Name = (typeof tables)[number]
const ids = [1, 2, 3]

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables(
    tables.map(
      (name) => `create table ${name} (id integer not null primary key, total integer not null, grown integer)`,
    ),
  )
  root = await app.holderOf(['admin'])
  for (const name of tables) await expose(root, name, { realtime: true, revisions: true })
})
afterAll(() => app.drop())

/** Adds to rows of one table, in one of the ways there are. */
interface Step {
  table: Name
  way: 'key' | 'many' | 'found' | 'grown'
  rows: readonly number[]
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  table: fc.constantFrom(...tables),
  way: fc.constantFrom('key' as const, 'key' as const, 'many' as const, 'found' as const, 'grown' as const),
  rows: fc.shuffledSubarray([...ids], { minLength: 1 }),
})

let made = 1000

/** Answers the requests, with the rows that each of them adds one to. */
function requestsOf({ table, way, rows }: Step, at: number): object[] {
  const inc = { total: { $inc: 1 } }
  const address = (id: number | string) => `/data/${table}/${id}`
  if (way === 'key') return rows.map((id) => ({ method: 'PATCH', path: address(id), body: inc }))
  if (way === 'grown') return [{ method: 'POST', path: `/data/${table}`, body: { id: ++made, total: 0 } }]
  const headers = { Prefer: 'max-affected=3' }
  if (way === 'many') {
    return [{ method: 'PATCH', path: `/data/${table}?filter[id][in]=${rows.join(',')}`, body: inc, headers }]
  }
  // Which row it is comes out only on the way.
  return rows.flatMap((id, index) => [
    { id: `f${at}_${index}`, method: 'GET', path: address(id) },
    { method: 'PATCH', path: address(`$f${at}_${index}.id`), body: inc },
  ])
}

const batch = (requests: readonly object[], headers: Record<string, string> = {}) =>
  root.post('/batch', { requests: requests.map((one, index) => ({ id: `r${index}`, ...one })) }, headers)

async function wipe(): Promise<void> {
  const books = ['_atrium_events', '_atrium_revisions', '_atrium_idempotency']
  for (const name of [...tables, ...books]) await rowsInTables(app, `delete from ${name}`)
  for (const name of tables) {
    await rowsInTables(app, `insert into ${name} (id, total) values ${ids.map((id) => `(${id}, 0)`).join(',')}`)
  }
}

it('W11 F12: batches over the same rows of two live tables, in any orders, at the same time: none is refused, none is lost', async () => {
  const plan = fc.array(fc.array(stepArbitrary, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(plan, async (batches) => {
      await wipe()
      const answers = await Promise.all(batches.map((steps) => batch(steps.flatMap(requestsOf))))
      expect(answers.map(({ status, body }) => (status === 200 ? '' : body))).toEqual(batches.map(() => ''))
      const touched = new Map<string, number>()
      const told = new Map<string, number>()
      for (const steps of batches) {
        const own = new Set<string>()
        for (const { table, way, rows } of steps) {
          for (const id of way === 'grown' ? [] : rows) {
            const row = `${table} ${id}`
            touched.set(row, (touched.get(row) ?? 0) + 1)
            own.add(row)
          }
        }
        for (const row of own) told.set(row, (told.get(row) ?? 0) + 1)
      }
      for (const table of tables) {
        const rows = await rowsInTables<{ id: number; total: number }>(
          app,
          `select id, total from ${table} where id < 1000 order by id`,
        )
        expect(rows.map(({ id, total }) => [id, total])).toEqual(
          ids.map((id) => [id, touched.get(`${table} ${id}`) ?? 0]),
        )
        const events = await rowsInTables<{ seq: number | string; refs: string | { key: string } }>(
          app,
          `select seq, refs from _atrium_events where stream_id = 'table:${table}' order by seq`,
        )
        const numbers = events.map(({ seq }) => Number(seq))
        expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
        const keys = events.map(({ refs }) => JSON.parse((typeof refs === 'string' ? JSON.parse(refs) : refs).key)[0])
        expect(ids.map((id) => keys.filter((key) => key === String(id)).length)).toEqual(
          ids.map((id) => told.get(`${table} ${id}`) ?? 0),
        )
      }
    }),
    { numRuns: 12 },
  )
}, 120_000)

it('W11 F12: two that add rows to two live tables in opposite orders do not wait for each other in a ring', async () => {
  const add = (table: Name) => ({ method: 'POST', path: `/data/${table}`, body: { id: ++made, total: 0 } })
  const there = () => batch([add('apples'), add('pears'), add('apples')])
  const back = () => batch([add('pears'), add('apples'), add('pears')])
  const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => (n % 2 ? there() : back())))
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200))
})

it('F1 W12: a batch with an Idempotency-Key is done once, wherever the process is killed', async () => {
  const count = async (what: string) =>
    Number((await rowsInTables<{ n: number | string }>(app, `select count(*) as n from ${what}`))[0]?.n)
  const endLeases = () =>
    rowsInTables(app, `update _atrium_idempotency set lease_until = '2020-01-01 00:00:00' where status is null`)
  let key = 0
  const round = async () => {
    await wipe()
    const number = ++key
    // Every round leads to the same statements: what is known of the tables is new in each.
    app.services.tables.registry.forget()
    await root.get('/data')
    const requests = [
      { method: 'POST', path: '/data/pears', body: { id: 50, total: 1 } },
      {
        method: 'POST',
        path: '/data/apples?on_conflict=id',
        body: [
          { id: 1, grown: 1 },
          { id: 60, total: 2 },
        ],
      },
      { method: 'DELETE', path: '/data/pears?filter[id]=2', headers: { Prefer: 'max-affected=1' } },
    ]
    return {
      request: () => batch(requests, { 'idempotency-key': `batch-${number}` }),
      effects: async () => ({
        apples: await rowsInTables(app, 'select id, total, grown from apples where id in (1, 60) order by id'),
        pears: (await rowsInTables<{ id: number }>(app, 'select id from pears order by id')).map(({ id }) => id),
        events: await count('_atrium_events'),
        revisions: await count(`_atrium_revisions where action <> 'found'`),
      }),
    }
  }
  const ends = await killedEverywhere(endLeases, round, {
    apples: [
      { id: 1, total: 0, grown: 1 },
      { id: 60, total: 2, grown: null },
    ],
    pears: [1, 3, 50],
    events: 4,
    revisions: 4,
  })
  expect(ends.length).toBeGreaterThan(20)
  expect(new Set(ends)).toEqual(new Set(['done', 'kept']))
}, 120_000)
