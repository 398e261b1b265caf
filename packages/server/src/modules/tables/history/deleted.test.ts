import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { fillNotes, notesApp, rules } from '../../../../test/notes-tables.ts'
import { appWithTables, expose, filmShop, rowsInTables, runInTables } from '../../../../test/sample-tables.ts'
import { recordHeads, type TestApp, type Visitor } from '../../../../test/test-app.ts'

const roles = {
  ...rules.rules,
  user: { ...rules.rules.user, actions: [...rules.rules.user.actions, 'delete'] },
}
const settings = { ...rules, rules: roles, soft_delete: true, realtime: true, revisions: true }

let setting: Awaited<ReturnType<typeof notesApp>>
let app: TestApp
let root: Visitor
let ann: Visitor
let ben: Visitor
beforeAll(async () => {
  setting = await notesApp()
  ;({ app, root, ann, ben } = setting)
  await expose(root, 'notes', settings)
})
afterAll(() => app.drop())
beforeEach(async () => {
  await fillNotes(setting)
  for (const name of ['_atrium_deleted', '_atrium_events', '_atrium_revisions', 'vault']) {
    await rowsInTables(app, `delete from ${name}`)
  }
})

const outcome = ({ status, json, body }: Awaited<ReturnType<Visitor['get']>>) => [status, body === '' ? '' : json.code]
const deletedKeys = async () =>
  (await root.get('/admin/data/tables/notes/deleted')).json.data.map(({ key }: { key: string }) => key)

async function everywhere(who: Visitor) {
  const answers = [
    await who.get('/data/notes?count=exact&sort=id'),
    await who.get('/data/notes?filter[title]=public'),
    await who.get('/data/notes?search=public'),
    await who.get('/data/notes/aggregate?metrics=count'),
    await who.get('/data/writers?expand=notes&sort=id'),
    await who.get('/data/notes/export?format=json'),
  ]
  return answers.map(({ status, body }) => [status, body])
}

it('a deleted row is nowhere, is told as deleted, and comes back as it was', async () => {
  const [before, etag] = [await everywhere(ben), (await ben.get('/data/notes/1')).headers.etag]
  const heads = recordHeads(app.bus)
  expect((await ben.delete('/data/notes/1', { 'if-match': String(etag) })).status).toBe(204)
  const gone = await everywhere(ben)
  expect(gone.every(([status]) => status === 200)).toBe(true)
  expect(JSON.stringify(gone)).not.toContain('public"')
  const never = await ben.get('/data/notes/99')
  const missing = await ben.get('/data/notes/1')
  const comparable = ({ json }: typeof missing) => ({ ...json, instance: '', request_id: '' })
  expect([missing.status, comparable(missing)]).toEqual([404, comparable(never)])
  expect((await rowsInTables(app, 'select id from notes where id = 1')).length).toBe(0)

  const restored = await ben.post('/data/notes/1/restore')
  expect([restored.status, restored.headers.etag]).toEqual([200, etag])
  expect(await everywhere(ben)).toEqual(before)
  const [row] = await rowsInTables<{ secret: string; score: number }>(
    app,
    'select secret, score from notes where id = 1',
  )
  expect({ ...row }).toEqual({ secret: 's3', score: 10 })
  const events = await rowsInTables<{ refs: string | { action: string } }>(
    app,
    'select refs from _atrium_events order by seq',
  )
  expect(events.map(({ refs }) => (typeof refs === 'string' ? JSON.parse(refs) : refs).action)).toEqual([
    'delete',
    'insert',
  ])
  expect(heads.length).toBe(2)
  const history = (await root.get('/data/notes/1/revisions')).json.data
  expect(history.map(({ action }: { action: string }) => action)).toEqual(['insert', 'delete', 'found'])
  expect(outcome(await ben.post('/data/notes/1/restore'))).toEqual([404, 'not_found'])
})

