import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, silent, testEngine } from '../../../test/databases.ts'
import { upload } from '../../../test/file-form.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { backUp, restore } from '../../backups.ts'
import { loadConfig } from '../../config/config.ts'
import { runInContext } from '../../platform/context.ts'
import { openDatabase } from '../../platform/db/database.ts'
import { readEpoch } from '../../platform/db/installation.ts'
import { ownTables } from '../../platform/db/own-tables.ts'
import { sumTables } from '../../platform/db/transfer/dump.ts'
import { fleeting } from '../../platform/db/transfer/table-list.ts'
import { readBackup } from './index.ts'

let app: TestApp
let ann: Visitor
let ben: Visitor
let file: string
const tools = (at: Pick<TestApp, 'config'>) => ({
  ...{ config: at.config, log: silent, version: '0.1.0', now: () => new Date(), onProgress: () => {} },
})
beforeAll(async () => {
  app = await createTestApp()
  ann = await app.person('ann-of-backups')
  ben = await app.person('ben-of-backups')
  file = join(app.config.dataDir, 'one.backup')
})
afterAll(() => app.drop())

const emptyPlace = async (key = 'kdjfhg8374hgf-2389rhfwe-9283hfwei7', engine = testEngine) => {
  const database = await createTestDatabase(engine)
  const variables = {
    ...{ TESTING: 'true', RATE_LIMIT_PROFILE: 'off', LOG_LEVEL: 'silent', DATA_DIR: database.dataDir },
    ...{ DATABASE_URL: database.url, SECRET_KEY: key },
  }
  return { database, tools: tools({ config: loadConfig(variables) }) }
}

const restoredApp = async (from: string) => {
  const place = await emptyPlace()
  await runInContext({ source: 'cli', actor: null, path: 'restore' }, () => restore(from, place.tools))
  return createTestApp({}, {}, place.database)
}
const isSqlite = testEngine === 'sqlite'
const auditOf = ({ database: { db } }: TestApp, type: string) =>
  db.selectFrom('audit_events').select(['type', 'source', 'detail']).where('type', '=', type).execute()

it('F32: a backup under load is one moment, and comes back whole', { timeout: 120_000 }, async () => {
  const room = await app.conversation(ann, ben)
  const send = (i: number) =>
    ann.post(`/conversations/${room}/messages`, { client_id: `m${i}`, text: `hello ${i} ünï` })
  for (let i = 0; i < 30; i++) expect((await send(i)).status).toBe(201)
  const picture = Buffer.from('bytes of a file, however many '.repeat(5_000))
  const kept = await upload(ann, { name: 'a.txt', type: 'text/plain', bytes: picture })
  expect(kept.status).toBe(201)
  const out = await app.visitor().post('/auth/login', { identifier: ben.username, password })
  const gone = ben.copy()
  expect((await gone.post('/auth/logout')).status).toBeLessThan(300)
  const root = await app.holderOf(['admin'])
  const columns = [{ name: 'text', type: 'text', nullable: true }]
  expect((await root.post('/admin/data/tables', { name: 'notes', columns })).status).toBe(201)
  expect((await root.put('/admin/data/tables/notes', { exposed: true })).status).toBe(200)
  expect((await root.post('/data/notes', { text: 'kept' })).status).toBe(201)
  let isOver = false
  const load = (async () => {
    for (let i = 30; !isOver; i++) await send(i)
  })()
  const manifest = await backUp(file, tools(app)).finally(() => {
    isOver = true
  })
  await load
  expect([manifest.objects, manifest.missing, statSync(file).mode & 0o777]).toEqual([1, [], 0o600])
  expect(manifest.tables.messages?.rows).toBeGreaterThanOrEqual(30)
  expect((await readBackup(file)).tables).toEqual(manifest.tables)

  const again = await restoredApp(file)
  const { db } = again.database
  expect(await auditOf(app, 'backup_created')).toMatchObject([{ type: 'backup_created' }])
  expect(await auditOf(again, 'backup_restored')).toMatchObject([{ source: 'cli' }])
  expect(await readEpoch(db)).not.toBe(await readEpoch(app.database.db))
  // Tables of the data folder come along; beside ours in another database they are named.
  expect([manifest.tables_file, manifest.left_out]).toEqual(
    isSqlite ? [true, { tables: [], tables_url: false }] : [false, { tables: ['notes'], tables_url: false }],
  )
  const rootAgain = root.copy(again)
  const notes = await rootAgain.get('/data/notes')
  expect(notes.json.data?.map(({ text }: { text: string }) => text)).toEqual(isSqlite ? ['kept'] : undefined)
  const rows = await db.selectFrom('messages').select('text').execute()
  expect(rows).toHaveLength(manifest.tables.messages?.rows ?? 0)
  // Heads and events are of one moment.
  for (const { id, head, tail } of await db.selectFrom('streams').selectAll().execute()) {
    const events = await db.selectFrom('events').select('seq').where('stream_id', '=', id).orderBy('seq').execute()
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: head - tail + 1 }, (_, i) => tail + i))
  }
  const someone = again.visitor()
  expect((await someone.post('/auth/login', { identifier: ann.username, password })).status).toBe(200)
  expect((await ann.copy(again).get(`/conversations/${room}/messages`)).status).toBe(200)
  expect((await ann.copy(again).get(`/files/${kept.json.id}/content`)).bytes.equals(picture)).toBe(true)
  // Revoked stays revoked.
  expect(out.status).toBe(200)
  expect((await gone.copy(again).get('/users/me')).status).toBe(401)
  expect(await again.services.auditVerifier.verify()).toMatchObject({ first_bad: null })
  await again.drop()
})

