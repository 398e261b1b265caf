import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventsOf, sealsOf, verifyChain, writeTo } from '../../../test/audit-chain.ts'
import { happened, repeated } from '../../../test/audited.ts'
import { createTestDatabase, silent, testEngine } from '../../../test/databases.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { openDatabase } from '../../platform/db/database.ts'
import { parseDatabaseUrl } from '../../platform/db/database-url.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { migrations } from '../../platform/db/migrations/index.ts'
import { newId } from '../../platform/ids.ts'
import type { AuditRow } from './audit.repository.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp()
  admin = await app.holderOf(['admin', 'user'])
})
afterAll(() => app.drop())

it('W08: events are sealed in one order by however many at once, and none is left out', async () => {
  // Two connections of one process to one SQLite file would wait for each other on one thread.
  const isOne = testEngine === 'sqlite'
  const { database, dataDir } = app.config
  const place = { url: database.kind === 'sqlite' ? '' : database.url, dataDir, drop: async () => {} }
  const other = isOne ? app : await createTestApp({}, {}, place)
  const write = (at: TestApp) =>
    happened(at, { type: 'logout', userId: newId() }, { client: { ip: '203.0.113.1', userAgent: 'x' } })
  for (let round = 0; round < 5; round++) {
    await Promise.all([
      ...Array.from({ length: 20 }, (_, i) => write(i % 2 ? app : other)),
      app.services.auditChain.seal(),
      other.services.auditChain.seal(),
    ])
  }
  await app.services.auditChain.seal()
  const { length } = await eventsOf(app)
  expect(await verifyChain(app)).toMatchObject({ ok: true, checked: length, unsealed: 0, first_bad: null })
  expect((await sealsOf(app)).map(({ position }) => position)).toEqual(Array.from({ length }, (_, i) => i + 1))
  if (!isOne) await other.close()
})

it('W08: POST /admin/audit/verify tells it, and an end of the chain that was noted is found again', async () => {
  await app.services.auditChain.seal()
  const { status, json } = await admin.post('/admin/audit/verify')
  expect([status, json.ok, json.first_bad]).toEqual([200, true, null])
  await happened(app, { type: 'logout' })
  expect((await admin.post('/admin/audit/verify')).json).toMatchObject({ ok: true, head: json.head, unsealed: 1 })
  await app.services.auditChain.seal()
  expect((await admin.post(`/admin/audit/verify?head=${json.head}`)).json.ok).toBe(true)
  const other = `${json.head.split(':')[0]}:${'ab'.repeat(32)}`
  const answer = (await admin.post(`/admin/audit/verify?head=${other}`)).json
  expect(answer).toMatchObject({ ok: false, first_bad: { problem: 'rewritten' } })
  for (const bad of ['x', '1:abc', `-1:${'a'.repeat(64)}`])
    expect((await admin.post(`/admin/audit/verify?head=${bad}`)).status).toBe(422)
  expect((await (await app.person()).post('/admin/audit/verify')).status).toBe(403)
})

it('W08: erasing a person leaves nothing of them in the log, and the chain whole', async () => {
  const [ip, agent, word] = ['198.51.100.77', 'the agent of nobody else', 'the phone of carla']
  const carla = await app.person('carla')
  const client = { client: { ip, userAgent: agent } }
  await happened(app, { type: 'login_failed', userId: carla.userId, outcome: 'failure' }, client)
  await happened(
    app,
    { type: 'passkey_added', userId: carla.userId, actorId: carla.userId, detail: { name: word } },
    client,
  )
  await happened(app, { type: 'role_assigned', userId: carla.userId, detail: { roles: ['moderator'] } })
  await app.services.auditChain.seal()
  // One that is not sealed yet.
  await happened(app, { type: 'logout', userId: carla.userId, actorId: carla.userId, detail: { word } }, client)
  const before = (await eventsOf(app)).length
  await app.services.erasure.erase(carla.userId)
  const kept = await eventsOf(app)
  expect(kept.length).toBe(before + 1)
  const text = JSON.stringify([kept, await sealsOf(app)])
  for (const value of [ip, agent, word, 'carla@', 'carla"']) expect(text).not.toContain(value)
  const facts = kept.filter(({ user_id }) => user_id === carla.userId).map(({ type, detail }) => [type, detail])
  expect(facts).toContainEqual(['role_assigned', '{"roles":["moderator"]}'])
  expect(facts).toContainEqual(['passkey_added', '{}'])
  expect((await verifyChain(app)).first_bad).toBe(null)
  await app.services.auditChain.seal()
  expect(await verifyChain(app)).toMatchObject({ ok: true, unsealed: 0 })
})