it('AZ2: only who may delete a row brings it back; of others it is not told that it was there', async () => {
  const guest = await app.holderOf(['guest'])
  await root.delete('/data/notes/1')
  await root.delete('/data/notes/3')
  const never = await ann.post('/data/notes/99/restore')
  const hidden = await ann.post('/data/notes/3/restore')
  expect([outcome(never), outcome(hidden)]).toEqual([
    [404, 'not_found'],
    [404, 'not_found'],
  ])
  expect(outcome(await guest.post('/data/notes/1/restore'))).toEqual([403, 'forbidden'])
  expect(outcome(await app.visitor().post('/data/notes/1/restore'))).toEqual([401, 'authentication_required'])
  expect((await ann.get('/admin/data/tables/notes/deleted')).status).toBe(403)
  expect((await ann.delete('/admin/data/tables/notes/deleted')).status).toBe(403)
  // Whether the place of a row that one does not see is taken, is not told either.
  await runInTables(app, [`insert into notes (id, title) values (3, 'again')`])
  expect(outcome(await ann.post('/data/notes/3/restore'))).toEqual([404, 'not_found'])
  expect(outcome(await ben.post('/data/notes/3/restore'))).toEqual([409, 'already_exists'])
  expect((await ann.post('/data/notes/1/restore')).status).toBe(200)
  expect(outcome(await root.post('/data/writers/1/restore'))).toEqual([404, 'not_found'])
})

it('of many, in batches and again with a key: all or none', async () => {
  const atMost = { prefer: 'max-affected=9' }
  expect((await root.delete('/data/notes?filter[id][lt]=3', atMost)).json).toEqual({ affected: 2 })
  expect((await deletedKeys()).sort()).toEqual(['1', '2'])
  const restore = (id: number) => ({ id: `r${id}`, method: 'POST', path: `/data/notes/${id}/restore` })
  const refused = await root.post('/batch', { requests: [restore(1), restore(9), restore(2)] })
  expect([refused.status, refused.json.index]).toEqual([409, 1])
  expect((await deletedKeys()).sort()).toEqual(['1', '2'])
  expect((await root.post('/data/notes/1/restore?dry_run=true')).status).toBe(200)
  expect((await deletedKeys()).sort()).toEqual(['1', '2'])
  const back = () => root.post('/batch', { requests: [restore(1), restore(2)] }, { 'idempotency-key': 'back' })
  expect([(await back()).status, (await back()).headers['idempotency-replayed']]).toEqual([200, 'true'])
  expect(await deletedKeys()).toEqual([])
  await root.delete('/data/notes/1')
  const once = () => root.post('/data/notes/1/restore', undefined, { 'idempotency-key': 'one' })
  expect([(await once()).status, (await once()).headers['idempotency-replayed']]).toEqual([200, 'true'])
  expect((await root.delete('/data/notes/2?dry_run=true')).status).toBe(204)
  expect(await deletedKeys()).toEqual([])
})

it('is not done to a row that others point to, and one comes back only to what it points to', async () => {
  await runInTables(app, [`insert into vault values (1, 1, 'x')`])
  expect(outcome(await root.delete('/data/notes/1'))).toEqual([409, 'foreign_key_conflict'])
  expect(await deletedKeys()).toEqual([])
  await root.delete('/data/notes/2')
  await runInTables(app, ['delete from notes where writer_id = 2', 'delete from writers where id = 2'])
  expect(outcome(await root.post('/data/notes/2/restore'))).toEqual([409, 'foreign_key_conflict'])
  expect(await deletedKeys()).toEqual(['2'])
})

it('is listed for administrators, page by page, and forgotten when they say so or after 30 days', async () => {
  for (const id of [1, 2, 3]) {
    app.advance(1)
    await root.delete(`/data/notes/${id}`)
  }
  const first = await root.get('/admin/data/tables/notes/deleted?limit=2')
  const keys = ({ json }: typeof first) => json.data.map(({ key }: { key: string }) => key)
  expect([keys(first), first.json.page.has_more]).toEqual([['3', '2'], true])
  expect(first.json.data[0]).toMatchObject({
    deleted_by: root.userId,
    record: { id: 3, title: 'of ben', secret: 's2' },
  })
  const cursor = encodeURIComponent(first.json.page.next_cursor)
  const rest = await root.get(`/admin/data/tables/notes/deleted?limit=2&cursor=${cursor}`)
  expect([keys(rest), rest.json.page.next_cursor]).toEqual([['1'], null])
  expect((await root.delete('/admin/data/tables/notes/deleted?key=2')).status).toBe(204)
  expect(outcome(await root.delete('/admin/data/tables/notes/deleted?key=2'))).toEqual([404, 'not_found'])
  expect(outcome(await root.post('/data/notes/2/restore'))).toEqual([404, 'not_found'])
  await app.services.tables.deleted.purgeOld()
  expect(await deletedKeys()).toEqual(['3', '1'])
  expect((await root.delete('/admin/data/tables/notes/deleted')).status).toBe(204)
  expect(await deletedKeys()).toEqual([])
  await root.post('/data/notes', { id: 7, title: 'old' })
  await root.delete('/data/notes/7')
  await rowsInTables(app, `update _atrium_deleted set deleted_at = '2020-01-01 00:00:00'`)
  expect(await app.services.tables.deleted.purgeOld()).toBe(1)
  expect(await deletedKeys()).toEqual([])
})