it('F32: a backup that was cut off, changed or is something else is refused before anything is written', async () => {
  const whole = readFileSync(file)
  const damaged = {
    'cut off': whole.subarray(0, whole.length - 200),
    changed: Buffer.concat([whole.subarray(0, 2000), Buffer.from([(whole[2000] ?? 0) ^ 1]), whole.subarray(2001)]),
    'something else': Buffer.from('something else'),
    empty: Buffer.alloc(0),
  }
  for (const [name, bytes] of Object.entries(damaged)) {
    const bad = join(app.config.dataDir, 'bad.backup')
    writeFileSync(bad, bytes)
    await expect(readBackup(bad), name).rejects.toThrow()
  }
  await expect(readBackup(join(app.config.dataDir, 'nowhere'))).rejects.toThrow()
})

it('F32: nothing is overwritten: neither a file nor a database that is used', async () => {
  const before = readFileSync(file)
  await expect(backUp(file, tools(app))).rejects.toThrow(/is there already/)
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(existsSync(`${file}.partial`)).toBe(false)
  const sums = await sumTables(app.database)
  await expect(restore(file, tools(app))).rejects.toThrow(/Another Atrium server|been used already|There are tables/)
  expect(await sumTables(app.database)).toEqual(sums)
})

it('F32: no table is forgotten, and each comes after those it refers to', async () => {
  const tables = (await app.database.db.introspection.getTables()).map(({ name }) => name)
  const ofOthers = /^(migrations|message_search_(?!progress$).+|(places|user_locations)_area.*|_atrium_.+|notes)$/
  expect(tables.filter((name) => !ofOthers.test(name)).sort()).toEqual([...ownTables].sort())
  const kept = Object.keys((await readBackup(file)).tables)
  expect(kept).toEqual(ownTables.filter((name) => !fleeting.has(name)))
  for (const table of ownTables) {
    const referred = await referredBy(table)
    const later = referred.filter((other) => other !== table && ownTables.indexOf(other) > ownTables.indexOf(table))
    expect(later, table).toEqual([])
  }
})

/** SQLite tells it most simply; the migrations are the same on every engine. */
const referredBy = async (table: string): Promise<string[]> => {
  if (!isSqlite) return []
  const { rows } = await sql<{ table: string }>`select "table" from pragma_foreign_key_list(${table})`.execute(
    app.database.db,
  )
  return rows.map((row) => row.table)
}

it('F32: with another SECRET_KEY nothing is restored, unless that is meant', async () => {
  const place = await emptyPlace('another-key-that-is-long-enough-28')
  await expect(restore(file, place.tools)).rejects.toThrow(/another SECRET_KEY/)
  const { created_at } = await restore(file, place.tools, { withoutKey: true })
  expect(created_at).toMatch(/^2/)
  await expect(restore(file, place.tools, { withoutKey: true })).rejects.toThrow(/been used already|There are tables/)
  await place.database.drop()
})

it.runIf(isSqlite)('F32: rows whose history was replaced are told by another epoch', async () => {
  const place = await emptyPlace()
  await restore(file, place.tools)
  const epochOf = async ({ tables }: TestApp['config']) => {
    const handle = await openDatabase(tables, { log: silent })
    const { rows } = await sql<{ value: string }>`select value from _atrium_installation where name = 'epoch'`.execute(
      handle.db,
    )
    await handle.close()
    return rows[0]?.value
  }
  const [before, after] = [await epochOf(app.config), await epochOf(place.tools.config)]
  expect(before).toEqual(expect.any(String))
  expect(after).not.toBe(before)
  expect(readdirSync(place.tools.config.dataDir).filter((name) => name.includes('restored'))).toEqual([])
  await place.database.drop()
})

it('W06: a backup of one engine is restored on another and back, with the same sums', {
  timeout: 120_000,
}, async () => {
  const [there, back] = [await emptyPlace(undefined, 'sqlite'), await emptyPlace()]
  const { tables: first } = await restore(file, there.tools)
  const second = join(there.tools.config.dataDir, 'two.backup')
  const { tables: between } = await backUp(second, there.tools)
  const { tables: last } = await restore(second, back.tools)
  // A restore is written down, and replaces the epoch.
  const changed = ['installation', 'audit_events', 'audit_seals']
  const same = (sums: typeof first) =>
    Object.fromEntries(Object.entries(sums).filter(([name]) => !changed.includes(name)))
  expect(same(between)).toEqual(same(first))
  expect(last).toEqual(between)
  expect(last.messages?.rows).toBeGreaterThanOrEqual(30)
  await Promise.all([there, back].map(({ database }) => database.drop()))
})
