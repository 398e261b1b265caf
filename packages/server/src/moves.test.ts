import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import guestBook from '../../../examples/guest-book/index.ts'
import { createTestDatabase, silent, type TestDatabase } from '../test/databases.ts'
import { type FilledInstallation, useEveryFeature } from '../test/every-feature.ts'
import { say } from '../test/groups.ts'
import { fillShelf, shelf } from '../test/shelf-module.ts'
import { createTestApp, password, type TestApp } from '../test/test-app.ts'
import type { BackupTools } from './backups.ts'
import { loadConfig } from './config/config.ts'
import { tablesOf } from './extend/build-modules.ts'
import { moveTo } from './moves.ts'
import { openDatabase } from './platform/db/database.ts'
import { parseDatabaseUrl } from './platform/db/database-url.ts'
import { sumTables, type TableSum } from './platform/db/transfer/dump.ts'

const engines = ['postgres', 'mariadb', 'sqlite'] as const
const key = 'kdjfhg8374hgf-2389rhfwe-9283hfwei7'
/** What each keeps of its tables that are not ours. */
let tablesUrl: string
let first: TestDatabase
const databases: TestDatabase[] = []
let app: TestApp
let filled: FilledInstallation
const newDatabase = async (engine: (typeof engines)[number]) => {
  const database = await createTestDatabase(engine)
  databases.push(database)
  return database
}
const modules = [guestBook, shelf]
const entries = '/api/v1/modules/guest-book/entries'
/** The data folder stays, with the files in it. */
const startAt = (at: TestDatabase) =>
  createTestApp({ DATABASE_URL: urlOf(at), DATA_DIR: first.dataDir, TABLES_URL: tablesUrl }, { modules }, at)
beforeAll(async () => {
  first = await newDatabase('sqlite')
  tablesUrl = `sqlite:///${join(first.dataDir, 'tables.db')}`
  app = await startAt(first)
  filled = await useEveryFeature(app)
  // Whoever has been here since the clock was moved is not known where it was not.
  const guest = await app.person('guest-of-book')
  for (const text of ['What a view! ünï 🙂', `'quoted' \\ "twice"`])
    expect((await guest.post(entries, { text })).status).toBe(201)
  await app.database.unitOfWork(({ tx }) => fillShelf(tx))
  await app.close()
}, 120_000)
afterAll(async () => {
  await Promise.all(databases.map((each) => each.drop()))
})

const urlOf = ({ url, dataDir }: TestDatabase) => url || `sqlite:///${dataDir}/atrium.db`
const targetOf = (at: TestDatabase) => parseDatabaseUrl(urlOf(at), at.dataDir)
const tools = (at: TestDatabase): BackupTools => ({
  config: loadConfig({
    ...{ TESTING: 'true', SECRET_KEY: key, DATA_DIR: first.dataDir, DATABASE_URL: urlOf(at), TABLES_URL: tablesUrl },
  }),
  ...{ log: silent, version: '0.1.0', now: () => new Date(), onProgress: () => {}, modules: tablesOf(modules) },
})
const sumsAt = async (at: TestDatabase) => {
  const handle = await openDatabase(targetOf(at), { log: silent })
  return sumTables(handle).finally(() => handle.close())
}

it('W06: every table of ours has a row to be moved', async () => {
  const sums = await sumsAt(first)
  expect([sums.guest_book_entries?.rows, sums.shelf_boxes?.rows, sums.shelf_things?.rows]).toEqual([2, 2, 1_203])
  const empty = Object.entries(sums).filter(([, { rows }]) => rows === 0)
  expect(
    empty.map(([name]) => name),
    'use the feature in test/every-feature.ts',
  ).toEqual([])
})

const hasEngines = Boolean(process.env.ATRIUM_TEST_POSTGRES && process.env.ATRIUM_TEST_MARIADB)

it.runIf(hasEngines)(
  'W06: SQLite to PostgreSQL to MariaDB to SQLite of every feature: the sums stay, and it all works on each',
  { timeout: 300_000 },
  async () => {
    let at = first
    // Each move is written down, and names the history anew.
    const changed = ['installation', 'audit_events', 'audit_seals']
    const unchanged = (sums: Record<string, TableSum>) =>
      Object.fromEntries(Object.entries(sums).filter(([name]) => !changed.includes(name)))
    const before = await sumsAt(first)
    for (const engine of engines) {
      const next = await newDatabase(engine)
      const steps = new Map<string, number>()
      const onProgress = (step: string, done: number, total: number) => steps.set(step, done / total)
      const { tables, tables_file } = await moveTo(targetOf(next), { ...tools(at), onProgress })
      expect(unchanged(tables), engine).toEqual(unchanged(before))
      expect(tables_file).toBe(join(first.dataDir, 'tables.db'))
      expect([...steps]).toEqual([
        ['moving', 1],
        ['comparing', 1],
      ])
      await expect(moveTo(targetOf(next), tools(at)), 'it is used by now').rejects.toThrow(/been used already/)
      expect(await sumsAt(at), 'the old one is as it was').toMatchObject(unchanged(before))
      at = next
    }
    expect(unchanged(await sumsAt(at))).toEqual(unchanged(before))
    await worksAt(at)
  },
)

// The test above says it of all three; an upload is finished once only.
it.skipIf(hasEngines)(
  'W06: sessions, keys, second factors, files, uploads, streams and the audit log work after a move',
  { timeout: 120_000 },
  async () => {
    const next = await newDatabase('sqlite')
    await moveTo(targetOf(next), tools(first))
    await worksAt(next)
  },
)

