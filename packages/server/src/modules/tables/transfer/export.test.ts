import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appWithTables, byEngine, expose, filmShop, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import { actorOf, type TestApp, type Visitor } from '../../../../test/test-app.ts'

const bytes = byEngine({ sqlite: 'blob', postgres: 'bytea', mariadb: 'varbinary(16)' })
const literal = (hex: string) => byEngine({ sqlite: `x'${hex}'`, postgres: `'\\x${hex}'`, mariadb: `x'${hex}'` })
const wide = byEngine({ sqlite: 'bigint', postgres: 'numeric(30,10)', mariadb: 'decimal(30,10)' })

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([
    ...filmShop,
    `create table readings (id bigint not null primary key, place varchar(40) not null, level integer, note varchar(40))`,
    `create table pairs (a varchar(20), b integer)`,
    `create table tokens (token ${bytes} not null primary key, n integer)`,
    `create table exact (id bigint not null primary key, amount ${wide})`,
  ])
  root = await app.holderOf(['admin'])
  for (const table of ['languages', 'films', 'readings', 'pairs', 'tokens', 'exact']) await expose(root, table)
  await root.post('/data/languages', { code: 'de', name: 'German' })
})
afterAll(() => app.drop())

const lines = (text: string) => text.trimEnd().split('\n')
const ids = (text: string) => lines(text).map((line) => JSON.parse(line).id as number)

/** 5,000 rows, of which each level is there many times and some have none. */
async function fill() {
  await runInTables(app, ['delete from readings'])
  for (let start = 0; start < 5000; start += 1000) {
    const values = Array.from({ length: 1000 }, (_, index) => {
      const id = start + index + 1
      return `(${id}, 'p${id % 3}', ${id % 11 === 0 ? 'null' : id % 7}, ${id % 5 === 0 ? "''" : 'null'})`
    })
    await runInTables(app, [`insert into readings (id, place, level, note) values ${values.join(',')}`])
  }
}

describe('T07: rows leave as a file', () => {
  it('T07 M44: CSV tells null from the empty text, keeps every digit, and has no formula', async () => {
    await root.post('/data/films', [
      {
        title: '=cmd()',
        synopsis: '',
        language_code: 'de',
        views: '9007199254740993',
        price: '1234.50',
        poster: 'AAH/',
      },
      {
        title: 'a "quoted", one\r\nof two lines',
        language_code: 'de',
        released: '2026-02-28',
        extras: { a: [1, null] },
      },
      {
        title: "'=x",
        synopsis: '-1',
        language_code: 'de',
        added_at: '2026-11-21T14:30:00.5Z',
        in_stock: false,
        rating: -0.5,
      },
    ])
    const columns = 'title,synopsis,views,price,poster,released,extras,added_at,in_stock,rating,minutes'
    const { status, headers, body } = await root.get(`/data/films/export?fields=${columns}`)
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="films.csv"',
    ])
    expect(body.replace('{""a"": [1, null]}', '{""a"":[1,null]}').split('\r\n')).toEqual([
      columns
        .split(',')
        .map((name) => `"${name}"`)
        .join(),
      '"\'=cmd()","",9007199254740993,1234.50,"AAH/",,,,true,,90',
      '"a ""quoted"", one',
      'of two lines",,0,2.50,,"2026-02-28","{""a"":[1,null]}",,true,,90',
      '"\'\'=x","\'-1",0,2.50,,,,"2026-11-21T14:30:00.500Z",false,-0.5,90',
      '',
    ])
  })

  it('T07: JSON and NDJSON are the rows of the list, numbers digit by digit', async () => {
    await runInTables(app, ['insert into exact values (9223372036854775807, 12345678901234567), (1, null)'])
    const list = await root.get('/data/exact')
    const rows = list.body.slice('{"data":['.length, list.body.indexOf('],"page"'))
    const ndjson = await root.get('/data/exact/export?format=ndjson')
    expect(ndjson.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(lines(ndjson.body).join()).toBe(rows)
    expect(ndjson.body).toContain('9223372036854775807')
    const json = await root.get('/data/exact/export?format=json')
    expect(json.body.replaceAll('\n', '')).toBe(`[${rows}]`)
    const texts = await root.get('/data/exact/export?format=json', { prefer: 'numbers=string' })
    expect(JSON.parse(texts.body)[1].id).toBe('9223372036854775807')
    expect((await root.get('/data/exact/export?format=json&filter[id]=2')).json).toEqual([])
    expect((await root.get('/data/exact/export?format=ndjson&filter[id]=2')).body).toBe('')
    expect((await root.get('/data/exact/export?filter[id]=2')).body).toBe('"id","amount"\r\n')
  })

  it('T07: every row once, in the order asked for, however many there are', async () => {
    await fill()
    const all = await root.get('/data/readings/export?format=ndjson')
    expect(ids(all.body)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1))
    const sorted = ids((await root.get('/data/readings/export?format=ndjson&sort=-level,note')).body)
    const order = await rowsInTables<{ id: number }>(
      app,
      'select id from readings order by case when level is null then 1 else 0 end, level desc, case when note is null then 1 else 0 end, note, id',
    )
    expect(sorted).toEqual(order.map(({ id }) => Number(id)))
    const some = await root.get('/data/readings/export?format=ndjson&filter[place]=p1&filter[id][lte]=3000&search=p')
    expect(ids(some.body)).toEqual(Array.from({ length: 1000 }, (_, index) => index * 3 + 1))
  })

  it('T07: a key of bytes, and a table without a key', async () => {
    const values = Array.from(
      { length: 700 },
      (_, n) => `(${literal((n * 77_777).toString(16).padStart(8, '0'))}, ${n})`,
    )
    await runInTables(app, [`insert into tokens values ${values.join(',')}`])
    const rows = lines((await root.get('/data/tokens/export?format=ndjson')).body).map((line) => JSON.parse(line).n)
    expect(rows).toEqual(Array.from({ length: 700 }, (_, n) => n))
    const page = (await root.get('/data/tokens?limit=5')).json.page.next_cursor
    expect((await root.get(`/data/tokens?limit=1&cursor=${encodeURIComponent(page)}`)).json.data[0].n).toBe(5)

    const twins = Array.from({ length: 1000 }, () => "('same', 1)").join(',')
    for (let i = 0; i < 10; i++) await runInTables(app, [`insert into pairs values ${twins}`])
    expect(lines((await root.get('/data/pairs/export')).body)).toHaveLength(10_001)
    await runInTables(app, ["insert into pairs values ('same', 1)"])
    const over = await root.get('/data/pairs/export')
    expect([over.status, over.json.code]).toEqual([400, 'bad_filter'])
  })

  it('T07: what a list refuses is refused before a byte leaves', async () => {
    for (const query of ['sort=nope', 'fields=nope', 'fields=language_code_row.name', 'filter[nope]=1', 'filter={']) {
      const { status, json } = await root.get(`/data/films/export?${query}`)
      expect([query, status, json.code]).toEqual([query, 400, 'bad_filter'])
    }
    expect((await root.get('/data/films/export?limit=5')).json.code).toBe('unknown_field')
    expect((await root.get('/data/films/export?format=xml')).status).toBe(422)
    expect((await root.get('/data/nothing/export')).status).toBe(404)
    const head = await root.send('HEAD' as 'GET', '/data/readings/export')
    expect([head.status, head.body, head.headers['content-type']]).toEqual([200, '', 'text/csv; charset=utf-8'])
  })
})

