import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appWithTables, byEngine, expose, runInTables } from '../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let name: string
let made = 0
beforeAll(async () => {
  app = await appWithTables(['create table plain (id integer not null primary key, note varchar(20))'])
  root = await app.holderOf(['admin'])
})
afterAll(() => app.drop())
beforeEach(async () => {
  name = `notes${++made}`
  const columns = [
    { name: 'title', type: 'text', length: 50, nullable: false },
    { name: 'level', type: 'integer' },
    { name: 'extra', type: 'json' },
    { name: 'done', type: 'boolean', nullable: false, default: false },
  ]
  await root.post('/admin/data/tables', { name, columns })
  await expose(root, name)
  await root.post(`/data/${name}`, [
    { title: 'a', level: 1, extra: { x: 1 } },
    { title: 'b', done: true },
  ])
})

const columns = () => `/admin/data/tables/${name}/columns`
const rows = async () => (await root.get(`/data/${name}`)).json.data
const column = (answer: Answer, wanted: string) =>
  answer.json.columns.find((item: { name: string }) => item.name === wanted)
const outcome = ({ status, json }: Answer) => [status, json?.code]

describe('T08: columns of a table are edited', () => {
  it('T08: added, with a default for the rows that are there', async () => {
    const added = [
      { name: 'price', type: 'decimal', nullable: false, default: '2.50' },
      { name: 'day', type: 'date' },
      { name: 'code', type: 'text', length: 20, unique: true },
      { name: 'parent', type: 'integer', references: { table: name } },
      { name: 'raw', type: 'binary', default: 'AAH/' },
      { name: 'flag', type: 'boolean', default: true },
      { name: 'at', type: 'datetime', nullable: false, default: '2026-11-21T14:30:00Z' },
      { name: 'more', type: 'json', default: { a: "it's" } },
    ]
    for (const body of added) expect([body.name, (await root.post(columns(), body)).status]).toEqual([body.name, 201])
    const [first] = await rows()
    expect(first).toMatchObject({
      ...{ title: 'a', price: 2.5, day: null, code: null, parent: null, raw: 'AAH/', flag: true },
      ...{ at: '2026-11-21T14:30:00.000Z', more: { a: "it's" } },
    })
    expect((await root.patch(`/data/${name}/1`, { code: 'x', parent: 2 })).status).toBe(200)
    expect(outcome(await root.patch(`/data/${name}/2`, { code: 'x' }))).toEqual([409, 'already_exists'])
    expect(outcome(await root.patch(`/data/${name}/2`, { parent: 77 }))).toEqual([409, 'foreign_key_conflict'])
    const [event] = (await root.get('/admin/audit?event_type=system_config_changed&limit=1')).json.data
    expect(event).toMatchObject({ resource: { type: 'table', id: name }, detail: { added: 'more' } })
  })

  it('T08: what cannot be added', async () => {
    const cases: [object, number, string][] = [
      [{ name: 'TITLE', type: 'text' }, 409, 'already_exists'],
      [{ name: 'x', type: 'integer', nullable: false }, 422, 'validation_failed'],
      [{ name: 'x', type: 'integer', references: { table: name }, default: 1 }, 422, 'validation_failed'],
      [{ name: 'x', type: 'integer', default: 'one' }, 422, 'validation_failed'],
      [{ name: 'x"; drop table plain', type: 'integer' }, 422, 'validation_failed'],
      [{ name: 'x', type: 'integer', check: '1' }, 422, 'unknown_field'],
    ]
    for (const [body, status, code] of cases) {
      expect([body, ...outcome(await root.post(columns(), body))]).toEqual([body, status, code])
    }
    expect((await root.post('/admin/data/tables/nothing/columns', { name: 'x', type: 'text' })).status).toBe(404)
  })

  it('T08: renamed; let be empty or not; given another default', async () => {
    const renamed = await root.patch(`${columns()}/title`, { name: 'heading' })
    expect([renamed.status, column(renamed, 'heading').nullable]).toEqual([200, false])
    expect((await rows())[0]).toMatchObject({ heading: 'a', level: 1 })
    expect(column(await root.patch(`${columns()}/heading`, { nullable: true }), 'heading').nullable).toBe(true)
    expect((await root.post(`/data/${name}`, { heading: null })).status).toBe(201)
    expect(outcome(await root.patch(`${columns()}/heading`, { nullable: false }))).toEqual([409, 'state_conflict'])
    await root.patch(`/data/${name}/3`, { heading: 'c' })
    expect(column(await root.patch(`${columns()}/heading`, { nullable: false }), 'heading').nullable).toBe(false)
    const changed: [string, unknown, unknown][] = [
      ['heading', "it's", "it's"],
      ['level', '7', 7],
      ['extra', { y: [1] }, { y: [1] }],
      ['done', true, true],
    ]
    for (const [item, value] of changed) {
      const answer = await root.patch(`${columns()}/${item}`, { default: value })
      expect([item, answer.status, column(answer, item)?.has_default]).toEqual([item, 200, true])
    }
    const fresh = (await root.post(`/data/${name}`, {})).json
    expect(fresh).toMatchObject(Object.fromEntries(changed.map(([item, , value]) => [item, value])))
    expect(column(await root.patch(`${columns()}/level`, { default: null, name: 'rank' }), 'rank').has_default).toBe(
      false,
    )
    expect((await root.post(`/data/${name}`, {})).json.rank).toBe(null)
    expect((await rows())[0]).toMatchObject({ heading: 'a', rank: 1, extra: { x: 1 }, done: false })
    expect(outcome(await root.patch(`${columns()}/rank`, { default: 'x' }))).toEqual([422, 'validation_failed'])
    expect(outcome(await root.patch(`${columns()}/nothing`, { name: 'x' }))).toEqual([404, 'not_found'])
    expect(outcome(await root.patch(`${columns()}/rank`, { name: 'done' }))).toEqual([409, 'already_exists'])
    expect(outcome(await root.patch(`${columns()}/id`, { nullable: true }))).toEqual([409, 'state_conflict'])
  })

  it('T08: taken away, but not the key, nor what others use', async () => {
    await root.post(columns(), { name: 'code', type: 'text', length: 20, unique: true })
    for (const item of ['level', 'extra', 'done', 'code']) {
      expect([item, (await root.delete(`${columns()}/${item}`)).status]).toEqual([item, 204])
    }
    expect(await rows()).toEqual([
      { id: 1, title: 'a' },
      { id: 2, title: 'b' },
    ])
    expect(outcome(await root.delete(`${columns()}/id`))).toEqual([409, 'state_conflict'])
    expect(outcome(await root.delete(`${columns()}/level`))).toEqual([404, 'not_found'])
    const other = `${name}_parts`
    const parts = [
      { name: 'note_id', type: 'integer', references: { table: name } },
      { name: 'n', type: 'integer' },
    ]
    await root.post('/admin/data/tables', { name: other, columns: parts })
    expect(outcome(await root.patch(`${columns()}/id`, { name: 'note' }))).toEqual([200, undefined])
    expect((await root.get(`/admin/data/tables/${other}`)).json.relations[0]).toMatchObject({ references: ['note'] })
  })

  it('T08: rules that name a column are in the way of its going, also those of other tables', async () => {
    const other = `${name}_parts`
    const parts = [
      { name: 'note_id', type: 'integer', references: { table: name } },
      { name: 'n', type: 'integer' },
    ]
    await root.post('/admin/data/tables', { name: other, columns: parts })
    await expose(root, other, { rules: { user: { actions: ['list'], rows: { 'note.level': { gt: 0 } } } } })
    await expose(root, name, {
      rules: { user: { actions: ['list', 'create'], fields: { read: ['id', 'title'] }, presets: { done: true } } },
    })
    for (const item of ['level', 'title', 'done']) {
      const dropped = await root.delete(`${columns()}/${item}`)
      expect([item, ...outcome(dropped)]).toEqual([item, 409, 'state_conflict'])
      expect(dropped.json.errors.length).toBeGreaterThan(0)
      expect(outcome(await root.patch(`${columns()}/${item}`, { name: 'other' }))).toEqual([409, 'state_conflict'])
    }
    expect((await root.delete(`${columns()}/extra`)).status).toBe(204)
    await expose(root, other, {})
    expect((await root.delete(`${columns()}/level`)).status).toBe(204)
  })

  it('M33 T08: only with a recent proof, and for who may', async () => {
    expect((await (await app.person()).delete(`${columns()}/level`)).status).toBe(403)
    expect((await root.post('/admin/data/tables/plain/columns', { name: 'extra', type: 'text' })).status).toBe(201)
    app.advance(601)
    const answers = [
      await root.delete(`${columns()}/level`),
      await root.patch(`${columns()}/level`, { name: 'x' }),
      await root.post(columns(), { name: 'x', type: 'text' }),
    ]
    expect(answers.map(outcome)).toEqual(answers.map(() => [403, 'reauthentication_required']))
    await root.post('/auth/reauthenticate', { password: 'a quiet harbour at dawn' })
  })

  it('T08: a definition with quotes, comments and checks keeps the rest of itself', async () => {
    await runInTables(app, [
      byEngine({
        sqlite: `create table odd (id integer primary key, c varchar(20) default 'x NOT NULL, y' check (length(c) < 15))`,
        postgres: `create table odd (id integer primary key, c varchar(20) default 'x NOT NULL, y' check (length(c) < 15))`,
        mariadb: `create table odd (id integer primary key, c varchar(20) default 'x NOT NULL, y' comment 'it''s DEFAULT NULL' check (length(c) < 15))`,
      }),
      'insert into odd (id) values (1)',
    ])
    await expose(root, 'odd')
    const odd = '/admin/data/tables/odd/columns/c'
    expect(column(await root.patch(odd, { nullable: false }), 'c')).toMatchObject({
      nullable: false,
      has_default: true,
    })
    expect((await root.post('/data/odd', { id: 2 })).json.c).toBe('x NOT NULL, y')
    expect(outcome(await root.post('/data/odd', { id: 3, c: 'more than fifteen' }))).toEqual([422, 'validation_failed'])
    expect(column(await root.patch(odd, { nullable: true }), 'c')).toMatchObject({ nullable: true, has_default: true })
    expect((await root.post('/data/odd', { id: 3, c: null })).status).toBe(201)
  })
})
