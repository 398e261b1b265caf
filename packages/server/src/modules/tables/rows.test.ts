import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appWithTables, expose, filmShop, musicShop, rowsInTables, runInTables } from '../../../test/sample-tables.ts'
import type { TestApp, Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([...filmShop, ...musicShop])
  root = await app.holderOf(['admin'])
  for (const table of [
    'languages',
    'films',
    'actors',
    'film_actors',
    'loans',
    'staff',
    'invoices',
    'invoice_lines',
    'journal',
  ]) {
    await expose(root, table)
  }
  await root.post('/data/languages', [
    { code: 'de', name: 'German' },
    { code: 'ja', name: 'Japanese' },
  ])
})
afterAll(() => app.drop())
beforeEach(() =>
  runInTables(app, ['delete from loans', 'delete from film_actors', 'delete from films', 'delete from journal']),
)

const film = (more: object = {}) => ({ title: 'Harbour at dawn', language_code: 'de', ...more })

describe('T01: a row is made, read, changed, replaced and deleted', () => {
  it('T01: with the defaults of the database', async () => {
    const made = await root.post('/data/films', film())
    expect(made.status).toBe(201)
    const { film_id: id } = made.json
    expect(made.json).toEqual({
      film_id: expect.any(Number),
      title: 'Harbour at dawn',
      synopsis: null,
      language_code: 'de',
      original_language_code: null,
      minutes: 90,
      price: 2.5,
      views: 0,
      rating: null,
      in_stock: true,
      released: null,
      added_at: null,
      extras: null,
      poster: null,
      price_double: 5,
    })
    expect(made.headers.location).toBe(`/api/v1/data/films/${id}`)
    const read = await root.get(`/data/films/${id}`)
    expect([read.status, read.body, read.headers.etag]).toEqual([200, made.body, made.headers.etag])

    const changed = await root.patch(`/data/films/${id}`, { minutes: 100, synopsis: '' })
    expect(changed.json).toMatchObject({ minutes: 100, synopsis: '', title: 'Harbour at dawn' })
    const replaced = await root.put(`/data/films/${id}`, film({ title: 'Other', film_id: id }))
    expect(replaced.json).toMatchObject({ minutes: 90, synopsis: null, title: 'Other', price: 2.5 })
    expect((await root.delete(`/data/films/${id}`)).status).toBe(204)
    expect((await root.get(`/data/films/${id}`)).status).toBe(404)
    expect((await root.delete(`/data/films/${id}`)).status).toBe(404)
  })

  it('T01: many at once, in their order, or none', async () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      film({ title: `Film ${index}`, ...(index % 2 ? { minutes: 5 } : {}) }),
    )
    const made = await root.post('/data/films', many)
    expect(made.status).toBe(201)
    expect(made.json.data.map(({ title }: { title: string }) => title)).toEqual(many.map(({ title }) => title))
    expect(new Set(made.json.data.map(({ film_id }: { film_id: number }) => film_id)).size).toBe(300)
    const bad = await root.post('/data/films', [film(), film({ language_code: 'xx' })])
    expect([bad.status, bad.json.code]).toEqual([409, 'foreign_key_conflict'])
    const worse = await root.post('/data/films', [film(), film({ title: 7 })])
    expect([worse.status, worse.json.errors[0].pointer]).toEqual([422, '/1/title'])
    expect((await root.post('/data/films', Array(1001).fill(film()))).status).toBe(422)
    expect((await root.get('/data/films?count=exact&limit=1')).json.page.total).toBe(300)
  })

  it('T01: keys of several columns, and text that needs to be encoded', async () => {
    await root.post('/data/staff', { staff_id: 1, full_name: 'Ann' })
    await root.post('/data/invoices', { year: 2026, number: 7, staff_id: 1, total: '12.30' })
    const made = await root.post('/data/invoice_lines', { year: 2026, number: 7, line: 2, article: 'Record' })
    expect(made.headers.location).toBe('/api/v1/data/invoice_lines/2026,7,2')
    expect((await root.get('/data/invoice_lines/2026,7,2')).json).toMatchObject({ article: 'Record', quantity: 1 })
    for (const key of ['2026,7', '2026,7,2,1', '2026,7,x', '2026,7,', '2026%2C7%2C2']) {
      expect([key, (await root.get(`/data/invoice_lines/${key}`)).status]).toEqual([key, 404])
    }
    expect((await root.get('/data/invoice_lines/%')).status).toBe(400)
    const gone = await root.delete('/data/invoices/2026,7')
    expect([gone.status, gone.json.code]).toEqual([409, 'foreign_key_conflict'])
    const twice = await root.post('/data/invoices', { year: 2026, number: 7, staff_id: 1, total: 1 })
    expect([twice.status, twice.json.code]).toEqual([409, 'already_exists'])
    expect(twice.body).not.toMatch(/invoices_pkey|PRIMARY|constraint/i)
    await root.delete('/data/invoice_lines/2026,7,2')
  })

  it('T05: what does not fit is refused with the field and kept nowhere', async () => {
    const cases: [object, string, string][] = [
      [{ title: null }, '/title', 'required'],
      [{ title: 'x'.repeat(201) }, '/title', 'too_long'],
      [{ minutes: 1.5 }, '/minutes', 'wrong_type'],
      [{ minutes: '99999999999999999999' }, '/minutes', 'out_of_range'],
      [{ price: 1.234 }, '/price', 'out_of_range'],
      [{ price: 12345.6 }, '/price', 'out_of_range'],
      [{ in_stock: 1 }, '/in_stock', 'wrong_type'],
      [{ released: '2026-02-30' }, '/released', 'wrong_type'],
      [{ poster: 'no base64!' }, '/poster', 'wrong_type'],
      [{ price_double: 1 }, '/price_double', 'unknown_field'],
      [{ no_such: 1 }, '/no_such', 'unknown_field'],
      [{ __proto__x: 1 }, '/__proto__x', 'unknown_field'],
      [{ title: { $inc: 1 } }, '/title', 'wrong_type'],
      [{ title: ['a'] }, '/title', 'wrong_type'],
    ]
    for (const [more, pointer, code] of cases) {
      const answer = await root.post('/data/films', film(more))
      expect([answer.status, answer.json.errors?.[0]?.pointer, answer.json.errors?.[0]?.code]).toEqual([
        422,
        pointer,
        code,
      ])
    }
    const checked = await root.post('/data/films', film({ minutes: -1 }))
    expect([checked.status, checked.json.errors[0].code]).toEqual([422, 'check_failed'])
    const missing = await root.post('/data/films', { title: 'x' })
    expect([missing.status, missing.json.errors[0]]).toEqual([
      422,
      expect.objectContaining({ pointer: '/language_code', code: 'required' }),
    ])
    expect((await root.get('/data/films')).json.data).toEqual([])
  })

  it('T01: a table without a key is listed and added to', async () => {
    expect((await root.post('/data/journal', [{ entry: 'b' }, { entry: 'a' }])).status).toBe(201)
    const { json } = await root.get('/data/journal?sort=entry&limit=1')
    expect(json).toEqual({
      data: [{ entry: 'a', written: null }],
      page: { limit: 1, next_cursor: null, prev_cursor: null, has_more: true },
    })
    expect((await root.get('/data/journal/a')).status).toBe(404)
  })

  it('T01: tried, checked and taken back with dry_run', async () => {
    expect((await root.post('/data/films?dry_run=true', film())).status).toBe(200)
    expect((await root.post('/data/films?dry_run=true', film({ language_code: 'xx' }))).status).toBe(409)
    expect((await root.get('/data/films')).json.data).toEqual([])
  })
})

