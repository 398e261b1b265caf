import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import guestBook from '../../../../examples/guest-book/index.ts'
import { createMigratedDatabase, createTestDatabase, silent, testEngine } from '../../test/databases.ts'
import { connect } from '../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../test/test-app.ts'
import { backUp, restore } from '../backups.ts'
import { type Config, loadConfig } from '../config/config.ts'
import { command, defineModule, pageOf, Type } from '../index.ts'
import { sumTables } from '../platform/db/transfer/dump.ts'
import { tablesOf } from './build-modules.ts'
import type { AtriumModule } from './module.ts'

const entries = '/api/v1/modules/guest-book/entries'
let app: TestApp
let ann: Visitor
let bob: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', GUEST_BOOK_ENTRIES_PER_DAY: '2' }, { modules: [guestBook] })
  await app.listen()
  ann = await app.person('ann')
  bob = await app.person('bob')
})
afterAll(() => app.drop())

describe('I02: a module of others', () => {
  it('has routes with rules, problem documents, pages and a place in the document of the API', async () => {
    expect((await app.visitor().get(entries)).json.code).toBe('authentication_required')
    const written = await ann.post(entries, { text: 'What a view!' })
    expect([written.status, written.json.author]).toEqual([201, 'ann'])
    expect((await ann.post(entries, { text: '' })).json.errors[0].pointer).toBe('/text')
    expect((await ann.post(entries, { text: 'x', author: 'bob' })).json.code).toBe('unknown_field')
    await bob.post(entries, { text: 'And the food' })
    const first = await bob.get(`${entries}?limit=1`)
    expect(first.json.data.map(({ author }: { author: string }) => author)).toEqual(['bob'])
    const second = await bob.get(`${entries}?limit=1&cursor=${first.json.page.next_cursor}`)
    expect(second.json.data).toEqual([written.json])
    expect((await bob.get(`${entries}?cursor=made.up`)).json.code).toBe('bad_cursor')

    const { paths, components } = app.http.swagger() as unknown as {
      paths: Record<string, never>
      components: { schemas: object }
    }
    expect(paths[entries]).toMatchObject({
      get: { operationId: 'listGuestBookEntries', 'x-access': 'guest_book:read' },
    })
    expect(components.schemas).toHaveProperty('GuestBookEntry')
    expect((await app.visitor().get('/problems/guest_book_full')).body).toContain('Come back tomorrow')
  })

  it('has permissions that roles, keys and administrators know, and nobody has who was not given them', async () => {
    const admin = await app.holderOf(['admin'])
    const names = (await admin.get('/admin/permissions')).json.data.map(({ name }: { name: string }) => name)
    expect(names).toContain('guest_book:remove')
    const role = { name: 'reader', permissions: ['guest_book:read'] }
    expect((await admin.post('/admin/roles', role)).status).toBe(201)
    expect((await admin.post('/admin/roles', { name: 'other', permissions: ['guest_book:burn'] })).status).toBe(422)
    const reader = await app.holderOf(['reader'])
    expect((await reader.get(entries)).status).toBe(200)
    const refused = await reader.post(entries, { text: 'let me' })
    expect([refused.status, refused.json.required_permission]).toEqual([403, 'guest_book:write'])
    const { key } = (await ann.post('/users/me/api-keys', { name: 'k', scopes: ['guest_book:read'] })).json
    const byKey = (method: 'GET' | 'POST') =>
      app.visitor().send(method, entries, method === 'POST' ? { text: 'by key' } : undefined, { 'x-api-key': key })
    expect([(await byKey('GET')).status, (await byKey('POST')).json.code]).toEqual([200, 'scope_missing'])
  })

  it('writes what an administrator does to the audit log, and only what it declared', async () => {
    const admin = await app.holderOf(['admin'])
    const { id } = (await ann.post(entries, { text: 'rude words' })).json
    expect((await bob.delete(`${entries}/${id}`)).json.code).toBe('guest_book_entry_not_found')
    expect((await admin.delete(`${entries}/${id}`)).status).toBe(204)
    const found = await admin.get('/admin/audit?event_type=guest_book.entry_removed')
    expect(found.json.data[0]).toMatchObject({ category: 'data', user_id: ann.userId, resource: { id } })
    expect((await app.services.auditVerifier.verify()).ok).toBe(true)
  })

  it('is live: commands by socket, events in its own stream, caught up with by whoever was away', async () => {
    const [one, two] = [await connect(app, ann), await connect(app, bob)]
    const answer = await one.ask('guest_book.write', { text: 'by socket' })
    expect(answer).toMatchObject({ ok: true, data: { author: 'ann' } })
    const told = await two.hears('guest_book.entry_created', ({ data }) => data.id === answer.data.id)
    expect([told.stream, told.data]).toEqual(['guest-book:board', answer.data])
    // The second of today was the last: the one that was removed does not count.
    expect((await one.ask('guest_book.write', { text: 'more' })).error.code).toBe('guest_book_full')
    await ann.delete(`${entries}/${answer.data.id}`)
    await two.hears('guest_book.entry_removed', ({ data }) => data.id === answer.data.id)
    const missed = await bob.post('/sync', { streams: { 'guest-book:board': told.seq - 1 }, only: true })
    // What is gone is told without what it said.
    expect(missed.json.events.map(({ type }: { type: string }) => type)).toEqual([
      'skipped',
      'guest_book.entry_removed',
    ])
    one.close()
    two.close()
  })

  it('M46: is heard no more by who loses the permission', async () => {
    const admin = await app.holderOf(['admin'])
    const role = { name: 'listener', permissions: ['events:read', 'guest_book:read', 'account:read'] }
    await admin.post('/admin/roles', role)
    const listener = await connect(app, await app.holderOf(['listener']))
    await admin.post(entries, { text: 'first' })
    await listener.hears('guest_book.entry_created', ({ data }) => data.text === 'first')
    await admin.patch('/admin/roles/listener', { permissions: ['events:read', 'account:read'] })
    const other = await connect(app, bob)
    const isHeard = async () => {
      const { id } = (await (await app.person()).post(entries, { text: 'and now?' })).json
      await other.hears('guest_book.entry_created', ({ data }) => data.id === id)
      return listener.heard.some(({ data }) => (data as { id?: string } | undefined)?.id === id)
    }
    await expect.poll(isHeard).toBe(false)
    listener.close()
    other.close()
  })

  it('forgets whom the server forgets, and none of its tables is offered to others or left out of a backup', async () => {
    const eve = await app.person('eve')
    await eve.post(entries, { text: 'I was here' })
    const authors = async () => (await bob.get(entries)).json.data.map(({ author }: { author: string }) => author)
    expect(await authors()).toContain('eve')
    await app.services.erasure.erase(eve.userId)
    const left = await authors()
    expect([left.includes('eve'), left.includes('somebody')]).toEqual([false, false])
    const sums = await sumTables(app.database)
    expect(sums.guest_book_entries?.rows).toBe(left.length)
    const admin = await app.holderOf(['admin'])
    const offered = await admin.get('/admin/tables')
    expect(JSON.stringify(offered.json)).not.toContain('guest_book')
  })
})

