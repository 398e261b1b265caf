import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appWithTables, expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  app = await appWithTables([
    `create table tasks (id integer not null primary key, title varchar(100) not null, state varchar(20), total integer,
      secret varchar(20), owner_id varchar(36), parent_id integer, foreign key (parent_id) references tasks (id))`,
    'create table jottings (entry varchar(100))',
    'create table cells (x integer not null, y integer not null, value integer, primary key (x, y))',
  ])
  root = await app.holderOf(['admin'])
  ann = await app.person('ann')
  ben = await app.person('ben')
  await expose(root, 'jottings')
  await expose(root, 'cells')
  await expose(root, 'tasks', {
    realtime: true,
    revisions: true,
    rules: {
      user: {
        actions: ['list', 'get', 'update', 'delete'],
        rows: { owner_id: '$me' },
        fields: { read: ['id', 'title', 'state', 'total', 'owner_id'], write: ['title', 'state', 'total', 'owner_id'] },
      },
    },
  })
})
afterAll(() => app.drop())
beforeEach(() =>
  runInTables(app, [
    ...['_atrium_events', '_atrium_revisions', 'tasks where parent_id is not null', 'tasks', 'cells'].map(
      (table) => `delete from ${table}`,
    ),
    `insert into tasks (id, title, state, total, secret, owner_id) values
      (1, 'a', 'open', 1, 's', '${ann.userId}'), (2, 'b', 'open', null, 't', '${ann.userId}'),
      (3, 'c', 'done', 3, 's', '${ann.userId}'), (4, 'd', 'open', 4, 's', '${ben.userId}')`,
  ]),
)

const outcome = ({ status, json }: Answer) => [status, json?.code]
const atMost = (n: number | string) => ({ prefer: `max-affected=${n}` })
const all = () => rowsInTables(app, 'select * from tasks order by id')
const events = async () =>
  Number((await rowsInTables<{ n: number | string }>(app, 'select count(*) as n from _atrium_events'))[0]?.n)
const open = '/data/tasks?filter[state]=open'

describe('changes of every row that a filter finds', () => {
  it('are counted, told and kept, row by row', async () => {
    const changed = await root.patch(open, { state: 'done', total: { $inc: 10 } }, atMost(3))
    expect([changed.status, changed.json]).toEqual([200, { affected: 3 }])
    expect((await root.get('/data/tasks?fields=id,state,total')).json.data).toEqual([
      { id: 1, state: 'done', total: 11 },
      { id: 2, state: 'done', total: 10 },
      { id: 3, state: 'done', total: 3 },
      { id: 4, state: 'done', total: 14 },
    ])
    expect(await events()).toBe(3)
    const filter = encodeURIComponent(JSON.stringify({ or: [{ id: 1 }, { title: { icontains: 'D' } }] }))
    expect((await root.delete(`/data/tasks?filter=${filter}`, atMost(1000))).json).toEqual({ affected: 2 })
    expect(await events()).toBe(5)
    const [row] = await rowsInTables<{ n: number | string }>(
      app,
      "select count(*) as n from _atrium_revisions where action <> 'found'",
    )
    expect(Number(row?.n)).toBe(5)
    expect((await root.delete('/data/tasks?filter[id]=99', atMost(0))).json).toEqual({ affected: 0 })
  })

  it('stop exactly at max-affected, with nothing changed', async () => {
    const before = await all()
    for (const bound of [0, 1, 2]) {
      const refused = [await root.patch(open, { state: 'x' }, atMost(bound)), await root.delete(open, atMost(bound))]
      for (const answer of refused) {
        expect([...outcome(answer), answer.json.max_affected]).toEqual([422, 'max_affected_exceeded', bound])
      }
    }
    expect(await all()).toEqual(before)
    expect(await events()).toBe(0)
    expect((await root.delete(`${open}&dry_run=true`, atMost(3))).json).toEqual({ affected: 3 })
    expect(await all()).toEqual(before)
    expect((await root.delete(open, { prefer: 'return=minimal, max-affected=3' })).json).toEqual({ affected: 3 })
  })

  it('need a filter and a bound', async () => {
    const before = await all()
    const both = async (url: string, headers: Record<string, string>) => [
      outcome(await root.patch(url, { state: 'x' }, headers)),
      outcome(await root.delete(url, headers)),
    ]
    for (const query of [
      '',
      '?',
      '?filter=',
      '?filter={}',
      '?filter={"and":[]}',
      '?filter={"and":[{},{"and":[]}]}',
      '?search=',
    ]) {
      expect(await both(`/data/tasks${encodeURI(query)}`, atMost(9)), query).toEqual([
        [400, 'bad_filter'],
        [400, 'bad_filter'],
      ])
    }
    for (const prefer of [
      '',
      'return=minimal',
      'max-affected',
      'max-affected=',
      'max-affected=-1',
      'max-affected=1001',
      'x-max-affected=9',
      'max-affected=9e9',
    ]) {
      expect(await both(open, { prefer }), prefer).toEqual([
        [400, 'bad_request'],
        [400, 'bad_request'],
      ])
    }
    expect(await both(open, { ...atMost(9), 'if-match': '"x"' })).toEqual([
      [400, 'bad_request'],
      [400, 'bad_request'],
    ])
    expect(await both('/data/jottings?filter[entry]=x', atMost(9))).toEqual(
      [
        [400, 'bad_filter'],
        [400, 'bad_filter'],
      ].map((wanted, index) => (index === 0 ? [422, 'unknown_field'] : wanted)),
    )
    expect(await both('/data/tasks?filter[state]=open&limit=1', atMost(9))).toEqual([
      [422, 'unknown_field'],
      [422, 'unknown_field'],
    ])
    expect(await all()).toEqual(before)
  })

  it('take no key, no unknown column and no empty change, and all or none of what the database refuses', async () => {
    const before = await all()
    expect(outcome(await root.patch(open, { id: 7 }, atMost(9)))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(open, { nothing: 7 }, atMost(9)))).toEqual([422, 'unknown_field'])
    expect(outcome(await root.patch(open, {}, atMost(9)))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(open, [{ state: 'x' }], atMost(9)))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(open, { parent_id: 99 }, atMost(9)))).toEqual([409, 'foreign_key_conflict'])
    await root.patch('/data/tasks/3', { parent_id: 1 })
    expect(outcome(await root.delete(open, atMost(9)))).toEqual([409, 'foreign_key_conflict'])
    // Those that point to others of them go with them, in whatever order the engine looks at them.
    await root.patch('/data/tasks/1', { parent_id: 2 })
    expect((await root.delete('/data/tasks?filter[id][lt]=4', atMost(3))).json).toEqual({ affected: 3 })
    expect((await all()).length).toBe(before.length - 3)
  })

  it('know keys of several parts, as many rows as may be', async () => {
    const rows = Array.from({ length: 1001 }, (_, index) => ({ x: index % 7, y: index, value: 1 }))
    await root.post('/data/cells', rows.slice(0, 1000))
    await root.post('/data/cells', rows.slice(1000))
    expect(outcome(await root.patch('/data/cells?filter[value]=1', { value: 2 }, atMost(1000)))).toEqual([
      422,
      'max_affected_exceeded',
    ])
    await root.delete('/data/cells/0,0')
    const answer = await root.patch('/data/cells?filter[value]=1', { value: { $mul: 5 } }, atMost(1000))
    expect(answer.json).toEqual({ affected: 1000 })
    expect((await root.get('/data/cells?filter[value]=5&count=exact&limit=1')).json.page.total).toBe(1000)
  })
})