describe('values are exact on every engine', () => {
  it('M39: 64-bit integers and decimals with all their digits, as numbers or as text', async () => {
    const made = await root.post('/data/films', film({ views: '9223372036854775807', price: '1234.05' }))
    const { film_id: id } = made.json
    expect(made.body).toContain('"views":9223372036854775807')
    expect(made.body).toContain('"price":1234.05')
    const texts = await root.get(`/data/films/${id}`, { prefer: 'numbers=string' })
    expect(texts.json).toMatchObject({ views: '9223372036854775807', price: '1234.05', film_id: String(id) })
    expect((await root.get('/data/films?filter[views]=9223372036854775807')).json.data).toHaveLength(1)
    expect((await root.get('/data/films?filter[views]=9223372036854775806')).json.data).toHaveLength(0)
    expect(
      (await root.get('/data/films?filter[price][gte]=1234.05&filter[price][lte]=1234.05')).json.data,
    ).toHaveLength(1)
  })

  it('every type comes back as it was sent, null is not the empty text', async () => {
    const sent = {
      synopsis: '"quoted" \\ back\n\t\u0001 /\u007f 😀 é İ \u2028',
      rating: 0.1,
      in_stock: false,
      released: '1999-12-31',
      added_at: '2026-11-21T10:30:00.250Z',
      extras: { a: [1, 'x', null, true], b: { c: '' } },
      poster: Buffer.from([0, 1, 254, 255, 10, 39]).toString('base64'),
    }
    const { json } = await root.post('/data/films', film(sent))
    expect(json).toMatchObject(sent)
    const other = await root.post(
      '/data/films',
      film({ ...sent, synopsis: '', added_at: '2026-11-21T12:30:00.25+02:00' }),
    )
    expect(other.json).toMatchObject({ synopsis: '', added_at: sent.added_at })
    const big = Buffer.alloc(3000, 7).toString('base64')
    expect((await root.patch(`/data/films/${json.film_id}`, { poster: big })).json.poster).toBe(big)
    expect((await root.get('/data/films?filter[synopsis]=')).json.data).toHaveLength(1)
    expect((await root.get('/data/films?filter[synopsis][null]=true')).json.data).toHaveLength(0)
  })
})

