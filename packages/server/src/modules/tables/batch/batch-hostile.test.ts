import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../../test/notes-tables.ts'
import { expose, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

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

describe('AZ2: a batch opens nothing that is closed', () => {
  it('AZ2: rows, columns and actions are those of the caller', async () => {
    const seen = await batch(ann, [read('/data/notes'), read('/data/notes/2')])
    expect(seen.json.responses[0].body.data.map(({ id }: { id: number }) => id)).toEqual([1, 2])
    expect(JSON.stringify(seen.json)).not.toMatch(/secret|score/)
    for (const [one, code] of [
      [read('/data/notes/3'), 'not_found'],
      [read('/data/vault'), 'not_found'],
      [{ method: 'DELETE', path: '/data/notes/2' }, 'forbidden'],
      [{ method: 'PATCH', path: '/data/notes/2', body: { secret: 'x' } }, 'unknown_field'],
    ] as const) {
      expect((await batch(ann, [make(40), one])).json.problem.code).toBe(code)
    }
    expect(await total('notes')).toBe(3)
    const guest = await app.holderOf(['guest'])
    expect((await batch(guest, [read('/data/notes')])).json.code).toBe('forbidden')
    expect((await batch(app.visitor(), [read('/data/notes')])).status).toBe(401)
    const unsafe = await ann.post('/batch', { requests: [] }, { 'x-csrf-token': '' })
    expect(unsafe.json.code).toBe('csrf_missing')
  })

  it('AZ2: nobody comes in by the word that a batch comes in by', async () => {
    for (const word of ['', 'x', 'undefined', 'true', ann.userId]) {
      expect((await app.visitor().get('/data/notes', { 'x-atrium-inside': word })).status).toBe(401)
    }
    const headers = { 'x-atrium-inside': 'x' }
    expect((await batch(ann, [{ ...read('/data/notes'), headers }])).json.errors[0].code).toBe('unknown_field')
  })

  it('leads nowhere but to tables, however the way is written', async () => {
    const paths = [
      ...[
        '/batch',
        '/api/v1/batch',
        '/api/v1/api/v1/data/notes',
        '/users/me',
        '/admin/data/tables',
        'data/notes',
        '',
        '/',
        '//data/notes',
      ],
      ...[
        '/data/../batch',
        '/data/..',
        '/data/%2e%2e/batch',
        '/data/.%2E/batch',
        '/data/notes/..',
        '/data/./notes',
        '/data/notes/.',
      ],
      ...[
        'http://localhost/api/v1/data/notes',
        '//evil/data/notes',
        '/datax/notes',
        '/data%2fnotes',
        '/%64ata/notes',
        '/data',
      ],
      ...[
        '/data/notes/',
        '/data//notes',
        '/data/notes/export',
        '/data/notes/%65xport',
        '/data/notes/import',
        '/data/notes/%zz',
      ],
      ...[
        '/data/notes/../../batch',
        '/data/notes/%2E%2e/../batch',
        '/API/v1/data/notes',
        '?/data/notes',
        '#/data/notes',
      ],
    ]
    for (const path of paths) {
      const { status, json } = await batch(root, [make(30), { path, body: {} }])
      if (path === '/data') continue
      expect([path, status, json.code, json.index]).toEqual([path, 422, 'batch_not_allowed', 1])
    }
    // Signs that readers of addresses turn into others are part of a name here.
    for (const path of [
      '/data/..\\batch',
      '/data\\..\\batch',
      '/data/.\t./batch',
      '/data/.\n./x',
      '/data/notes/1#/../2',
      '/data/notes;x',
    ]) {
      const { json } = await batch(root, [make(30), read(path)])
      expect([path, ['batch_not_allowed', 'state_conflict'].includes(json.code)]).toEqual([path, true])
    }
    for (const name of ['..', '.', '']) {
      const { json } = await batch(root, [make(30, { body: name }), read('/data/notes/$0.body')])
      expect([json.code, json.errors[0].code]).toEqual(['validation_failed', 'unknown_reference'])
    }
    for (const name of ['../1', '1?x=1', '1/../2', '%2e%2e', 'export?', '1#']) {
      const { json } = await batch(root, [make(30, { body: name }), read('/data/notes/$0.body')])
      expect([name, json.problem?.code]).toEqual([name, 'not_found'])
    }
    expect(await total('notes')).toBe(3)
  })

  it('refers to earlier answers only, and a value never becomes a part of a filter', async () => {
    for (const one of [
      make(31, { body: '$1.id' }),
      make(31, { body: '$2.id' }),
      make(31, { body: '$0.nothing' }),
      make(31, { body: '$0.__proto__' }),
      make(31, { body: '$0.toString' }),
      make(31, { body: { deep: ['$9.id'] } }),
      read('/data/notes/$2.id'),
      read('/data/notes?filter={"id":"$2.id"}'),
    ]) {
      const { status, json } = await batch(root, [make(30), one, make(32)])
      expect([status, json.code, json.errors?.[0].code]).toEqual([422, 'validation_failed', 'unknown_reference'])
    }
    const hostile = '1"},"or":[{"id":{"gt":0}}],"x":{"eq":"'
    const { json } = await batch(root, [
      make(30, { body: hostile }),
      { method: 'DELETE', path: '/data/notes?filter={"title":"$0.body"}', headers: { prefer: 'max-affected=9' } },
      { method: 'DELETE', path: '/data/notes?filter[body]=$0.body', headers: { prefer: 'max-affected=9' } },
    ])
    expect(json.responses.slice(1).map(({ body }: { body: object }) => body)).toEqual([
      { affected: 0 },
      { affected: 1 },
    ])
    expect(await total('notes')).toBe(3)
  })

  it('has 1 to 100 requests of known methods, headers and ids', async () => {
    const many = (count: number) =>
      batch(
        root,
        Array.from({ length: count }, () => read('/data/notes/1?fields=id')),
      )
    expect((await many(100)).json.responses).toHaveLength(100)
    for (const answer of [
      await many(101),
      await many(0),
      await batch(root, [
        { ...make(30), id: 'a' },
        { ...make(31), id: 'a' },
      ]),
      await batch(root, [{ ...make(30), id: 'a b' }]),
      await batch(root, [{ ...make(30), method: 'OPTIONS' }]),
      await batch(root, [{ ...make(30), headers: { authorization: 'Bearer x' } }]),
      await batch(root, [{ ...make(30), headers: { 'Idempotency-Key': 'x' } }]),
      await batch(root, [{ ...read('/data/notes'), body: {} }]),
      await root.post('/batch', { atomic: false, requests: [{ id: '1', method: 'GET', path: '/data/notes' }] }),
      await root.post('/batch', { requests: [{ id: '1', method: 'GET', path: '/data/notes' }], more: 1 }),
    ]) {
      expect(answer.status).toBe(422)
    }
    expect(await total('notes')).toBe(3)
  })

  it('a refusal in it is written down, though the rest is taken back', async () => {
    const refusals = async () => {
      const { data } = (await root.get('/admin/audit?limit=100')).json
      return data.filter(({ event_type }: { event_type: string }) => event_type === 'unauthorized_access_attempt')
        .length
    }
    await app.services.deniedAccess.settled()
    const before = await refusals()
    await batch(ben, [make(33), { method: 'DELETE', path: '/data/notes/1' }])
    await app.services.deniedAccess.settled()
    expect(await refusals()).toBe(before + 1)
  })
})
