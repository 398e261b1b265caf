import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../test/notes-tables.ts'
import { byEngine, expose } from '../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  ;({ app, root, ann, ben } = await notesApp())
})
afterAll(() => app.drop())
beforeEach(() => fillNotes({ app, root, ann, ben }))

const ids = ({ json, body }: Answer) => json.data?.map(({ id }: { id: number }) => id) ?? body
const outcome = ({ status, json }: Answer) => [status, json?.code]

describe('rules are checked before they are kept', () => {
  const put = (body: object, headers = {}) => root.put('/admin/data/tables/notes', { exposed: true, ...body }, headers)
  it('AZ6: only by administrators who have just proved who they are, of a version they know', async () => {
    expect((await ann.get('/admin/data/tables')).status).toBe(403)
    expect((await ann.put('/admin/data/tables/notes', { exposed: true })).status).toBe(403)
    const { headers, json } = await root.get('/admin/data/tables/notes')
    expect((await put(rules, { 'if-match': `"v${json.version - 1}"` })).status).toBe(412)
    expect((await put(rules, { 'if-match': String(headers.etag) })).status).toBe(200)
    const written = await app.database.db
      .selectFrom('audit_events')
      .selectAll()
      .where('type', '=', 'system_config_changed')
      .execute()
    expect(written.filter(({ resource_id }) => resource_id === 'notes').length).toBeGreaterThan(1)
  })

  it('what cannot work is refused with its place', async () => {
    const rule = (more: object) => ({ rules: { user: { actions: ['list'], ...more } } })
    for (const [body, pointer] of [
      [{ owner_column: 'nobody' }, '/owner_column'],
      [{ owner_column: 'score' }, '/owner_column'],
      [{ rules: { strangers: { actions: [] } } }, '/rules/strangers'],
      [rule({ rows: { nothing: 1 } }), '/rules/user/rows'],
      [rule({ rows: { id: '$me' } }), '/rules/user/rows'],
      [rule({ fields: { read: ['title'] } }), '/rules/user/fields/read'],
      [rule({ fields: { read: ['id', 'nothing'] } }), '/rules/user/fields/read'],
      [rule({ fields: { write: ['nothing'] } }), '/rules/user/fields/write'],
      [rule({ presets: { score: 'many' } }), '/rules/user/presets/score'],
    ] as const) {
      const answer = await put(body)
      expect([answer.status, answer.json.errors?.[0]?.pointer]).toEqual([422, pointer])
    }
    expect((await root.get('/admin/data/tables/notes')).json.settings.owner_column).toBe('owner_id')
  })

  it('W02: tests say what would happen, change nothing, and keep out what they refuse', async () => {
    const tests = [
      { name: 'reads own', roles: ['user'], user_id: ann.userId, action: 'get', key: { id: 2 }, expect: 'allow' },
      { name: 'not of others', roles: ['user'], user_id: ann.userId, action: 'get', key: { id: 3 }, expect: 'deny' },
      { name: 'adds', roles: ['user'], action: 'create', row: { id: 50, title: 'x' }, expect: 'allow' },
      { name: 'no score', roles: ['user'], action: 'create', row: { id: 50, title: 'x', score: 1 }, expect: 'deny' },
      { name: 'deletes', roles: ['moderator'], action: 'delete', key: { id: 3 }, expect: 'allow' },
      { name: 'guest', roles: ['guest'], action: 'create', row: { id: 50, title: 'x' }, expect: 'deny' },
    ]
    const { json } = await root.post('/admin/data/rules/test', { table: 'notes', tests })
    expect(
      json.data.map(({ name, allowed, passed }: { name: string; allowed: boolean; passed: boolean }) => [
        name,
        allowed,
        passed,
      ]),
    ).toEqual(tests.map((test) => [test.name, test.expect === 'allow', true]))
    expect(json.data[0]).toMatchObject({
      rules: ['user'],
      read: ['id', 'title', 'body', 'owner_id', 'published', 'writer_id'],
    })
    expect(ids(await root.get('/data/notes'))).toEqual([1, 2, 3])
    expect((await put({ ...rules, tests })).status).toBe(200)
    const refused = await put({ ...rules, tests: [{ ...tests[1], expect: 'allow' }] })
    expect([refused.status, refused.json.errors[0].code]).toEqual([422, 'test_failed'])
  })
})

it('T01: a table is made from a list of columns, and nobody sees it before it is exposed', async () => {
  const types = [
    'integer',
    'decimal',
    'number',
    'boolean',
    'text',
    'uuid',
    'date',
    'time',
    'datetime',
    'json',
    'binary',
  ]
  const columns = types.map((type) => ({ name: `a_${type}`, type }))
  const more = [
    { name: 'code', type: 'text', length: 20, unique: true, nullable: false },
    { name: 'state', type: 'text', length: 10, default: "o'pen\\" },
    { name: 'note_id', type: 'integer', references: { table: 'notes' } },
    { name: 'is_new', type: 'boolean', default: true },
    { name: 'cents', type: 'decimal', precision: 12, scale: 3, default: '0.5' },
  ]
  const made = await root.post('/admin/data/tables', { name: 'orders', columns: [...columns, ...more] })
  expect(made.status).toBe(201)
  expect(made.json.columns.slice(1, 12).map(({ type }: { type: string }) => type)).toEqual(
    byEngine({ sqlite: types, postgres: types, mariadb: types }),
  )
  expect(made.json).toMatchObject({ exposed: false, key: ['id'], uniques: [['code']] })
  expect((await root.get('/data/orders')).status).toBe(404)
  await expose(root, 'orders')
  const row = {
    a_time: '14:30:00.5',
    a_datetime: '2026-11-21T14:30:00.123Z',
    a_uuid: '01890000-0000-7000-8000-00000000000a',
    a_json: { a: 1 },
    a_binary: 'AQI=',
    a_date: '2026-11-21',
    a_number: 1.5,
    a_boolean: false,
  }
  const answer = await root.post('/data/orders', { code: 'A', ...row })
  expect(answer.json).toMatchObject({ id: 1, state: "o'pen\\", is_new: true, cents: 0.5, note_id: null, ...row })
  expect(outcome(await root.post('/data/orders', { code: 'A' }))).toEqual([409, 'already_exists'])
  expect(outcome(await root.post('/data/orders', { code: 'B', note_id: 999 }))).toEqual([409, 'foreign_key_conflict'])
  expect(outcome(await root.post('/admin/data/tables', { name: 'Orders', columns }))).toEqual([409, 'already_exists'])
  for (const bad of [
    { name: 'a; drop table x', columns },
    { name: '_atrium_x', columns },
    { name: 'x', columns: [{ name: 'a"', type: 'text' }] },
    { name: 'x', columns: [{ name: 'a', type: 'text', default: 5 }] },
    { name: 'x', columns: [{ name: 'a', type: 'nothing' }] },
  ]) {
    expect((await root.post('/admin/data/tables', bad)).status).toBe(422)
  }
})
