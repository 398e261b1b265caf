import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { testEngine } from '../../../test/databases.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'
import { searchTerms } from './search-terms.ts'

interface Written {
  id: string
  conversation_id: string
  sender_id: string
  text: string
  created_at: string
  seq: number
  number: number
  isDeleted: boolean
  isHidden: boolean
}

let app: TestApp
let [ann, bob, dan] = [] as unknown as [Visitor, Visitor, Visitor]
/** Newest last. */
let history: Written[] = []
/** Of Ann: one with most messages, one half of which she may not see, and more than are looked through at once. */
const mine: string[] = []
let theirs = ''
let hiddenUpTo = 0

/** The same every time. */
let seed = 7
const chance = () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(chance() * items.length)] as Item

/** How likely each word is in a message; `elsewhere` nearly always is where Ann is not. */
const words = { every: 0.5, often: 0.06, often2: 0.06, seldom: 0.005, harbour: 0.02, harbours: 0.02, elsewhere: 0.001 }
const long = 'donaudampfschifffahrt'

function textOf(index: number, isTheirs: boolean): string {
  const found = Object.entries(words).filter(([word, likely]) => {
    if (word === 'elsewhere' && isTheirs) return chance() < 0.9
    return chance() < likely
  })
  const old = index < 400 ? ['Olden'] : []
  const rare = index % 900 === 17 ? [long, `once${index}`] : []
  return [`No ${index}:`, ...found.map(([word]) => word), ...old, ...rare].join(' ')
}

beforeAll(async () => {
  app = await createTestApp()
  ;[ann, bob, dan] = [await app.person('ann'), await app.person('bob'), await app.person('dan')]
  const members = [bob.userId, dan.userId]
  for (let index = 0; index < 40; index++) {
    mine.push(
      (await ann.post('/conversations', { kind: 'group', title: `Room ${index}`, member_ids: members })).json.id,
    )
  }
  theirs = await app.conversation(bob, dan)
  expect((await ann.put(`/blocks/${dan.userId}`)).status).toBeLessThan(300)
  history = inventHistory()
  hiddenUpTo = history.filter(({ conversation_id }) => conversation_id === mine[1])[200]?.seq ?? 0
  for (let first = 0; first < history.length; first += 250) await store(history.slice(first, first + 250))
  await app.database.unitOfWork(({ tx }) =>
    tx
      .updateTable('conversation_members')
      .set({ visible_from: hiddenUpTo })
      .where('conversation_id', '=', mine[1] as string)
      .where('user_id', '=', ann.userId)
      .execute(),
  )
})
afterAll(() => app.drop())

/** Ids are the order of time; the places in a conversation now and then have another one, as when two write at once. */
function inventHistory(): Written[] {
  const ids = Array.from({ length: 7_000 }, () => newId())
  const began = Date.parse('2026-03-01T00:00:00Z')
  const counts = new Map<string, number>()
  const placed = [...ids.keys()]
  for (let index = 0; index + 1 < placed.length; index += 3) {
    if (chance() < 0.3) [placed[index], placed[index + 1]] = [index + 1, index]
  }
  const roomAt = new Map(
    placed.map((index) => {
      const dice = chance()
      const room = dice < 0.7 ? mine[0] : dice < 0.8 ? mine[1] : dice < 0.92 ? theirs : pick(mine.slice(2))
      return [index, room as string]
    }),
  )
  const written = placed.map((index): Written => {
    const conversation_id = roomAt.get(index) as string
    const number = (counts.get(conversation_id) ?? 0) + 1
    counts.set(conversation_id, number)
    return {
      id: ids[index] as string,
      conversation_id,
      sender_id: pick(conversation_id === theirs ? [bob, dan] : [ann, ann, bob, bob, dan]).userId,
      text: textOf(index, conversation_id === theirs),
      created_at: new Date(began + index * 60_000).toISOString(),
      seq: 100 + number * 2,
      number,
      isDeleted: chance() < 0.03,
      isHidden: chance() < 0.03,
    }
  })
  return written.sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function store(some: readonly Written[]) {
  const rows = some.map(({ isDeleted, isHidden: _, ...row }) => ({
    ...{ ...row, client_id: row.id, version: 1, edited_at: null },
    deleted_at: isDeleted ? row.created_at : null,
  }))
  await app.database.unitOfWork(async ({ tx }) => {
    await tx.insertInto('messages').values(rows).execute()
    // Some that are deleted still have their terms, as while a deletion is on its way.
    const found = some.filter(({ isDeleted, seq }) => !isDeleted || seq % 4 === 0)
    const terms = found.map((row) => ({ message_id: row.id, terms: searchTerms(row) }))
    await tx.insertInto('message_search').values(terms).execute()
    const hides = some.filter(({ isHidden }) => isHidden).map(({ id }) => ({ user_id: ann.userId, message_id: id }))
    if (hides.length > 0) await tx.insertInto('message_hides').values(hides).execute()
  })
}

interface Query {
  words: readonly string[]
  room: number | undefined
  sender: 'ann' | 'bob' | undefined
  after: number | undefined
  before: number | undefined
  limit: number
}

const timeAt = (index: number | undefined) => (index === undefined ? undefined : history[index]?.created_at)
const whereIs = ({ room }: Query) => (room === undefined ? undefined : (mine[room] ?? theirs))

/** Without any index: of all that is written what Ann may see and asked for, newest first. */
function expected(query: Query): string[] {
  const sender = query.sender && { ann, bob }[query.sender].userId
  const [after, before, room] = [timeAt(query.after), timeAt(query.before), whereIs(query)]
  const isSeen = (each: Written) =>
    mine.includes(each.conversation_id) &&
    !(each.conversation_id === mine[1] && each.seq <= hiddenUpTo) &&
    !(each.isDeleted || each.isHidden || each.sender_id === dan.userId)
  const hasWords = ({ text }: Written) => {
    const has = text.toLowerCase().match(/[a-z0-9]+/g) ?? []
    return query.words.every((word) =>
      has.some((each) => (word.endsWith('*') ? each.startsWith(word.slice(0, -1)) : each === word)),
    )
  }
  const isAsked = (each: Written) =>
    (room === undefined || each.conversation_id === room) &&
    (sender === undefined || each.sender_id === sender) &&
    (after === undefined || each.created_at >= after) &&
    (before === undefined || each.created_at < before)
  const found = history.filter((each) => isSeen(each) && isAsked(each) && hasWords(each))
  return found.map(({ id }) => id).reverse()
}

/** As many pages as there are, at most so many. */
async function found(query: Query, mostPages: number): Promise<string[]> {
  const [after, before, room] = [timeAt(query.after), timeAt(query.before), whereIs(query)]
  const asked = {
    q: query.words.join(' '),
    conversation_id: room,
    from: query.sender && `@${query.sender}`,
    after,
    before,
  }
  const given = Object.entries({ ...asked, limit: String(query.limit) }).filter(([, value]) => value !== undefined)
  const hits: string[] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const more: [string, string][] = cursor === null ? [] : [['cursor', cursor]]
    const answer = await ann.get(`/search/messages?${new URLSearchParams([...(given as [string, string][]), ...more])}`)
    expect(answer.status, answer.body).toBe(200)
    const { data, page: told } = answer.json
    hits.push(...data.map((hit: { message: { id: string } }) => hit.message.id))
    cursor = told.next_cursor
    if (cursor === null) break
    expect(data).toHaveLength(query.limit)
  }
  return hits
}

