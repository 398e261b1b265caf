import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../../test/notes-tables.ts'
import { expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import { recordHeads, type TestApp, type Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  ;({ app, root, ann, ben } = await notesApp())
  await expose(root, 'notes', { ...rules, realtime: true, revisions: true })
})
afterAll(() => app.drop())
beforeEach(async () => {
  await fillNotes({ app, root, ann, ben })
  await runInTables(app, ['delete from _atrium_events', 'delete from _atrium_revisions'])
})

interface One {
  id?: string
  method?: string
  path: string
  body?: unknown
  headers?: object
}
const batch = (who: Visitor, requests: readonly One[], headers: Record<string, string> = {}) =>
  who.post(
    '/batch',
    { requests: requests.map((one, index) => ({ id: String(index), method: 'POST', ...one })) },
    headers,
  )
const make = (id: unknown, more: object = {}): One => ({ path: '/data/notes', body: { id, title: `n${id}`, ...more } })
const read = (path: string): One => ({ method: 'GET', path })
const total = async (table: string) =>
  Number((await rowsInTables<{ n: number | string }>(app, `select count(*) as n from ${table}`))[0]?.n)
const kept = () => Promise.all(['notes', '_atrium_events', '_atrium_revisions'].map(total))

describe('several requests in one transaction', () => {
  it('see what those before them did, and are answered like single ones', async () => {
    const { status, json } = await batch(root, [
      { path: '/data/writers', body: { id: 7, name: 'Wilma' } },
      make(70, { writer_id: '$0.id', body: '$$0.id' }),
      { method: 'PATCH', path: '/api/v1/data/notes/$1.id', body: { score: 5, title: '$0.name' } },
      read('/data/notes/$1.id?fields=id,title,score,writer_id,body'),
      read('/data/notes?fields=id&filter={"writer_id":"$0.id"}'),
      read('/data/notes?fields=id&filter[title]=$0.name'),
      { method: 'DELETE', path: '/data/notes/3' },
      { ...read('/data/notes/aggregate'), headers: { Prefer: 'numbers=string' } },
    ])
    expect([status, json.responses?.map((one: { status: number }) => one.status)], JSON.stringify(json)).toEqual([
      200,
      [201, 201, 200, 200, 200, 200, 204, 200],
    ])
    const [, made, changed, row, byFilter, byTest, gone, groups] = json.responses
    expect(made.headers.location).toBe('/api/v1/data/notes/70')
    expect(changed.headers.etag).toBe((await root.get('/data/notes/70')).headers.etag)
    expect(row.body).toEqual({ id: 70, title: 'Wilma', score: 5, writer_id: 7, body: '$0.id' })
    expect([byFilter.body.data, byTest.body.data]).toEqual([[{ id: 70 }], [{ id: 70 }]])
    expect([gone.body, groups.body.data]).toEqual([null, [{ count: 3 }]])
    // The row that was made and changed is one event and one revision; that of writers is neither live nor kept.
    expect(await kept()).toEqual([3, 2, 3])
  })

  it('are all taken back with the first that is refused: rows, events, revisions and what is told', async () => {
    const before = await kept()
    const heads = recordHeads(app.bus)
    for (const [bad, code] of [
      [make(1), 'already_exists'],
      [{ method: 'PATCH', path: '/data/notes/99', body: { title: 'x' } }, 'not_found'],
      [
        { method: 'PATCH', path: '/data/notes/1', body: { title: 'x' }, headers: { 'If-Match': '"no"' } },
        'precondition_failed',
      ],
      [{ path: '/data/notes', body: { id: 90, title: 'x', writer_id: 99 } }, 'foreign_key_conflict'],
      [{ path: '/data/notes' }, 'validation_failed'],
      [read('/data/notes?filter[nothing]=1'), 'bad_filter'],
      [
        { method: 'DELETE', path: '/data/notes?filter[id][gt]=0', headers: { prefer: 'max-affected=2' } },
        'max_affected_exceeded',
      ],
    ] as const) {
      const { status, json } = await batch(root, [make(80), { method: 'DELETE', path: '/data/notes/3' }, bad, make(81)])
      expect([status, json.code, json.index, json.id, json.problem?.code]).toEqual([
        409,
        'state_conflict',
        2,
        '2',
        code,
      ])
    }
    expect(await kept()).toEqual(before)
    expect(heads).toEqual([])
  })

  it('take upserts and changes of many; a dry run among them is taken back alone', async () => {
    const { json } = await batch(root, [
      {
        path: '/data/notes?on_conflict=id',
        body: [
          { id: 1, title: 'merged' },
          { id: 60, title: 'made' },
        ],
      },
      { path: '/data/notes?dry_run=true', body: { id: 61, title: 'tried' } },
      {
        method: 'PATCH',
        path: '/data/notes?filter[id][in]=1,60',
        body: { score: { $inc: 1 } },
        headers: { prefer: 'max-affected=2' },
      },
    ])
    expect(json.responses.map(({ status }: { status: number }) => status)).toEqual([201, 200, 200])
    expect(json.responses[2].body).toEqual({ affected: 2 })
    expect((await root.get('/data/notes?fields=id')).json.data.map(({ id }: { id: number }) => id)).toEqual([
      1, 2, 3, 60,
    ])
  })

  it('W12: are done once with an Idempotency-Key, and anew where they were refused by the hour', async () => {
    const send = () => batch(root, [make(50), make(51)], { 'idempotency-key': 'both' })
    const [first, again] = [await send(), await send()]
    expect([first.status, again.status, again.headers['idempotency-replayed'], again.body]).toEqual([
      200,
      200,
      'true',
      first.body,
    ])
    expect(await kept()).toEqual([5, 2, 2])
    const wrong = () => batch(root, [make(52), make(50)], { 'idempotency-key': 'wrong' })
    expect([(await wrong()).status, (await wrong()).headers['idempotency-replayed']]).toEqual([409, 'true'])
    expect(await total('notes')).toBe(5)
  })

  it('are written by the rules of their caller, with what the rules put in, and each under its own condition', async () => {
    const old = String((await ann.get('/data/notes/2')).headers.etag)
    const change = (body: object, etag: string) => ({
      ...{ method: 'PATCH', path: '/data/notes/2', body },
      headers: { 'If-Match': etag },
    })
    const { status, json } = await batch(ann, [
      { path: '/data/notes', body: { id: 40, title: 'mine' } },
      change({ title: 'new' }, old),
    ])
    expect([status, json.responses?.[0].body.owner_id]).toEqual([200, ann.userId])
    const etag = json.responses[1].headers.etag
    expect([etag === old, etag]).toEqual([false, (await ann.get('/data/notes/2')).headers.etag])
    const [made] = await rowsInTables<{ created_at: string }>(app, 'select created_at from notes where id = 40')
    expect(made?.created_at).toMatch(/^\d{4}-.*Z$/)
    const late = await batch(ann, [change({ body: 'x' }, etag), change({ title: 'newer' }, etag)])
    expect([late.json.index, late.json.problem.code, late.json.problem.conflicts]).toEqual([
      1,
      'precondition_failed',
      [{ field: 'title', base: 'new', yours: 'newer', theirs: 'new' }],
    ])
    expect((await ann.get('/data/notes/2')).headers.etag).toBe(etag)
  })

  it('count against the limits of their caller one by one, and leave nothing where one is too many', async () => {
    const other = await notesApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '20' })
    const requests = Array.from({ length: 100 }, (_, index) => ({
      ...make(100 + index),
      id: String(index),
      method: 'POST',
    }))
    const { status, json } = await other.root.post('/batch', { requests })
    expect([status, json.code, json.index > 50]).toEqual([429, 'rate_limited', true])
    expect(await rowsInTables(other.app, 'select id from notes')).toEqual([])
    await other.app.drop()
  })

  it('W11: at the same time, count together', async () => {
    const inc = { method: 'PATCH', path: '/data/notes/1', body: { score: { $inc: 1 } } }
    const other = { method: 'PATCH', path: '/data/notes/2', body: { score: { $inc: 1 } } }
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => batch(root, n % 2 ? [inc, other] : [other, inc])),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200))
    const { json } = await root.get('/data/notes?fields=id,score&filter[id][lt]=3')
    expect(json.data).toEqual([
      { id: 1, score: 16 },
      { id: 2, score: 36 },
    ])
  })
})
