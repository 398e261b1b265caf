import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fileForm } from '../../../../test/file-form.ts'
import { appWithTables, expose, filmShop, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    ...filmShop,
    'create table exact (id bigint not null primary key, small decimal(8,2))',
    'create table words (word varchar(20))',
    'create table people (person varchar(36) not null primary key, name varchar(40) not null unique, role varchar(20))',
  ])
  root = await app.holderOf(['admin'])
  for (const table of ['languages', 'films', 'exact', 'words', 'people']) await expose(root, table)
  await root.post('/data/languages', { code: 'de', name: 'German' })
})
afterAll(() => app.drop())
beforeEach(() =>
  runInTables(
    app,
    ['films', 'exact', 'words', 'people'].map((table) => `delete from ${table}`),
  ),
)

const csv = { 'content-type': 'text/csv' }
const json = { 'content-type': 'application/json' }
const ndjson = { 'content-type': 'application/x-ndjson' }
const send = (url: string, body: string | Buffer, headers: Record<string, string> = csv, who = root) =>
  who.send('POST', `/data/${url}`, body, headers)
const count = async (table: string) => Number((await rowsInTables(app, `select count(*) as n from ${table}`))[0]?.n)

describe('T07: files of others', () => {
  it('T07: columns are mapped, others left out; spreadsheets write semicolons, TRUE and a byte order mark', async () => {
    const mapping = encodeURIComponent(
      JSON.stringify({ Titel: 'title', 'Nr.': null, Da: 'in_stock', Sprache: 'language_code' }),
    )
    const file =
      '\ufeffNr.;Titel;Da;Sprache;price;minutes\r\n1;Meer;WAHR;de;;\r\n2;Berg;FALSE;de; 3.5 ;\r\n\r\n3;Tal;1;de;;7\r\n'
    const wrong = await send(`films/import?mapping=${mapping}`, file)
    expect([wrong.status, wrong.json.code, wrong.json.errors]).toEqual([
      422,
      'validation_failed',
      [{ pointer: '/2/in_stock', row: 2, field: 'in_stock', code: 'wrong_type', message: 'Needs true or false' }],
    ])
    expect(await count('films')).toBe(0)
    const { json: report } = await send(`films/import?mapping=${mapping}`, file.replace('WAHR', 'TRUE'))
    expect(report).toMatchObject({ rows: 3, created: 3, failed: 0, dry_run: false, stopped: null })
    expect(report.columns[0]).toEqual({ source: 'Nr.', column: null })
    const rows = (await root.get('/data/films?fields=title,in_stock,price,minutes&sort=price,title')).json.data
    expect(rows).toEqual([
      { title: 'Meer', in_stock: true, price: 2.5, minutes: null },
      { title: 'Tal', in_stock: true, price: 2.5, minutes: 7 },
      { title: 'Berg', in_stock: false, price: 3.5, minutes: null },
    ])
  })

  it('T07: as a form; its name says what it is', async () => {
    const { body, type } = fileForm([['file', { name: 'words.jsonl', bytes: '{"word":"a"}\n\n{"word":"b"}' }]])
    expect((await send('words/import', body, { 'content-type': type })).json).toMatchObject({ rows: 2, created: 2 })
    const nothing = fileForm([['a', 'b']])
    expect((await send('words/import', nothing.body, { 'content-type': nothing.type })).status).toBe(422)
    expect((await send('words/import', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  it('T07: every row that cannot be is told, and none is kept', async () => {
    const file = 'title,language_code,minutes,released\nA,de,x,2026-02-30\nB,de,5\n,de,1,\nC,de,1,\n\0,de,1,\n'
    for (const dry of [true, false]) {
      const { status, json: report } = await send(`films/import?dry_run=${dry}`, file)
      expect(status).toBe(dry ? 200 : 422)
      expect([report.rows, report.failed]).toEqual([5, 3])
      expect(
        report.errors.map(({ row, field, code }: { row: number; field: string; code: string }) => [row, field, code]),
      ).toEqual([
        [2, 'minutes', 'wrong_type'],
        [2, 'released', 'wrong_type'],
        [3, null, 'invalid'],
        [6, null, 'invalid_text'],
      ])
    }
    const many = `title,language_code\n${'A,,\n'.repeat(300)}`
    const { json: report } = await send('films/import?dry_run=true', many)
    expect([report.failed, report.errors.length]).toEqual([300, 100])
    expect(await count('films')).toBe(0)
  })

  it('T07: what only the database refuses is told with its row', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `p${index},${index === 27 ? 'n3' : `n${index}`}`)
    const file = `person,name\n${names.join('\n')}`
    const all = await send('people/import', file)
    expect([all.status, all.json.failed, all.json.errors[0]]).toMatchObject([
      422,
      1,
      { row: 29, code: 'already_exists' },
    ])
    expect(await count('people')).toBe(0)
    const tried = await send('people/import?dry_run=true', file)
    expect(tried.json).toMatchObject({
      created: 0,
      failed: 1,
      errors: [{ row: 29, field: null, code: 'already_exists' }],
    })
    expect(await count('people')).toBe(0)
    const rest = await send('people/import?mode=batches', file)
    expect(rest.json).toMatchObject({ rows: 40, created: 39, failed: 1, errors: [{ row: 29, code: 'already_exists' }] })
    expect(await count('people')).toBe(39)
    const again = await send('people/import?mode=batches', file)
    expect(again.json).toMatchObject({ rows: 40, created: 0, failed: 40 })
    const orphan = await send('films/import', 'title,language_code\nA,xx')
    expect(orphan.json.errors[0]).toMatchObject({ row: 2, code: 'foreign_key_conflict' })
    const [event] = (await root.get('/admin/audit?event_type=data_import&limit=1')).json.data
    expect(event).toMatchObject({
      resource: { type: 'table', id: 'people' },
      detail: { mode: 'batches', created: 39, failed: 1 },
    })
  })

  it('T07: any number of rows in batches, up to 10,000 in one', async () => {
    const rows = (n: number) => `id,small\n${Array.from({ length: n }, (_, id) => `${id},1.5`).join('\n')}`
    expect((await send('exact/import', rows(10_001))).status).toBe(422)
    expect(await count('exact')).toBe(0)
    expect((await send('exact/import', rows(10_000))).json.created).toBe(10_000)
    const { json: report } = await send('exact/import?mode=batches', rows(12_000))
    expect(report.stopped).toBe('too_many_errors')
    expect(report.failed).toBeGreaterThan(1000)
    await runInTables(app, ['delete from exact'])
    expect((await send('exact/import?mode=batches', rows(12_000))).json).toMatchObject({
      created: 12_000,
      stopped: null,
    })
  }, 120_000)

  it('T07: no file at all, and files that are none', async () => {
    const cases: [string | Buffer, Record<string, string>, number, string][] = [
      ['', csv, 422, 'validation_failed'],
      [Buffer.from('title\n\xff\xfe', 'latin1'), csv, 422, 'validation_failed'],
      ['title,language_code\n"A,de', csv, 422, 'validation_failed'],
      ['{"title":"A"}', json, 400, 'malformed_json'],
      ['[{"title":"A","language_code":"de"},', json, 400, 'malformed_json'],
      ['[{"title":"A","language_code":"de"}] x', json, 400, 'malformed_json'],
      ['[{"title":"A","language_code":"de"},{"title":}]', json, 400, 'malformed_json'],
      ['[{"title":"A","title":"B","language_code":"de"}]', json, 400, 'malformed_json'],
      ['{"title":"A","language_code":"de"}\n{"title"\n', ndjson, 422, 'validation_failed'],
      ['[1,{"title":"A","language_code":"de"}]', json, 422, 'validation_failed'],
      ['title,nope\nA,1', csv, 422, 'unknown_field'],
      ['title,title\nA,A', csv, 422, 'validation_failed'],
    ]
    for (const [body, headers, status, code] of cases) {
      const answer = await send('films/import', body, headers)
      expect([String(body), answer.status, answer.json.code]).toEqual([String(body), status, code])
    }
    expect((await send('films/import?mapping=[]', 'title\nA')).status).toBe(422)
    expect((await send('nothing/import', 'a\n1')).status).toBe(404)
    expect((await send('films/import', '[]', json)).json).toMatchObject({ rows: 0, created: 0 })
    expect(await count('films')).toBe(0)
  })
})

describe('AZ3: an import goes through the rules', () => {
  it('AZ3 M33: presets, owner, conditions and hidden columns count for each row', async () => {
    await expose(root, 'people', {
      owner_column: 'person',
      rules: {
        user: {
          actions: ['create', 'list'],
          rows: { name: { neq: 'root' } },
          fields: { write: ['name'] },
          presets: { role: 'plain' },
        },
      },
    })
    const eve = await app.person()
    for (const column of ['person', 'role', 'nope']) {
      const answer = await send('people/import', `name,${column}\nEve,x`, csv, eve)
      expect([answer.status, answer.json.code, answer.json.errors[0].code]).toEqual([
        422,
        'unknown_field',
        'unknown_field',
      ])
      const lines = await send('people/import', `{"name":"Eve","${column}":"x"}`, ndjson, eve)
      expect([lines.status, lines.json.errors[0].code]).toEqual([422, 'unknown_field'])
    }
    const refused = await send('people/import', 'name\nroot', csv, eve)
    expect([refused.status, refused.json.errors[0]]).toMatchObject([422, { row: 2, code: 'forbidden' }])
    expect((await send('people/import', 'name\nEve', csv, eve)).json.created).toBe(1)
    expect(await rowsInTables(app, 'select * from people')).toEqual([
      { person: eve.userId, name: 'Eve', role: 'plain' },
    ])
    await expose(root, 'people', { rules: { user: { actions: ['list'] } } })
    expect((await send('people/import', 'name\nEve', csv, eve)).status).toBe(403)
    expect((await send('films/import', 'title\nA', csv, eve)).status).toBe(404)
    expect((await send('people/import', 'name\nEve', csv, app.visitor())).status).toBe(401)
    await expose(root, 'people')
  })

  it('T07: a connection that is cut leaves nothing half', async () => {
    await app.http.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.http.server.address() as AddressInfo
    const cut = async (query: string) => {
      const headers = {
        ...csv,
        'content-length': '1000000',
        cookie: root.cookieHeader,
        'x-csrf-token': String(root.csrf?.csrf_access_token),
      }
      const sent = httpRequest({ port, method: 'POST', path: `/api/v1/data/exact/import${query}`, headers })
      const over = new Promise((resolve) => sent.on('close', resolve).on('error', () => {}))
      const arrived = new Promise((resolve) => app.http.server.once('request', resolve))
      sent.write(`id,small\n${Array.from({ length: 700 }, (_, id) => `${id},1.5`).join('\n')}`)
      await arrived
      return { sent, over }
    }
    const all = await cut('')
    all.sent.destroy()
    await all.over
    const batches = await cut('?mode=batches')
    await expect.poll(() => count('exact'), { timeout: 10_000 }).toBe(500)
    batches.sent.destroy()
    await batches.over
    await expect
      .poll(async () => (await root.get('/admin/audit?event_type=data_import&limit=1')).json.data[0])
      .toMatchObject({
        detail: { mode: 'batches', created: 500 },
      })
    expect(await count('exact')).toBe(500)
  })

  it('T07: a file that is refused at its beginning gets its answer, and the connection goes', async () => {
    const { port } = app.http.server.address() as AddressInfo
    const headers = { ...csv, cookie: root.cookieHeader, 'x-csrf-token': String(root.csrf?.csrf_access_token) }
    const body = `nope,id\n${'1,2\n'.repeat(500_000)}`
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/data/exact/import`, { method: 'POST', headers, body })
    expect([answer.status, answer.headers.get('connection')]).toEqual([422, 'close'])
  })
})

describe('an import with on_conflict', () => {
  it('adds what is not there, changes what is, and counts both', async () => {
    await root.post('/data/people', [
      { person: 'p1', name: 'one', role: 'a' },
      { person: 'p2', name: 'two', role: 'a' },
    ])
    const file = 'person,name,role\np1,one,b\np3,three,b\n'
    const tried = await send('people/import?on_conflict=person&dry_run=true', file)
    expect(tried.json).toMatchObject({ rows: 2, created: 0, updated: 0, failed: 0 })
    const done = await send('people/import?on_conflict=person', file)
    expect([done.status, done.json.created, done.json.updated]).toEqual([200, 1, 1])
    const kept = await send(
      'people/import?on_conflict=person&resolution=ignore&mode=batches',
      'person,name\np1,other\np4,four\n',
    )
    expect([kept.json.created, kept.json.updated]).toEqual([1, 0])
    const rows = (await root.get('/data/people?sort=person')).json.data
    expect(rows.map(({ name, role }: { name: string; role: string }) => `${name} ${role}`)).toEqual([
      'one b',
      'two a',
      'three b',
      'four null',
    ])
    const part = await send('people/import?on_conflict=person', 'person,role\np1,c\np2,c\n')
    expect(part.json).toMatchObject({ created: 0, updated: 2 })
    const wrong = await send('people/import?on_conflict=person', 'person,role\np1,d\np9,d\n')
    expect([wrong.status, wrong.json.errors[0].row]).toEqual([422, 3])
    const twice = await send('people/import?on_conflict=person', 'person,role\np1,d\np1,e\n')
    expect([twice.status, twice.json.errors[0]]).toMatchObject([422, { row: 3, code: 'duplicate' }])
    expect((await send('people/import?on_conflict=role', file)).json.code).toBe('bad_filter')
  })
})