describe('W11: nothing is overwritten silently', () => {
  it('W11: the ETag is of the content; a change in between is reported by field', async () => {
    const made = await root.post('/data/films', film({ views: 1 }))
    const path = `/data/films/${made.json.film_id}`
    const etag = String(made.headers.etag)
    expect((await root.get(path, { 'if-none-match': etag })).status).toBe(304)
    await runInTables(app, [`update films set views = 2, title = 'Changed elsewhere'`])
    expect((await root.get(path, { 'if-none-match': etag })).status).toBe(200)
    const refused = await root.patch(path, { title: 'Mine', minutes: 90 }, { 'if-match': etag })
    expect([refused.status, refused.json.code, refused.json.conflicts]).toEqual([
      412,
      'precondition_failed',
      [{ field: 'title', yours: 'Mine', theirs: 'Changed elsewhere' }],
    ])
    expect((await root.delete(path, { 'if-match': etag })).status).toBe(412)
    expect((await root.put(path, film(), { 'if-match': etag })).status).toBe(412)
    const now = String((await root.get(path)).headers.etag)
    const written = await root.patch(path, { title: 'Mine' }, { 'if-match': `"x", ${now}` })
    expect(written.status).toBe(200)
    expect((await root.patch(path, { title: 'Late' }, { 'if-match': now })).status).toBe(412)
    expect((await root.delete(path, { 'if-match': String(written.headers.etag) })).status).toBe(204)
  })

  it('W11: of two who change the same ETag at once, one is told', async () => {
    const made = await root.post('/data/films', film())
    const path = `/data/films/${made.json.film_id}`
    const headers = { 'if-match': String(made.headers.etag) }
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        [1, 2, 3].map((n) => root.patch(path, { title: `round ${round} ${n}` }, headers)),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412])
      headers['if-match'] = String(answers.find(({ status }) => status === 200)?.headers.etag)
    }
  })

  it('W11: counting is atomic', async () => {
    const { json } = await root.post('/data/films', film({ views: 5 }))
    const path = `/data/films/${json.film_id}`
    const results = await Promise.all(Array.from({ length: 10 }, () => root.patch(path, { views: { $inc: 3 } })))
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect((await root.get(path)).json.views).toBe(35)
    expect(
      (await root.patch(path, { views: { $dec: 5 }, price: { $mul: 2 }, rating: { $max: 4.5 } })).json,
    ).toMatchObject({
      views: 30,
      price: 5,
      rating: 4.5,
    })
    expect((await root.patch(path, { views: { $min: 7 }, rating: { $inc: 0.5 } })).json).toMatchObject({
      views: 7,
      rating: 5,
    })
    await root.patch(path, { views: '9223372036854775807' })
    const over = await root.patch(path, { views: { $inc: 1 } })
    expect([over.status, over.json.errors[0].code]).toEqual([422, 'out_of_range'])
    expect((await root.patch(path, { views: { $inc: 1, $dec: 1 } })).status).toBe(422)
    expect((await root.put(path, film({ views: { $inc: 1 } }))).status).toBe(422)
    const [row] = await rowsInTables<{ n: number }>(
      app,
      'select count(*) as n from films where views = 9223372036854775807',
    )
    expect(Number(row?.n)).toBe(1)
  })
})
