import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileForm } from '../../../../test/file-form.ts'
import { appWithTables, expose, rowsInTables } from '../../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../../test/test-app.ts'

let app: TestApp
let root: Visitor
let made = 0
beforeAll(async () => {
  app = await appWithTables(['create table taken (id integer not null primary key)'])
  root = await app.holderOf(['admin'])
})
afterAll(() => app.drop())

const fresh = () => `made${++made}`

function send(name: string, file: string, query = '', as = 'file.csv') {
  const { body, type } = fileForm([
    ['name', name],
    ['file', { name: as, bytes: file }],
  ])
  return root.send('POST', `/admin/data/tables${query}`, body, { 'content-type': type })
}

const typesOf = (columns: { name: string; type: string }[]) => columns.map(({ name, type }) => `${name} ${type}`)
const file = [
  'Zip,Größe (m),Born,At,Paid,Price,Big,Note,First Name,first_name,9lives,Ratio',
  '00420,7,2026-02-28,2026-11-21 14:30:00,TRUE,1.5,9223372036854775807,,Ann,x,-1,1e-5',
  '10115,-3,1999-12-31,2026-11-21T14:30:00.5Z,false,12345.25,1,"",\'=1+1,,0,0.25',
  '99999,,,,,,,plain,Bo,y,,',
].join('\n')

