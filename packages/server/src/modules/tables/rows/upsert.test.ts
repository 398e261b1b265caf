import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appWithTables, expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { Answer, TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  app = await appWithTables([
    `create table cards (id integer not null primary key, code varchar(40) not null unique, title varchar(100),
      total integer, owner_id varchar(36), is_open integer not null default 0)`,
    'create table cells (x integer not null, y integer not null, value varchar(20), primary key (x, y))',
  ])
  root = await app.holderOf(['admin'])
  ann = await app.person('ann')
  ben = await app.person('ben')
  await expose(root, 'cells')
  await expose(root, 'cards', cardSettings)
})
const cardSettings = {
  realtime: true,
  revisions: true,
  owner_column: 'owner_id',
  rules: {
    user: {
      actions: ['list', 'get', 'create', 'update'],
      rows: { or: [{ owner_id: '$me' }, { is_open: 1 }] },
      fields: { write: ['id', 'code', 'title', 'total'] },
    },
    guest: { actions: ['list', 'get', 'create'], rows: { is_open: 1 } },
  },
}
afterAll(() => app.drop())
beforeEach(() =>
  runInTables(app, [
    ...['cards', 'cells', '_atrium_events', '_atrium_revisions'].map((table) => `delete from ${table}`),
    `insert into cards (id, code, title, total, owner_id, is_open) values
      (1, 'a', 'of ann', 1, '${ann.userId}', 0), (2, 'b', 'of ben', 2, '${ben.userId}', 0), (3, 'c', 'open', 3, '${ben.userId}', 1)`,
  ]),
)

const outcome = ({ status, json }: Answer) => [status, json?.code]
const all = () =>
  rowsInTables<{ id: number | string; code: string; title: string | null }>(
    app,
    'select id, code, title from cards order by id',
  )
const titles = async () => (await all()).map(({ title }) => title)
const actions = async () =>
  (await rowsInTables<{ refs: string | { action: string } }>(app, 'select refs from _atrium_events order by seq')).map(
    ({ refs }) => (typeof refs === 'string' ? JSON.parse(refs) : refs).action,
  )
const revisions = async () =>
  Number(
    (
      await rowsInTables<{ n: number | string }>(
        app,
        `select count(*) as n from _atrium_revisions where action <> 'found'`,
      )
    )[0]?.n,
  )

