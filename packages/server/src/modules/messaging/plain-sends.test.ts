import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { testEngine } from '../../../test/databases.ts'
import { beginGroup, outcome, say } from '../../../test/groups.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
let bob: Visitor
let room: string
beforeAll(async () => {
  app = await createTestApp()
  ;[ann, bob] = [await app.person('ann'), await app.person('bob')]
  room = await app.conversation(ann, bob)
})
afterAll(() => app.drop())
afterEach(() => vi.restoreAllMocks())

/** What went to the database meanwhile, one entry for each way there. */
async function waysOf(work: () => Promise<unknown>): Promise<string[]> {
  const ways: string[] = []
  vi.spyOn(app.database.meter, 'recordAll').mockImplementation((statements) => {
    ways.push(statements.map(({ sql }) => sql).join('; '))
  })
  await work()
  vi.restoreAllMocks()
  return ways
}

const asksForHead = (way: string) => /^select .*from .streams./.test(way) || /; select .*from .streams./.test(way)
const numbersOf = async (id: string) =>
  app.database.db
    .selectFrom('messages')
    .select(['number', 'seq'])
    .where('conversation_id', '=', id)
    .orderBy('seq')
    .execute()

it.runIf(testEngine === 'postgres')(
  'P4: who wrote here before is two ways to the database: asked, and stored',
  async () => {
    await say(ann, room)
    const ways = await waysOf(() => say(ann, room))
    expect(ways.filter((way) => way.startsWith('begin'))).toHaveLength(1)
    expect(ways.filter((way) => way.endsWith('commit'))).toHaveLength(1)
    expect(ways).toHaveLength(2)
  },
)

it('has the place of each without a hole, whether its stream was held from the start or not', async () => {
  const id = await beginGroup(ann, [bob])
  for (const who of [ann, ann, bob, ann, bob, bob]) expect((await say(who, id)).status).toBe(201)
  await Promise.all([ann, bob, ann, bob].map((who) => say(who, id)))
  const places = await numbersOf(id)
  expect(places.map(({ number }) => number)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1))
  const first = places[0]?.seq ?? 0
  expect(places.map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, index) => first + index))
})

it('keeps nobody waiting at the stream of a conversation for one who is not in it any more', async () => {
  const id = await beginGroup(ann, [bob])
  for (let time = 0; time < 2; time++) expect((await say(bob, id)).status).toBe(201)
  expect((await ann.delete(`/conversations/${id}/members/${bob.userId}`)).status).toBe(204)
  expect(outcome(await say(bob, id))).toEqual([404, 'not_found'])
  const ways = await waysOf(() => say(bob, id))
  expect(ways).not.toEqual([])
  expect(ways.filter(asksForHead)).toEqual([])
  expect((await waysOf(() => say(ann, id))).filter(asksForHead)).not.toEqual([])
})
