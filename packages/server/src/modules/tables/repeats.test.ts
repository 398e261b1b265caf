import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { killedEverywhere } from '../../../test/killed-at.ts'
import { appWithTables, expose, rowsInTables } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables(['create table tasks (id integer not null primary key, title varchar(100), total integer)'])
  root = await app.holderOf(['admin'])
  await expose(root, 'tasks', { realtime: true, revisions: true })
})
afterAll(() => app.drop())

const total = async (what: string) =>
  Number((await rowsInTables<{ n: number | string }>(app, `select count(*) as n from ${what}`))[0]?.n)
const endLeases = () =>
  rowsInTables(app, `update _atrium_idempotency set lease_until = '2020-01-01 00:00:00' where status is null`)

describe('W12: a row that is written with an Idempotency-Key', () => {
  it('is written once, with one event and one revision', async () => {
    const make = () => root.post('/data/tasks', { id: 1, title: 'a' }, { 'idempotency-key': 'make' })
    const [first, again] = [await make(), await make()]
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body])
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      etag: first.headers.etag,
      location: first.headers.location,
    })
    expect(await Promise.all(['tasks', '_atrium_events', '_atrium_revisions'].map(total))).toEqual([1, 1, 1])
    const add = () => root.patch('/data/tasks/1', { total: { $inc: 5 } }, { 'idempotency-key': 'add' })
    expect([(await add()).json.total, (await add()).json.total]).toEqual([5, 5])
    expect((await root.get('/data/tasks/1')).json.total).toBe(5)
    const other = await root.patch('/data/tasks/1', { total: { $inc: 6 } }, { 'idempotency-key': 'add' })
    expect(other.json.code).toBe('idempotency_key_reused')
  })

  it('is written also where nothing is known of the tables yet', async () => {
    app.services.tables.registry.forget(true)
    const made = await root.post('/data/tasks', { id: 50, title: 'cold' }, { 'idempotency-key': 'cold' })
    expect(made.status).toBe(201)
    expect((await root.delete('/data/tasks/50')).status).toBe(204)
  })

  it('that was refused is refused again, and nothing of it was kept', async () => {
    const make = () => root.post('/data/tasks', [{ id: 7 }, { id: 1 }], { 'idempotency-key': 'twice' })
    expect((await make()).json.code).toBe('already_exists')
    await root.delete('/data/tasks/1')
    const again = await make()
    expect([again.json.code, again.headers['idempotency-replayed']]).toEqual(['already_exists', 'true'])
    expect(await total('tasks')).toBe(0)
  })

  it('F1: is written once wherever the process is killed', { timeout: 60_000 }, async () => {
    let id = 100
    const kept = async () => [await total('_atrium_events'), await total('_atrium_revisions')] as const
    const round = async () => {
      const row = { id: ++id, title: 't' }
      // Every round leads to the same statements: what is known of the tables is new in each.
      app.services.tables.registry.forget()
      await root.get('/data')
      const [events, revisions] = await kept()
      return {
        request: () => root.post('/data/tasks', row, { 'idempotency-key': `row-${row.id}` }),
        effects: async () => {
          const [eventsNow, revisionsNow] = await kept()
          const rows = await total(`tasks where id = ${row.id}`)
          return { rows, events: eventsNow - events, revisions: revisionsNow - revisions }
        },
      }
    }
    const ends = await killedEverywhere(endLeases, round, { rows: 1, events: 1, revisions: 1 })
    expect(ends.length).toBeGreaterThan(20)
    expect(new Set(ends)).toEqual(new Set(['done', 'kept']))
  })
})
