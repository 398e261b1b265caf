import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMigratedDatabase, testEngine } from '../../../test/databases.ts'
import { appWithTables, byEngine, expose, filmShop, musicShop, runInTables } from '../../../test/sample-tables.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let root: Visitor
beforeAll(async () => {
  app = await appWithTables([...filmShop, ...musicShop, 'create table _atrium_things (id integer)'])
  root = await app.holderOf(['admin'])
})
afterAll(() => app.drop())

const column = (table: { columns: { name: string }[] }, name: string) =>
  table.columns.find((item) => item.name === name)

describe('T02: what a database holds is found alike on every engine', () => {
  it('T02: tables and views, but none of ours', async () => {
    const { json } = await root.get('/admin/data/tables')
    expect(json.data.map((table: { name: string; kind: string }) => `${table.kind} ${table.name}`)).toEqual([
      'table actors',
      'table film_actors',
      'table films',
      'table invoice_lines',
      'table invoices',
      'table journal',
      'table languages',
      'table loans',
      'view long_films',
      'table staff',
    ])
    expect(json.data.every((table: { exposed: boolean }) => !table.exposed)).toBe(true)
  })

  it('T02: columns with type, limits, defaults, checks and computed values', async () => {
    const { json: films } = await root.get('/admin/data/tables/films')
    expect(films.key).toEqual(['film_id'])
    expect(films.columns.map((item: { name: string; type: string }) => `${item.name} ${item.type}`)).toEqual([
      'film_id integer',
      'title text',
      'synopsis text',
      'language_code text',
      'original_language_code text',
      'minutes integer',
      'price decimal',
      'views integer',
      'rating number',
      'in_stock boolean',
      'released date',
      'added_at datetime',
      'extras json',
      'poster binary',
      'price_double decimal',
    ])
    expect(column(films, 'title')).toMatchObject({
      nullable: false,
      has_default: false,
      max_length: 200,
      writable: true,
    })
    expect(column(films, 'price')).toMatchObject({ precision: 6, scale: 2, has_default: true, nullable: false })
    expect(column(films, 'synopsis')).toMatchObject({ nullable: true, has_default: false })
    expect(column(films, 'price_double')).toMatchObject({ generated: true, writable: false })
    expect(films.checks.join()).toMatch(/minutes/)
    expect(films.writable).toEqual({ insert: true, update: true, delete: true })
  })

  it('T02: keys of one and several columns, unique keys, relations both ways', async () => {
    const { json: films } = await root.get('/admin/data/tables/films')
    const namesOf = (table: { relations: { name: string; kind: string; table: string }[] }) =>
      table.relations.map(({ name, kind, table: other }) => `${name} ${kind} ${other}`).sort()
    expect(namesOf(films)).toEqual([
      'film_actors many film_actors',
      'language_code_row one languages',
      'loans many loans',
      'original_language_code_row one languages',
    ])
    const { json: links } = await root.get('/admin/data/tables/film_actors')
    expect(links.key).toEqual(['film_id', 'actor_id'])
    expect(namesOf(links)).toEqual(['actor one actors', 'film one films'])
    const { json: lines } = await root.get('/admin/data/tables/invoice_lines')
    expect(lines.key).toEqual(['year', 'number', 'line'])
    expect(lines.relations).toEqual([
      { name: 'invoices', kind: 'one', table: 'invoices', columns: ['year', 'number'], references: ['year', 'number'] },
    ])
    const { json: staff } = await root.get('/admin/data/tables/staff')
    expect(namesOf(staff)).toEqual(['invoices many invoices', 'reports_to_row one staff', 'staff many staff'])
    const { json: languages } = await root.get('/admin/data/tables/languages')
    expect(languages.uniques).toEqual([['name']])
    expect((await root.get('/admin/data/tables/journal')).json.key).toEqual([])
  })

  it('M32: system tables, our own and what is not exposed are not found, whoever asks', async () => {
    const names = ['users', 'sessions', 'audit_log', 'sqlite_master', 'sqlite_schema', 'pg_catalog.pg_user', 'pg_class']
    const more = [
      'information_schema.tables',
      'mysql.user',
      '_atrium_things',
      'data_tables',
      'films',
      '__proto__',
      'constructor',
    ]
    for (const name of [...names, ...more]) {
      const path = `/data/${encodeURIComponent(name)}`
      for (const answer of [
        await root.get(path),
        await root.get(`${path}/schema`),
        await root.get(`${path}/aggregate`),
        await root.get(`${path}/1`),
        await root.post(path, { a: 1 }),
        await root.post(`${path}/query`, {}),
        await root.put(`${path}/1`, { a: 1 }),
        await root.patch(`${path}/1`, { a: 1 }),
        await root.delete(`${path}/1`),
      ]) {
        expect([name, answer.status, answer.json.code]).toEqual([name, 404, 'not_found'])
      }
    }
    expect((await root.get('/data')).json.data).toEqual([])
  })

  it('T02: a changed schema is seen after refresh', async () => {
    await runInTables(app, ['create table later (id integer not null primary key)'])
    const { json } = await root.post('/admin/data/refresh')
    expect(json.data.map(({ name }: { name: string }) => name)).toContain('later')
  })
})

