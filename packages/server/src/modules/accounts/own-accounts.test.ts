import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestDatabase, silent } from '../../../test/databases.ts'
import { isRedisMissing, type RedisProcess, startRedis } from '../../../test/redis-process.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { comesTrue, startTwoInstances } from '../../../test/two-instances.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Db } from '../../platform/db/schema.ts'
import { tablesWritten, WrittenTables } from '../../platform/db/written-tables.ts'
import { EventBus } from '../../platform/events/event-bus.ts'
import { OwnAccounts } from './own-accounts.ts'

afterEach(() => void vi.restoreAllMocks())

const me = async (who: Visitor) => (await who.get('/users/me')).json

describe('an own account', () => {
  let app: TestApp
  let ann: Visitor
  beforeAll(async () => {
    app = await createTestApp({ REQUIRE_MFA: 'off' })
  })
  afterAll(() => app.drop())
  beforeEach(async () => {
    ann = await app.person()
    await me(ann)
  })

  const readings = () =>
    app.database.meter.statements
      .filter(({ statement }) => /^select \* from .users. where .id. = \?$/.test(statement.replace(/[`"]/g, '.')))
      .reduce((sum, { duration }) => sum + duration.count, 0)

  it('is read once for many requests, and answered with the same bytes and the same ETag', async () => {
    const first = await ann.get('/users/me')
    const before = readings()
    const again = await ann.get('/users/me')
    expect([again.body, again.headers.etag]).toEqual([first.body, first.headers.etag])
    expect(readings()).toBe(before)
    expect((await ann.get('/users/me', { 'if-none-match': String(first.headers.etag) })).status).toBe(304)
  })

  it('is another one for each person', async () => {
    const ben = await app.person()
    expect([(await me(ann)).id, (await me(ben)).id, (await me(ann)).id]).toEqual([ann.userId, ben.userId, ann.userId])
  })

  const changes: [string, (who: Visitor) => Promise<unknown>, object][] = [
    ['a new profile', (who) => who.patch('/users/me', { bio: 'by the sea' }), { bio: 'by the sea' }],
    [
      'new privacy settings',
      (who) => who.patch('/users/me', { privacy_settings: { show_presence: 'nobody' } }),
      { privacy_settings: expect.objectContaining({ show_presence: 'nobody' }) },
    ],
    [
      'the end of the account',
      (who) => who.send('DELETE', '/users/me', { password, confirm: 'DELETE' }),
      { status: 'deletion_pending', erase_at: expect.any(String) },
    ],
  ]
  it.each(changes)('shows %s to the very next request', async (_, change, expected) => {
    await change(ann)
    expect(await me(ann)).toMatchObject(expected)
  })

  it('shows what any other statement has written, whoever wrote it', async () => {
    for (const name of ['One', 'Two']) {
      await app.database.unitOfWork(({ tx }) =>
        sql`update users set first_name = ${name} where id = ${ann.userId}`.execute(tx),
      )
      expect((await me(ann)).first_name).toBe(name)
    }
  })

  it('keeps what it shows where what was written is taken back', async () => {
    const before = await ann.get('/users/me')
    const taken = app.database.unitOfWork(async ({ tx }) => {
      await sql`update users set first_name = 'No' where id = ${ann.userId}`.execute(tx)
      throw new Error('taken back')
    })
    await expect(taken).rejects.toThrow('taken back')
    expect((await ann.get('/users/me')).body).toBe(before.body)
  })

  it('AZ5: shows what its roles grant by now to the very next request', async () => {
    const admin = await app.holderOf(['admin'])
    const role = { name: 'helpers', description: '', permissions: ['audit:read'], inherits: [] }
    expect((await admin.post('/admin/roles', role)).status).toBe(201)
    const helper = await app.holderOf(['user', 'helpers'])
    expect((await me(helper)).permissions).toContain('audit:read')
    expect((await admin.patch('/admin/roles/helpers', { permissions: ['metrics:read'] })).status).toBe(200)
    const { permissions } = await me(helper)
    expect(permissions).toContain('metrics:read')
    expect(permissions).not.toContain('audit:read')
  })
})

describe('another instance', () => {
  let redis: RedisProcess
  beforeAll(async () => {
    if (!isRedisMissing) redis = await startRedis()
  })
  afterAll(async () => {
    if (!isRedisMissing) await redis.drop()
  })

  it.skipIf(isRedisMissing)('hears of a change by the bus', { timeout: 60_000 }, async () => {
    const both = await startTwoInstances(redis)
    await both.whole()
    const ann = await both.a.person()
    const there = both.b.visitor()
    for (const [name, value] of ann.cookies) there.cookies.set(name, value)
    expect((await me(there)).bio).toBe(null)
    await ann.patch('/users/me', { bio: 'by the sea' })
    await comesTrue(async () => (await me(there)).bio === 'by the sea', 'the other instance did not hear of it')
    await both.drop()
  })

  it('that hears nothing shows it once its entry is too old', async () => {
    const database = await createTestDatabase()
    const a = await createTestApp({}, {}, database)
    const b = await createTestApp({}, { serverLock: false }, { ...database, drop: async () => {} })
    const ann = await a.person()
    const there = b.visitor()
    for (const [name, value] of ann.cookies) there.cookies.set(name, value)
    expect((await me(there)).bio).toBe(null)
    await ann.patch('/users/me', { bio: 'by the sea' })
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 5_000)
    expect((await me(there)).bio).toBe('by the sea')
    vi.restoreAllMocks()
    await b.drop()
    await a.drop()
  })
})

describe('a read', () => {
  it('that began before a change is not kept after it', async () => {
    const app = await createTestApp()
    const ann = await app.person()
    const arrived = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    let isHeld = true
    const db = new Proxy(app.database.db, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown
        if (name !== 'executeQuery' || !isHeld) return typeof value === 'function' ? value.bind(target) : value
        return async (...query: Parameters<Db['executeQuery']>) => {
          const answer = await target.executeQuery(...query)
          arrived.resolve()
          await go.promise
          return answer
        }
      },
    })
    const bus = new EventBus(silent)
    const own = new OwnAccounts({ db, bus })
    const actor = { userId: ann.userId, roles: ['user'], permissions: [] } as unknown as Actor
    const slow = own.of(actor)
    await arrived.promise
    await ann.patch('/users/me', { bio: 'by the sea' })
    bus.publish(tablesWritten, { tables: ['users'] })
    go.resolve()
    expect((await slow)?.bio).toBe(null)
    isHeld = false
    expect((await own.of(actor))?.bio).toBe('by the sea')
    await app.drop()
  })
})

it.each([
  ['select * from users', []],
  ['update "users" set a = 1', ['users']],
  ['INSERT INTO `users` (a) values (1)', ['users']],
  ['insert into "user_roles" values (1)', []],
  ['with x as (select 1) update users set a = 1', ['users']],
  ['update sessions set a = 1 where user_id in (select id from users)', ['users']],
  ['delete from "sessions"', []],
])('%s may have written to %j', (text, tables) => {
  expect(new WrittenTables(['users']).by(text)).toEqual(tables)
})
