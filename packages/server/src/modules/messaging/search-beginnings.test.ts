import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { search } from '../../platform/db/migrations/0019_search.ts'

let app: TestApp
let ann: Visitor
let room = ''
let counter = 0
const texts = Array.from({ length: 60 }, (_, index) => `wharf${index % 2 === 0 ? '' : 's'} number ${index}`)

beforeAll(async () => {
  app = await createTestApp()
  ann = await app.person('ann')
  room = await app.conversation(ann, await app.person('bob'))
  for (const text of texts) await send(text)
})
afterAll(() => app.drop())

async function send(text: string): Promise<string> {
  const { json } = await ann.post(`/conversations/${room}/messages`, { text, client_id: `b${++counter}` })
  return json.id
}

const find = async (q: string) =>
  (await ann.get(`/search/messages?q=${encodeURIComponent(q)}&limit=100`)).json.data.map(
    (hit: { message: { text: string } }) => hit.message.text,
  )

const stored = () => app.database.db.selectFrom('message_search').selectAll().execute()
const progress = () => app.database.db.selectFrom('message_search_progress').selectAll().execute()

/** As a version left them that knew whole words only, and then the migration that finds them so. */
async function makeOld() {
  const rows = await stored()
  await app.database.unitOfWork(async ({ tx }) => {
    for (const { message_id, terms } of rows) {
      const old = terms.replaceAll(/ qb\S+/g, '')
      await tx.updateTable('message_search').set({ terms: old }).where('message_id', '=', message_id).execute()
    }
  })
  await app.database.migrationSession((db) => search.up(db, app.database.dialect))
}

it('P8: messages of an earlier version are found by beginnings all the time, while a job gives them their terms', async () => {
  const before = await stored()
  const job = app.services.messaging.searchBeginnings
  await makeOld()
  expect(await progress()).toEqual([{ id: 'beginnings', message_id: null }])
  const [newest, plural] = [[...texts].reverse(), [...texts].reverse().filter((text) => text.startsWith('wharfs'))]
  expect([await find('whar*'), await find('wharfs*'), await find('wharf*')]).toEqual([newest, plural, newest])

  // What is written and changed meanwhile has its terms already.
  const late = await send('wharfinger')
  await ann.patch(`/messages/${late}`, { text: 'wharfage' })
  expect(await find('wharfa*')).toEqual(['wharfage'])

  // Two processes at once do nothing twice, and nothing half.
  const done = await Promise.all([job.run(), job.run()])
  expect(done.reduce((sum, each) => sum + each)).toBe(texts.length + 1)
  expect([await progress(), await job.run()]).toEqual([[], 0])

  expect([await find('whar*'), await find('wharfs*')]).toEqual([['wharfage', ...newest], plural])
  const after = new Map((await stored()).map((row) => [row.message_id, row.terms]))
  for (const { message_id, terms } of before) expect(after.get(message_id)).toBe(terms)
})

it('where nothing was ever written there is nothing to do', async () => {
  const empty = await createTestApp()
  try {
    expect(await empty.services.messaging.searchBeginnings.areComplete()).toBe(true)
    expect(await empty.services.messaging.searchBeginnings.run()).toBe(0)
  } finally {
    await empty.drop()
  }
})