describe('AZ4: an export goes through the rules', () => {
  it('AZ4 M33: hidden rows and columns are not in it, and influence nothing', async () => {
    await fill()
    await expose(root, 'readings', {
      rules: { user: { actions: ['list'], rows: { place: 'p1' }, fields: { read: ['id', 'place'] } } },
    })
    const eve = await app.person()
    const { body } = await eve.get('/data/readings/export?format=ndjson')
    expect(ids(body)).toEqual(Array.from({ length: 1667 }, (_, index) => index * 3 + 1))
    expect(JSON.parse(lines(body)[0] ?? '')).toEqual({ id: 1, place: 'p1' })
    expect(lines((await eve.get('/data/readings/export')).body)[0]?.trim()).toBe('"id","place"')
    for (const query of ['sort=level', 'fields=note', 'filter[level]=1']) {
      expect((await eve.get(`/data/readings/export?${query}`)).json.code).toBe('bad_filter')
    }
    expect((await eve.get('/data/films/export')).status).toBe(404)
    expect((await app.visitor().get('/data/readings/export')).status).toBe(401)
  })

  it('AZ4: rules that change while it runs count at once; somebody who leaves ends it', async () => {
    await fill()
    const rules = { user: { actions: ['list'], rows: { place: 'p1' } } }
    await expose(root, 'readings', { rules })
    const eve = await app.person()
    const actor = actorOf(eve)
    const request = { table: 'readings', format: 'ndjson', query: {}, exactAsText: false } as const
    const { exporting } = app.services.tables

    const cut = (await exporting.export(actor, request)).text
    await cut.next()
    await cut.next()
    await expose(root, 'readings', { rules: {} })
    await expect(cut.next()).rejects.toMatchObject({ code: 'not_found' })

    await expose(root, 'readings', { rules: { user: { actions: ['list'], fields: { read: ['id', 'place'] } } } })
    const left = (await exporting.export(actor, request)).text
    await left.next()
    await left.next()
    await left.return()
    expect((await left.next()).done).toBe(true)
  })

  it('T07: rows that come and go meanwhile neither double nor hide the others; others have their turn', async () => {
    await fill()
    await expose(root, 'readings')
    const actor = actorOf(root, { roles: ['admin'], permissions: ['*'] })
    const request = { table: 'readings', format: 'ndjson', query: {}, exactAsText: false } as const
    const { text } = await app.services.tables.exporting.export(actor, request)
    let seen = ''
    let batches = 0
    let turns = 0
    let isOver = false
    const count = () => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    for await (const part of text) {
      seen += part
      if (++batches === 2)
        await runInTables(app, [
          'delete from readings where id in (1, 2, 4000)',
          "insert into readings (id, place) values (-5, 'p'), (6000, 'p')",
        ])
    }
    isOver = true
    const expected = [...Array.from({ length: 5000 }, (_, index) => index + 1).filter((id) => id !== 4000), 6000]
    expect(ids(seen)).toEqual(expected)
    expect(turns).toBeGreaterThanOrEqual(batches - 3)
    const [event] = (await root.get('/admin/audit?event_type=data_export&limit=1')).json.data
    expect(event).toMatchObject({
      resource: { type: 'table', id: 'readings' },
      detail: { format: 'ndjson', columns: 4 },
    })
  })
})