const anything: Query = {
  ...{ words: ['every'], room: undefined, sender: undefined, after: undefined, before: undefined, limit: 100 },
}

it.each<Partial<Query>>([
  { words: ['every'] },
  { words: ['often'], limit: 20 },
  { words: ['seldom'], limit: 5 },
  { words: ['every', 'often', 'often2'], limit: 3 },
  { words: ['harbour*'], limit: 30 },
  { words: ['elsewhere'], limit: 1 },
  { words: ['olden'] },
  { words: [`${long}*`] },
  { words: ['once1817'] },
  { words: ['nowhere'] },
  { words: ['seldom'], room: 0, limit: 3 },
  { words: ['olden'], room: 0, limit: 40 },
  { words: ['every'], room: 1 },
  { words: ['every'], room: 40 },
  { words: ['every'], room: 7, limit: 10 },
  { words: ['every'], sender: 'bob' },
])('P8: all pages of a search are what a look at every message finds, in its order: %j', async (some) => {
  const query = { ...anything, ...some }
  const all = expected(query)
  if (query.room !== 40 && query.words[0] !== 'nowhere') expect(all.length).toBeGreaterThan(0)
  expect(await found(query, Number.POSITIVE_INFINITY)).toEqual(all)
})

const word = fc.constantFrom(...Object.keys(words), 'no', 'harb*', 'of*', 's*', 'e*', 'olden', '9*', 'donau*')
const queries = fc.record<Query>({
  words: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
  room: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined, freq: 1 }),
  sender: fc.option(fc.constantFrom('ann', 'bob'), { nil: undefined, freq: 1 }),
  after: fc.option(fc.integer({ min: 0, max: 6_999 }), { nil: undefined, freq: 1 }),
  before: fc.option(fc.integer({ min: 0, max: 6_999 }), { nil: undefined, freq: 1 }),
  limit: fc.integer({ min: 1, max: 100 }),
})

it('P8: whatever is asked for, the pages are those of a look at every message', async () => {
  const mostPages = 3
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      expect(await found(query, mostPages)).toEqual(expected(query).slice(0, mostPages * query.limit))
    }),
    { numRuns: 40 },
  )
})

it.runIf(testEngine === 'sqlite').each([
  { word: 'once1817', why: 'a rare word', isNamed: [false] },
  { word: 'every', why: 'what the newest messages have', isNamed: [false] },
  { word: 'elsewhere', why: 'what others write', isNamed: [false, true] },
])('P8: where the index has an order, $why names the conversations only where it must', async ({ word, isNamed }) => {
  const matches = vi.spyOn(app.database.dialect.search, 'matches')
  try {
    await found({ ...anything, words: [word], limit: 20 }, 1)
    const named = matches.mock.calls.map(([{ groups }]) => groups.flat().some(({ term }) => term.startsWith('qc')))
    expect(named).toEqual(isNamed)
  } finally {
    matches.mockRestore()
  }
})