describe('an upsert', () => {
  it('adds what is not there and changes what is, with events and revisions of both', async () => {
    const made = await root.post('/data/cards?on_conflict=id', { id: 9, code: 'z', title: 'new' })
    expect([made.status, made.json.title, made.headers.location]).toEqual([201, 'new', '/api/v1/data/cards/9'])
    const changed = await root.post('/data/cards?on_conflict=id&resolution=merge', { id: 9, title: 'newer' })
    expect([changed.status, changed.json.title, changed.json.code]).toEqual([200, 'newer', 'z'])
    expect(changed.headers.etag).toBe((await root.get('/data/cards/9')).headers.etag)
    const list = await root.post('/data/cards?on_conflict=code', [
      { id: 10, code: 'y', title: 'ten' },
      { code: 'z', title: 'newest' },
      { code: 'a', total: 7 },
    ])
    expect(list.status).toBe(201)
    expect(list.json.data.map(({ id, title, total }: Record<string, unknown>) => [id, title, total])).toEqual([
      [10, 'ten', null],
      [9, 'newest', null],
      [1, 'of ann', 7],
    ])
    expect((await actions()).sort()).toEqual(['insert', 'insert', 'update', 'update', 'update'])
    expect(await revisions()).toBe(5)
  })

  it('leaves with `ignore` what is there as it is', async () => {
    const answer = await root.post('/data/cards?on_conflict=code&resolution=ignore', [
      { id: 1, code: 'a', title: 'x' },
      { id: 5, code: 'e', title: 'five' },
    ])
    expect(answer.json.data.map(({ title }: { title: string }) => title)).toEqual(['of ann', 'five'])
    const again = await root.post('/data/cards?on_conflict=code&resolution=ignore', { id: 5, code: 'e', title: 'six' })
    expect([again.status, again.json.title]).toEqual([200, 'five'])
    expect(await actions()).toEqual(['insert'])
  })

  it('knows keys of several parts, in any order, and 1,000 rows at a time', async () => {
    const rows = Array.from({ length: 1000 }, (_, index) => ({ x: index % 10, y: Math.floor(index / 10), value: 'a' }))
    const first = await root.post('/data/cells?on_conflict=y,x', rows, { prefer: 'return=minimal' })
    expect(outcome(first)).toEqual([201, undefined])
    const again = await root.post('/data/cells?on_conflict=x,y', [
      { x: 3, y: 4, value: 'b' },
      { x: 99, y: 4, value: 'c' },
    ])
    expect(again.json.data).toEqual([
      { x: 3, y: 4, value: 'b' },
      { x: 99, y: 4, value: 'c' },
    ])
    expect((await root.get('/data/cells?count=exact&limit=1')).json.page.total).toBe(1001)
  })

  it('is refused whole: nothing is added, changed or told', async () => {
    const before = await all()
    for (const [body, ...expected] of [
      [[{ id: 1, code: 'a', title: 'x' }, { id: 8 }], 422, 'validation_failed', '/1/code'],
      [
        [
          { id: 8, code: 'h' },
          { code: 'a', nothing: 1 },
        ],
        422,
        'unknown_field',
        '/1/nothing',
      ],
      [
        [
          { id: 8, code: 'h' },
          { id: 1, code: 'b' },
        ],
        422,
        'validation_failed',
        '/1/id',
      ],
      [
        [
          { id: 8, code: 'h' },
          { id: 9, code: 'h' },
        ],
        422,
        'validation_failed',
        '/1',
      ],
      [
        [
          { id: 8, code: 'h' },
          { id: 1, code: 'i' },
        ],
        409,
        'already_exists',
        undefined,
      ],
      [[], 422, 'validation_failed', ''],
      [{ code: 'a', total: { $inc: 1 } }, 422, 'validation_failed', '/total'],
      ['text', 422, 'validation_failed', ''],
    ] as const) {
      const { status, json } = await root.post('/data/cards?on_conflict=code', JSON.stringify(body))
      expect([status, json.code, json.errors?.[0].pointer], JSON.stringify(body)).toEqual(expected)
    }
    expect((await root.post('/data/cards?on_conflict=code&dry_run=true', { code: 'a', title: 'x' })).json.title).toBe(
      'x',
    )
    expect(await all()).toEqual(before)
    expect([await actions(), await revisions()]).toEqual([[], 0])
  })

  it('takes columns that are unique together, and says no to all others in the same words', async () => {
    const said = new Set<string>()
    for (const columns of ['title', 'id,code', 'nothing', 'owner_id', '', ',', 'id,id', 'ID ', 'id;--']) {
      const { status, json } = await ann.post(`/data/cards?on_conflict=${encodeURIComponent(columns)}`, {
        id: 1,
        code: 'a',
      })
      said.add(`${status} ${json.code} ${json.detail}`)
    }
    expect(said.size).toBe(1)
    expect([...said][0]).toMatch(/^400 bad_filter/)
    expect(outcome(await root.post('/data/cards?resolution=merge', { id: 1, code: 'a' }))).toEqual([
      422,
      'validation_failed',
    ])
    expect(outcome(await root.post('/data/cards?on_conflict=id&resolution=x', { id: 1 }))).toEqual([
      422,
      'validation_failed',
    ])
  })
})