it('F32: rows of a module come back from a backup, into a server that has the module and into no other', async () => {
  const file = join(app.config.dataDir, 'with-modules.backup')
  const toolsOf = (config: Config, modules = tablesOf([guestBook])) => ({
    ...{ config, modules, log: silent, version: '0.1.0', now: () => new Date(), onProgress: () => {} },
  })
  // Who makes the backup need not know the module.
  await backUp(file, toolsOf(app.config, []))
  const target = await createTestDatabase(testEngine)
  const variables = { DATABASE_URL: target.url, DATA_DIR: target.dataDir, SECRET_KEY: app.config.secrets.key }
  const config = loadConfig({ TESTING: 'true', LOG_LEVEL: 'silent', ...variables })
  await expect(restore(file, toolsOf(config, []))).rejects.toThrow('rows of the module guest-book: name it in MODULES')
  await restore(file, toolsOf(config))
  const again = await createTestApp({ PORT: '0' }, { modules: [guestBook] }, target)
  const listed = await bob.copy(again).get(entries)
  expect(listed.json.data.length).toBeGreaterThan(0)
  expect(listed.json.data).toEqual((await bob.get(entries)).json.data)
  await again.drop()
})

const plain = (more: Partial<AtriumModule>): AtriumModule => ({ name: 'odd', build: () => ({}), ...more })
const route = (config: object, schema: object): Partial<AtriumModule> => ({
  build: () => ({ routes: async (api) => void api.get('/x', { config, schema }, async () => ({})) }),
})
const table = { tables: ['odd_things'], migrations: { '0001_things': { up: async () => {} } } }
const Alien = Type.Object({}, { title: 'User' })