async function worksAt(at: TestDatabase): Promise<void> {
  const moved = await startAt(at)
  const { ann, ben, root, room, phone, laptop, apiKey, fileId, fileBytes, uploadId, messages } = filled
  const [annThere, benThere] = [ann.copy(moved), ben.copy(moved)]
  expect((await moved.visitor().get('/users/me', { authorization: `Bearer ${apiKey}` })).json.username).toBe(
    'ann-renamed',
  )
  expect((await annThere.get(`/files/${fileId}/content`)).bytes.equals(fileBytes)).toBe(true)

  const page = (await benThere.get(`/conversations/${room}/messages?limit=50`)).json
  expect(page.data).toHaveLength(messages - 1)
  const head = Math.max(...page.data.map(({ seq }: { seq: number }) => seq))
  const said = await say(benThere, room, 'after the move')
  expect([said.status, said.json.seq > head]).toEqual([201, true])
  expect((await annThere.get('/search/messages?q=quoted')).json.data.length).toBeGreaterThan(0)
  const near = await annThere.get('/places?near=13.4,52.5&radius=20000')
  expect(near.json.data.length).toBe(2)

  const book = await benThere.get(entries)
  expect(book.json.data.map(({ author, text }: { author: string; text: string }) => [author, text])).toEqual([
    ['guest-of-book', `'quoted' \\ "twice"`],
    ['guest-of-book', 'What a view! ünï 🙂'],
  ])
  expect((await benThere.post(entries, { text: 'after the move' })).status).toBe(201)

  const tus = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream', 'upload-offset': '5' }
  expect((await benThere.send('PATCH', `/files/tus/${uploadId}`, Buffer.from('56789'), tus)).status).toBe(204)
  const again = await annThere.post('/places', placeOnce, { 'idempotency-key': 'place-once' })
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true'])
  const notes = await root.copy(moved).get('/data/notes')
  expect(notes.json.data).toHaveLength(1)

  // The secret of the app on the phone is sealed with SECRET_KEY.
  moved.advance(7_200)
  const someone = moved.visitor()
  const { json } = await someone.post('/auth/login', { identifier: 'ann-renamed', password })
  const code = phone.at(moved)
  const proved = await someone.post('/auth/mfa/verify', { mfa_token: json.mfa_token, method: 'totp', code })
  expect([json.status, proved.json.status]).toEqual(['mfa_required', 'complete'])
  const options = (await moved.visitor().post('/auth/passkey/options', {})).json
  const entered = await moved.visitor().post('/auth/passkey/verify', { assertion: laptop.get(options) })
  expect(entered.json).toMatchObject({ status: 'complete', user: { id: ann.userId } })

  await moved.services.auditChain.seal()
  expect(await moved.services.auditVerifier.verify()).toMatchObject({ ok: true, first_bad: null })
  await moved.close()
}
const placeOnce = { name: 'once', geometry: { type: 'Point', coordinates: [13.404954, 52.520008] } }

it('W06: nothing is moved from a database that a server holds, nor into one that is used', {
  timeout: 120_000,
}, async () => {
  const [one, two] = [await newDatabase('sqlite'), await newDatabase('sqlite')]
  const running = await createTestApp({ DATABASE_URL: urlOf(one) }, {}, one)
  await expect(moveTo(targetOf(two), tools(one))).rejects.toThrow(/Another Atrium server/)
  await expect(moveTo(targetOf(one), tools(two))).rejects.toThrow(/Another Atrium server/)
  await running.close()
  await expect(moveTo(targetOf(one), tools(one)), 'onto itself').rejects.toThrow(/Another Atrium server/)
  await expect(moveTo(targetOf(one), tools(two))).rejects.toThrow(/nothing to move|been used/)
  const handle = await openDatabase(targetOf(two), { log: silent })
  expect((await handle.db.introspection.getTables()).map(({ name }) => name)).toEqual([])
  await handle.close()
})

it('W06: rows of a module are not left behind: it has to be named', { timeout: 120_000 }, async () => {
  const next = await newDatabase('sqlite')
  const without = { ...tools(first), modules: tablesOf([guestBook]) }
  await expect(moveTo(targetOf(next), without)).rejects.toThrow(
    'There are rows of the module shelf: name it in MODULES',
  )
  const handle = await openDatabase(targetOf(next), { log: silent })
  expect((await handle.db.introspection.getTables()).map(({ name }) => name)).toEqual([])
  await handle.close()
})

it('W06: a move that is cut off, or that somebody writes beside, keeps nothing, and can be made again', {
  timeout: 120_000,
}, async () => {
  const [one, two] = [await newDatabase('sqlite'), await newDatabase('sqlite')]
  await moveTo(targetOf(one), tools(first))
  const before = await sumsAt(one)
  const cutOff = (step: string) => {
    if (step === 'comparing') throw new Error('The disk is full.')
  }
  const cut = moveTo(targetOf(two), { ...tools(one), onProgress: cutOff })
  await expect(cut).rejects.toThrow(/^The move stopped: The disk is full\. .*move again\.$/)
  expect(await sumsAt(one)).toEqual(before)
  expect(Object.values(await sumsAt(two)).reduce((sum, { rows }) => sum + rows, 0)).toBeLessThan(5)

  let isWritten = false
  const write = (step: string) => {
    if (step !== 'comparing' || isWritten) return
    isWritten = true
    const beside = new SqliteDatabase(join(one.dataDir, 'atrium.db'))
    beside.prepare(`update users set bio = 'changed meanwhile'`).run()
    beside.close()
  }
  const late = moveTo(targetOf(two), { ...tools(one), onProgress: write })
  await expect(late).rejects.toThrow(/do not hold the same: users\./)
  await moveTo(targetOf(two), tools(one))
  expect((await sumsAt(two)).users).toEqual((await sumsAt(one)).users)
})