describe('AZ2 AZ4: rules and changes of many', () => {
  it('AZ2: rows that are not seen, or not open, are none of them', async () => {
    expect((await ann.patch(open, { state: 'x' }, atMost(2))).json).toEqual({ affected: 2 })
    expect((await ann.delete('/data/tasks?filter[id][gt]=0', atMost(3))).json).toEqual({ affected: 3 })
    expect((await all()).map(({ id, state }) => [Number(id), state])).toEqual([[4, 'open']])
    const guest = await app.holderOf(['guest'])
    expect(outcome(await guest.delete(open, atMost(9)))).toEqual([403, 'forbidden'])
    expect(outcome(await ann.delete('/data/jottings?filter[entry]=x', atMost(9)))).toEqual([404, 'not_found'])
  })

  it('AZ4: a hidden column neither chooses rows nor is written', async () => {
    for (const column of ['secret', 'nothing']) {
      const url = `/data/tasks?filter[${column}]=s`
      expect(outcome(await ann.patch(url, { state: 'x' }, atMost(9)))).toEqual([400, 'bad_filter'])
      expect(outcome(await ann.delete(url, atMost(9)))).toEqual([400, 'bad_filter'])
      expect(outcome(await ann.patch(open, { [column]: 's' }, atMost(9)))).toEqual([422, 'unknown_field'])
    }
  })

  it('AZ2: none is changed when one would leave what the rules let the caller write', async () => {
    const before = await all()
    expect(outcome(await ann.patch(open, { owner_id: ben.userId }, atMost(9)))).toEqual([403, 'forbidden'])
    expect(await all()).toEqual(before)
    expect(await events()).toBe(0)
  })
})

it('W12: counting on is done once with an Idempotency-Key', async () => {
  const send = () => root.patch(open, { total: { $inc: 1 } }, { ...atMost(9), 'idempotency-key': 'all' })
  expect([(await send()).json, (await send()).json]).toEqual([{ affected: 3 }, { affected: 3 }])
  expect((await root.get('/data/tasks/1')).json.total).toBe(2)
})