describe('I02: a module that is wrong keeps the server from starting, and says why', () => {
  it.each<[string, Partial<AtriumModule>]>([
    ['goes by this name already', { name: 'places' }],
    ['kebab-case', { name: 'Odd Thing' }],
    ['the table things has to be named like odd_entries', { ...table, tables: ['things'] }],
    [
      'names the table odd_things, which none of its migrations makes',
      { ...table, build: () => ({ forget: async () => {} }) },
    ],
    ['the permission users:read has to be named like odd:read', { permissions: { 'users:read': { description: '' } } }],
    ['the error not_found has to be named like odd_full', { errors: { not_found: ['conflict', '', ''] } }],
    ['the migration first has to be named like 0001_entries', { migrations: { first: { up: async () => {} } } }],
    ['ODD_SIZE has to be set', { settings: Type.Object({ ODD_SIZE: Type.Integer() }) }],
    ['GET /api/v1/modules/odd/x does not say in config.access', route({}, { operationId: 'x' })],
    [
      'asks for the permission odd:read, which nobody declares',
      route({ access: { permission: 'odd:read' } }, { operationId: 'x' }),
    ],
    ['has no operationId', route({ access: 'public' }, {})],
    [
      'is called User; its title has to begin with Odd',
      route({ access: 'public' }, { operationId: 'x', response: { 200: pageOf(Alien, 'OddList') } }),
    ],
    [
      'the command send has to be named like odd.write',
      { build: () => ({ commands: [command('send', 'user', Type.Object({}), async () => ({}))] }) },
    ],
  ])('%s', async (words, more) => {
    const database = await createMigratedDatabase()
    try {
      await expect(createTestApp({}, { modules: [plain(more)] }, database)).rejects.toThrow(words)
    } finally {
      await database.drop()
    }
  })

  it('asks for no table but its own, and appends nothing it did not declare', async () => {
    const attempts: Promise<unknown>[] = []
    const spy = defineModule<{ users: { id: string } }>()({
      name: 'spy',
      build({ db, unitOfWork, streams }) {
        const stream = streams.ofPerson('x')
        attempts.push(
          db.selectFrom('users').select('id').execute(),
          unitOfWork(({ tx }) => tx.deleteFrom('users').execute()),
          unitOfWork(({ append }) => append([{ stream, type: 'message.created', refs: {} }])),
        )
        for (const attempt of attempts) attempt.catch(() => {})
        return {}
      },
    })
    const other = await createTestApp({}, { modules: [spy] })
    const results = await Promise.allSettled(attempts)
    expect(results.map((result) => result.status === 'rejected' && (result.reason as Error).message)).toEqual([
      'The module spy may not ask for the table users.',
      'The module spy may not ask for the table users.',
      'The module spy did not declare the event message.created.',
    ])
    await other.drop()
  })
})