it('W08: erasing and sealing at once keep the chain whole', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, (_, i) => app.person(`fleeting${i}`)))
  for (const { userId } of people)
    for (let i = 0; i < 5; i++)
      await happened(
        app,
        { type: 'logout', userId, actorId: userId },
        { client: { ip: '198.51.100.9', userAgent: 'y' } },
      )
  await Promise.all(
    people.flatMap(({ userId }) => [app.services.erasure.erase(userId), app.services.auditChain.seal()]),
  )
  await app.services.auditChain.seal()
  expect(await verifyChain(app)).toMatchObject({ ok: true, unsealed: 0, first_bad: null })
  expect(JSON.stringify(await eventsOf(app))).not.toContain('198.51.100.9')
})

it('W08: what was kept long enough goes, and the chain stays whole', async () => {
  const database = await createTestDatabase()
  const then = await createTestApp({}, { now: () => new Date(Date.now() - 100 * 86_400_000) }, database)
  const id = newId()
  await happened(then, { id, type: 'login_failed' })
  await repeated(then, id, 600, (i) => ({ ip: `203.0.113.${i % 200}` }))
  await happened(then, { type: 'refresh_reuse' })
  await then.services.auditChain.seal()
  await then.close()
  const now = await createTestApp({}, {}, database)
  expect(await now.services.auditTrail.purge()).toBe(601)
  expect(await verifyChain(now)).toMatchObject({ ok: true, checked: 602, unsealed: 0 })
  const salts = (await sealsOf(now)).filter(
    ({ origin_salt, detail_salt }) => origin_salt !== null || detail_salt !== null,
  )
  expect(salts).toHaveLength(1)
  await now.drop()
})

it('W08: events of before the chain are sealed too', async () => {
  const database = await createTestDatabase()
  const config = parseDatabaseUrl(database.url, database.dataDir)
  const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0021'))
  const handle = await openDatabase(config, { log: silent })
  await migrate(handle, older)
  const like = (await eventsOf(app))[0] as AuditRow
  const values = Array.from({ length: 450 }, () => ({ ...like, id: newId() }))
  await handle.unitOfWork(({ tx }) => tx.insertInto('audit_events').values(values).execute())
  await handle.close()
  const upgraded = await createTestApp({}, {}, database)
  expect(await upgraded.services.auditChain.seal()).toBe(450)
  expect(await verifyChain(upgraded)).toMatchObject({ ok: true, checked: 450, unsealed: 0 })
  await upgraded.drop()
})

it('W08: a key that was replaced still counts, and a chain of another installation does not', async () => {
  const database = await createTestDatabase()
  const keys = ['kdjfhg8374hgf-2389rhfwe-9283hfwei7', 'another-one-8374hgf-2389rhfwe-9283h'] as const
  const first = await createTestApp({ SECRET_KEY: keys[0] }, {}, database)
  await happened(first, { type: 'logout' })
  await first.services.auditChain.seal()
  await first.close()
  const next = await createTestApp({ SECRET_KEY: keys[1], SECRET_KEYS_OLD: keys[0] }, {}, database)
  expect((await verifyChain(next)).ok).toBe(true)
  await next.close()
  const stranger = await createTestApp({ SECRET_KEY: keys[1] }, {}, database)
  expect((await verifyChain(stranger)).first_bad?.problem).toBe('signature')
  await stranger.drop()
})

it('W08: a person who was not erased is emptied by nobody: the database refuses', async () => {
  const dora = await app.person('dora-the-first')
  await dora.post('/auth/login', { identifier: 'dora-the-first', password })
  const blank = sql`update audit_events set ip = null, user_agent = null where user_id = ${dora.userId} and ip is not null`
  await expect(writeTo(app, blank)).rejects.toThrow(/append-only/)
  await app.services.erasure.erase(dora.userId)
  for (const change of ["type = 'logout'", "at = '2020-01-01T00:00:00.000Z'", 'user_id = null', `detail = '{"a":1}'`]) {
    const statement = sql`update audit_events set ${sql.raw(change)} where user_id = ${dora.userId}`
    await expect(writeTo(app, statement)).rejects.toThrow(/append-only/)
  }
})