describe('AZ2: rows that are not open to the caller, under an upsert', () => {
  it.each(['merge', 'ignore'])('%s: a hidden one is answered as when it is created, and stays', async (resolution) => {
    const before = await all()
    const plain = ({ status, json: { code, detail, errors } }: Answer) => ({ status, code, detail, errors })
    for (const row of [
      { id: 2, code: 'q', title: 'x' },
      { id: 20, code: 'b', title: 'x' },
    ]) {
      const created = await ann.post('/data/cards', row)
      for (const column of ['id', 'code']) {
        const answer = await ann.post(`/data/cards?on_conflict=${column}&resolution=${resolution}`, row)
        expect(plain(answer)).toEqual(plain(created))
      }
    }
    const list = await ann.post(`/data/cards?on_conflict=id&resolution=${resolution}`, [
      { id: 1, code: 'a', title: 'mine' },
      { id: 2, code: 'b', title: 'x' },
    ])
    expect(outcome(list)).toEqual([409, 'already_exists'])
    expect(await all()).toEqual(before)
  })

  it('takes what is open, by the rules of both sides', async () => {
    expect((await ann.post('/data/cards?on_conflict=code', { code: 'c', title: 'by ann' })).json.title).toBe('by ann')
    const owned = await ann.post('/data/cards?on_conflict=id', { id: 30, code: 'n', title: 'new' })
    expect([owned.status, owned.json.owner_id]).toEqual([201, ann.userId])
    // The owner of a row that is there stays who they were.
    expect((await root.get('/data/cards/3')).json.owner_id).toBe(ben.userId)
    expect(outcome(await ann.post('/data/cards?on_conflict=id', { id: 3, code: 'c', is_open: 0 }))).toEqual([
      422,
      'unknown_field',
    ])
    const guest = await app.holderOf(['guest'])
    expect(outcome(await guest.post('/data/cards?on_conflict=id', { id: 3, code: 'c' }))).toEqual([403, 'forbidden'])
    await expose(root, 'cells', { rules: { user: { actions: ['list', 'get', 'create'] } } })
    expect((await ann.post('/data/cells', { x: 1, y: 1, value: 'a' })).status).toBe(201)
    for (const x of [1, 2]) {
      expect(outcome(await ann.post('/data/cells?on_conflict=x,y', { x, y: 1, value: 'b' }))).toEqual([
        403,
        'forbidden',
      ])
    }
    const kept = await ann.post('/data/cells?on_conflict=x,y&resolution=ignore', { x: 1, y: 1, value: 'b' })
    expect([kept.status, kept.json.value]).toEqual([200, 'a'])
  })

  it('a value that is masked in a row is not found out by guessing it', async () => {
    await runInTables(app, [`update cards set code = 'secret' where id = 3`])
    // Of open rows of others everything but the code is seen.
    await expose(root, 'cards', {
      ...cardSettings,
      rules: {
        user: { actions: ['list', 'get', 'create', 'update'], rows: { owner_id: '$me' } },
        moderator: { actions: ['list', 'get', 'update'], rows: { is_open: 1 }, fields: { read: ['id', 'title'] } },
      },
    })
    const mia = await app.holderOf(['user', 'moderator'])
    expect((await mia.get('/data/cards/3')).json).toMatchObject({ title: 'open', code: null })
    const guess = await mia.post('/data/cards?on_conflict=code', { id: 40, code: 'secret', title: 'x' })
    expect(outcome(guess)).toEqual([409, 'already_exists'])
    expect(await titles()).toEqual(['of ann', 'of ben', 'open'])
    await expose(root, 'cards', cardSettings)
  })
})

describe('W11: an upsert and others at the same time', () => {
  it('of one key by many ends as one row, and each is answered', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        root.post('/data/cards?on_conflict=code', { id: 50, code: 'race', total: n }),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect((await all()).filter(({ code }) => code === 'race')).toHaveLength(1)
    expect((await actions()).filter((action) => action === 'insert')).toHaveLength(1)
  })

  it('takes If-Match for one row', async () => {
    const { headers } = await root.get('/data/cards/1')
    const etag = String(headers.etag)
    const merge = (id: number, match: string) =>
      root.post('/data/cards?on_conflict=id', { id, code: `k${id}`, title: 'x' }, { 'if-match': match })
    expect((await merge(1, etag)).status).toBe(200)
    const late = await merge(1, etag)
    expect([late.status, late.json.code]).toEqual([412, 'precondition_failed'])
    await root.patch('/data/cards/1', { title: 'theirs' })
    expect((await merge(1, etag)).json.conflicts).toEqual([
      { field: 'title', base: 'of ann', yours: 'x', theirs: 'theirs' },
    ])
    expect((await merge(77, '*')).status).toBe(412)
    expect((await merge(77, etag)).status).toBe(412)
    const list = await root.post('/data/cards?on_conflict=id', [{ id: 1, code: 'a' }], { 'if-match': etag })
    expect(outcome(list)).toEqual([400, 'bad_request'])
    expect((await root.get('/data/cards/77')).status).toBe(404)
  })

  it('is done once with an Idempotency-Key', async () => {
    const send = () => root.post('/data/cards?on_conflict=id', { id: 60, code: 'i' }, { 'idempotency-key': 'up' })
    const [first, again] = [await send(), await send()]
    expect([first.status, again.status, again.headers['idempotency-replayed']]).toEqual([201, 201, 'true'])
    expect(await actions()).toEqual(['insert'])
  })
})