it('takes nothing along that the database would delete or empty with it, but a row that points to itself or goes too', async () => {
  const nests = await appWithTables([
    'create table nests (id integer not null primary key, inside integer, foreign key (inside) references nests (id) on delete cascade)',
    'create table eggs (id integer not null primary key, nest integer, foreign key (nest) references nests (id) on delete set null)',
  ])
  const admin = await nests.holderOf(['admin'])
  await expose(admin, 'nests', { soft_delete: true })
  await runInTables(nests, [
    'insert into nests values (1, null)',
    'insert into nests values (2, 1)',
    'insert into nests values (3, 3)',
    'insert into nests values (4, null)',
    'insert into eggs values (1, 4)',
  ])
  for (const id of [1, 4]) {
    expect(outcome(await admin.delete(`/data/nests/${id}`))).toEqual([409, 'foreign_key_conflict'])
  }
  expect((await admin.delete('/data/nests/3')).status).toBe(204)
  expect((await admin.post('/data/nests/3/restore')).json).toEqual({ id: 3, inside: 3 })
  const both = await admin.delete('/data/nests?filter[id][lt]=3', { prefer: 'max-affected=2' })
  expect(both.json).toEqual({ affected: 2 })
  expect(outcome(await admin.post('/data/nests/2/restore'))).toEqual([409, 'foreign_key_conflict'])
  for (const id of [1, 2]) expect((await admin.post(`/data/nests/${id}/restore`)).status).toBe(200)
  const rows = await rowsInTables<{ id: number; inside: number | null }>(
    nests,
    'select id, inside from nests order by id',
  )
  expect(rows.map(({ id, inside }) => [id, inside])).toEqual([
    [1, null],
    [2, 1],
    [3, 3],
    [4, null],
  ])
  await nests.drop()
})

it('every type comes back as it was, and what cannot be kept is refused', async () => {
  const shop = await appWithTables(filmShop)
  const admin = await shop.holderOf(['admin'])
  await expose(admin, 'languages')
  await expose(admin, 'films', { soft_delete: true })
  const refused = await admin.put('/admin/data/tables/long_films', { exposed: true, soft_delete: true })
  expect([refused.status, refused.json.errors[0].pointer]).toEqual([422, '/soft_delete'])
  await admin.post('/data/languages', { code: 'en', name: 'English' })
  const long = 'ä'.repeat(20_000)
  const made = await admin.post('/data/films', {
    ...{ title: 'Ünïcode " \' \\ 😀', synopsis: long, language_code: 'en', minutes: null, price: '12.50', rating: 0.1 },
    ...{ views: '9007199254740993', in_stock: false, released: '1999-12-31', added_at: '2026-01-02T03:04:05.678Z' },
    ...{ extras: { a: [1, 'x', null] }, poster: Buffer.from([0, 255, 10]).toString('base64') },
  })
  expect(made.status, made.body).toBe(201)
  const path = `/data/films/${made.json.film_id}`
  const before = await admin.get(path)
  expect((await admin.delete(path)).status).toBe(204)
  const after = await admin.post(`${path}/restore`)
  expect([after.status, after.body, after.headers.etag]).toEqual([200, before.body, before.headers.etag])
  const next = await admin.post('/data/films', { title: 'next', language_code: 'en' })
  expect(next.json.film_id).toBeGreaterThan(made.json.film_id)
  await shop.drop()
})