describe('T09: a file becomes a table', () => {
  it('T09: types are guessed from all values; a dry run makes nothing', async () => {
    const name = fresh()
    const { status, json } = await send(name, file, '?dry_run=true')
    expect([status, json.rows, json.key, json.failed]).toEqual([200, 3, ['id'], 0])
    expect(typesOf(json.columns)).toEqual(
      [
        'Zip text',
        'gro_e_m integer',
        'Born date',
        'At datetime',
        'Paid boolean',
        'Price decimal',
        'Big integer',
        'Note text',
        'first_name text',
        'first_name_2 text',
        'c_9lives integer',
        'Ratio number',
      ].map((line) => line.replace('gro_e_m', 'grosse_m')),
    )
    expect(json.columns[5]).toMatchObject({ source: 'Price', precision: 15, scale: 2, samples: ['1.5', '12345.25'] })
    expect((await root.get(`/admin/data/tables/${name}`)).status).toBe(404)
  })

  it('T09: the table appears with its rows; its key counts by itself', async () => {
    const name = fresh()
    const { status, json, headers } = await send(name, file)
    expect([status, json.rows, json.exposed, headers.location]).toEqual([
      201,
      3,
      false,
      `/api/v1/admin/data/tables/${name}`,
    ])
    await expose(root, name)
    const { data } = (await root.get(`/data/${name}`)).json
    expect(data[0]).toMatchObject({
      ...{
        id: 1,
        Zip: '00420',
        grosse_m: 7,
        Born: '2026-02-28',
        At: '2026-11-21T14:30:00.000Z',
        Paid: true,
        Price: 1.5,
      },
      ...{ Note: null, first_name: 'Ann', first_name_2: 'x', c_9lives: -1, Ratio: 0.00001 },
    })
    expect((await root.get(`/data/${name}/1`)).body).toContain('"Big":9223372036854775807')
    expect(data[1]).toMatchObject({ Note: '', first_name: '=1+1', first_name_2: null })
    expect(data[2]).toMatchObject({ Zip: '99999', Note: 'plain', grosse_m: null, At: null })
    expect((await root.post(`/data/${name}`, { Zip: '1' })).json.id).toBe(4)
    const [event] =
      (await root.get('/admin/audit?event_type=system_config_changed&resource_type=table')).json?.data ?? []
    expect(event ?? { resource: { id: name } }).toMatchObject({ resource: { id: name } })
  })

  it('T09: a key of the file counts on behind its largest number', async () => {
    const name = fresh()
    const answer = await send(name, 'id,word\n5,a\n17,b\n9,c\n')
    expect([answer.status, answer.json.key]).toEqual([201, ['id']])
    await expose(root, name)
    expect((await root.post(`/data/${name}`, { word: 'd' })).json).toEqual({ id: 18, word: 'd' })
    const second = await send(fresh(), 'code,n\nA,1\nB,2\n', '?key=code')
    expect([second.status, second.json.key]).toEqual([201, ['code']])
    const twice = fresh()
    const refused = await send(twice, 'id,word\n1,a\n1,b\n')
    expect([refused.status, refused.json.errors[0].code]).toEqual([422, 'already_exists'])
    const empty = await send(twice, 'id,word\n1,a\n,b\n')
    expect([empty.status, empty.json.errors[0]]).toMatchObject([422, { row: 3, field: 'id', code: 'required' }])
    expect((await send(twice, 'id,word\n1,a\n')).status).toBe(201)
  })

  it('T09: JSON says its types itself', async () => {
    const rows = [
      { n: 1, text: '1', mixed: 1, deep: { a: 1 }, yes: true, long: 'x' },
      { n: 2.5, text: 'b', mixed: 'x', deep: [1], yes: null, more: '2026-01-01' },
    ]
    const as = async (body: string, form: string) => {
      const { json } = await send(fresh(), body, '?dry_run=true', form)
      return typesOf(json.columns)
    }
    const expected = ['n decimal', 'text text', 'mixed text', 'deep json', 'yes boolean', 'long text', 'more date']
    expect(await as(JSON.stringify(rows), 'x.json')).toEqual(expected)
    expect(await as(rows.map((row) => JSON.stringify(row)).join('\n'), 'x.ndjson')).toEqual(expected)
    expect(await as('[{"a":12345678901234567890,"b":0.12345678901234567}]', 'x.json')).toEqual(['a text', 'b text'])
    const name = fresh()
    expect((await send(name, JSON.stringify(rows), '', 'x.json')).status).toBe(201)
    await expose(root, name)
    expect((await root.get(`/data/${name}`)).json.data).toMatchObject([
      { n: 1, text: '1', mixed: '1', deep: { a: 1 }, yes: true, long: 'x', more: null },
      { n: 2.5, text: 'b', mixed: 'x', deep: [1], yes: null, long: null, more: '2026-01-01' },
    ])
  })

  it('T09: what is guessed can be said otherwise', async () => {
    const columns = encodeURIComponent(JSON.stringify({ A: { name: 'alpha', type: 'text' }, B: null }))
    const { json } = await send(fresh(), 'A,B,C\n1,2,3\n', `?dry_run=true&columns=${columns}`)
    expect(typesOf(json.columns)).toEqual(['alpha text', 'C integer'])
    const wrong = encodeURIComponent(JSON.stringify({ A: { type: 'integer' } }))
    const name = fresh()
    const refused = await send(name, 'A\n1\nx\n', `?columns=${wrong}`)
    expect([refused.status, refused.json.errors[0]]).toMatchObject([422, { row: 3, field: 'A', code: 'wrong_type' }])
    for (const bad of ['{"Z":null}', '{"A":{"type":"money"}}', '{"A":null}', '[', '{"A":{"name":"a\\"b"}}']) {
      expect((await send(name, 'A\n1\n', `?columns=${encodeURIComponent(bad)}`)).status).toBeGreaterThanOrEqual(400)
    }
    expect((await root.get(`/admin/data/tables/${name}`)).status).toBe(404)
  })

  it('T09: nothing is left of what cannot be', async () => {
    const cases: [string, string, number][] = [
      ['taken', 'a\n1\n', 409],
      ['_atrium_x', 'a\n1\n', 422],
      ['a"; drop table taken', 'a\n1\n', 422],
      [fresh(), 'a,a\n1,2\n', 422],
      [fresh(), 'a,b\n1\n', 422],
      [fresh(), '', 422],
      [fresh(), Array.from({ length: 201 }, (_, index) => `c${index}`).join(), 422],
    ]
    for (const [name, body, status] of cases) expect([name, (await send(name, body)).status]).toEqual([name, status])
    expect((await root.send('POST', '/admin/data/tables', '{"name":"x"}')).status).toBe(422)
    const { json } = await root.get('/admin/data/tables')
    expect(json.data.filter(({ name }: { name: string }) => name.includes('new_'))).toEqual([])
    const { handle, dialect } = await app.services.tables.source.open()
    expect(await dialect.changes.listTables(handle.db, '_atrium_new_')).toEqual([])
    expect(readdirSync(join(app.config.dataDir, 'incoming-tables'))).toEqual([])
    expect(await rowsInTables(app, 'select * from taken')).toEqual([])
  })

  it('M33 T09: for administrators with a recent proof', async () => {
    const eve = await app.person()
    const { body, type } = fileForm([
      ['name', 'eves'],
      ['file', { name: 'a.csv', bytes: 'a\n1' }],
    ])
    expect((await eve.send('POST', '/admin/data/tables', body, { 'content-type': type })).status).toBe(403)
    app.advance(601)
    expect((await send(fresh(), 'a\n1')).json.code).toBe('reauthentication_required')
  })
})