describe('T04: what the database does not let be written', () => {
  it('T04: a view is read only', async () => {
    await expose(root, 'long_films', { key: ['film_id'] })
    const { json } = await root.get('/data/long_films/schema')
    expect(json.key).toEqual(['film_id'])
    const isWritable = testEngine !== 'sqlite'
    expect(json.actions).toEqual(isWritable ? ['list', 'get', 'create', 'update', 'delete'] : ['list', 'get'])
    if (isWritable) return
    const answer = await root.post('/data/long_films', { title: 'x' })
    expect([answer.status, answer.json.code]).toEqual([403, 'read_only_source'])
  })
})

describe('M32: where the tables lie in our own database', () => {
  const other = byEngine({ sqlite: '', postgres: 'localhost', mariadb: 'localhost' })
  it.each(['', other].filter((host, index) => index === 0 || host !== ''))(
    'M32: ours stay invisible (%s)',
    async (host) => {
      const given = await createMigratedDatabase()
      const url =
        given.url === '' ? `sqlite:///${given.dataDir}/atrium.db` : given.url.replace('127.0.0.1', host || '127.0.0.1')
      const shared = await createTestApp({ TABLES_URL: url }, {}, given)
      await runInTables(shared, ['create table notes (id integer not null primary key, users integer)'])
      const boss = await shared.holderOf(['admin'])
      const { json } = await boss.get('/admin/data/tables')
      expect(json.data.map(({ name }: { name: string }) => name)).toEqual(['notes'])
      for (const name of ['users', 'sessions', 'USERS', 'migrations', 'data_tables', 'message_search']) {
        expect((await boss.put(`/admin/data/tables/${name}`, { exposed: true })).status).toBe(404)
      }
      expect(
        (await boss.post('/admin/data/tables', { name: 'users', columns: [{ name: 'a', type: 'text' }] })).status,
      ).toBe(409)
      await expose(boss, 'notes', { realtime: true })
      // Events of ours and of rows lie side by side, under names of their own.
      const room = await shared.conversation(boss, await shared.person())
      for (const id of [1, 2]) {
        await boss.post(`/conversations/${room}/messages`, { client_id: `m${id}`, text: 'one of ours' })
        expect((await boss.post('/data/notes', { id, users: 2 })).status).toBe(201)
      }
      const ours = await shared.database.db.selectFrom('events').select('stream_id').execute()
      expect(ours.filter(({ stream_id }) => stream_id.startsWith('table:'))).toEqual([])
      const ofRows = sql<{ head: number }>`select head from _atrium_streams`
      expect((await ofRows.execute(shared.database.db)).rows.map(({ head }) => Number(head))).toEqual([2])
      await shared.drop()
    },
  )
})
