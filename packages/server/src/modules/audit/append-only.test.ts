import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { happened, repeated } from '../../../test/audited.ts'
import { createTestDatabase, silent, testEngine } from '../../../test/databases.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { openDatabase } from '../../platform/db/database.ts'
import { parseDatabaseUrl } from '../../platform/db/database-url.ts'
import { DatabaseRefusedError } from '../../platform/db/dialects/dialect.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { newId } from '../../platform/ids.ts'
import { type AuditType, auditTypes, retentionDays } from './audit-types.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const day = 86_400_000

/** An application whose clock is wrong by so many days: what it writes is older, or younger, than the database thinks. */
const appAt = async (days: number) => {
  const database = await createTestDatabase()
  const then = await createTestApp({}, { now: () => new Date(Date.now() + days * day) }, database)
  const record = (type: AuditType) =>
    then.database.unitOfWork(({ tx }) => then.services.audit.record(tx, { type, detail: { written: type } }))
  return { database, then, record }
}

const rows = ({ database }: TestApp) => database.db.selectFrom('audit_events').selectAll().orderBy('id').execute()
const run = (at: TestApp, statement: ReturnType<typeof sql>) =>
  at.database.unitOfWork(({ tx }) => statement.execute(tx))
const refused = /append-only/

const changes = {
  'UPDATE of one column': sql`update audit_events set outcome = 'success'`,
  'UPDATE that changes nothing': sql`update audit_events set detail = detail`,
  'UPDATE of its time to be kept': sql`update audit_events set keep_until = ${'2000-01-01T00:00:00.000Z'}`,
  'DELETE of all': sql`delete from audit_events`,
  'DELETE of some': sql`delete from audit_events where type = 'logout'`,
  ...(testEngine === 'sqlite' && {
    'INSERT OR REPLACE': sql`insert or replace into audit_events select * from audit_events`,
    UPSERT: sql`insert into audit_events select * from audit_events where true on conflict (id) do update set detail = '{}'`,
  }),
  ...(testEngine === 'postgres' && {
    TRUNCATE: sql`truncate audit_events`,
    UPSERT: sql`insert into audit_events select * from audit_events on conflict (id) do update set detail = '{}'`,
  }),
  ...(testEngine === 'mariadb' && {
    REPLACE: sql`replace into audit_events select * from audit_events`,
    UPSERT: sql`insert into audit_events select * from audit_events as s on duplicate key update detail = '{}'`,
  }),
}

it.each(Object.entries(changes))('LO3 AZ6: the database refuses %s', async (_, statement) => {
  await app.database.unitOfWork(({ tx }) => app.services.audit.record(tx, { type: 'logout' }))
  const before = await rows(app)
  await expect(run(app, statement)).rejects.toThrow(refused)
  expect(await rows(app)).toEqual(before)
})

it('is kept as long as its class says', async () => {
  for (const type of ['logout', 'refresh_reuse', 'user_created'] as const) {
    await app.database.unitOfWork(({ tx }) => app.services.audit.record(tx, { type }))
    const row = (await rows(app)).at(-1)
    const kept = (Date.parse(row?.keep_until ?? '') - Date.parse(row?.at ?? '')) / day
    expect([row?.retention, kept]).toEqual([auditTypes[type].retention, retentionDays[auditTypes[type].retention]])
  }
})

it('DELETE works once an event has been kept long enough, and not before; UPDATE never does', async () => {
  const { then, record } = await appAt(-100)
  await record('login_success')
  await record('refresh_reuse')
  await expect(run(then, sql`update audit_events set detail = '{}' where type = 'login_success'`)).rejects.toThrow(
    refused,
  )
  await expect(run(then, sql`delete from audit_events`)).rejects.toThrow(refused)
  await run(then, sql`delete from audit_events where type = 'login_success'`)
  expect((await rows(then)).map(({ type }) => type)).toEqual(['refresh_reuse'])
  await then.drop()
})

it('F35: the purge removes what was kept long enough, in batches, and nothing else', async () => {
  const { database, then, record } = await appAt(-100)
  const id = newId()
  await happened(then, { id, type: 'login_failed' })
  await repeated(then, id, 1199, () => ({}))
  await record('refresh_reuse')
  await record('user_created')
  await then.close()
  const now = await createTestApp({}, {}, database)
  await now.database.unitOfWork(({ tx }) => now.services.audit.record(tx, { type: 'login_failed' }))
  expect(await now.services.auditTrail.purge()).toBe(1200)
  expect((await rows(now)).map(({ type }) => type)).toEqual(['refresh_reuse', 'user_created', 'login_failed'])
  expect(await now.services.auditTrail.purge()).toBe(0)
  await now.drop()
})

it('the purge of a server whose clock runs ahead of the database waits instead of failing', async () => {
  const { database, then, record } = await appAt(-90)
  await record('login_failed')
  await then.close()
  // Over by less than the difference that is allowed for.
  const now = await createTestApp({}, { now: () => new Date(Date.now() + 60_000) }, database)
  expect(await now.services.auditTrail.purge()).toBe(0)
  expect(await rows(now)).toHaveLength(1)
  await now.drop()
})

it.runIf(testEngine === 'mariadb')('LO3: a user who may not make triggers is told what to grant', async () => {
  const database = await createTestDatabase()
  const administration = await createTestDatabase()
  const name = new URL(database.url).pathname.slice(1)
  const admin = await openDatabase(parseDatabaseUrl(administration.url, ''), { log: silent })
  const user = `u_${name.slice(-12)}`
  const statements = [
    `create user ${user}@'%' identified by 'p'`,
    `grant select, insert, update, delete, create, alter, index, drop, references on ${name}.* to ${user}@'%'`,
  ]
  for (const statement of statements) await admin.migrationSession((db) => sql.raw(statement).execute(db))
  const url = Object.assign(new URL(database.url), { username: user, password: 'p' })
  const handle = await openDatabase(parseDatabaseUrl(url.href, ''), { log: silent })
  const refusal = await migrate(handle).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(DatabaseRefusedError)
  expect((refusal as Error).message).toMatch(/^MariaDB does not let this user make triggers.*Grant TRIGGER/)
  await admin.migrationSession((db) => sql.raw(`grant trigger on ${name}.* to ${user}@'%'`).execute(db))
  expect((await migrate(handle)).length).toBeGreaterThan(0)
  await handle.close()
  await admin.migrationSession((db) => sql.raw(`drop user ${user}@'%'`).execute(db))
  await admin.close()
  await database.drop()
  await administration.drop()
})
