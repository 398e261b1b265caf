import { CompiledQuery, type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import type { UnorderedSearch } from '../../platform/db/dialects/dialect.ts'
import type { Db } from '../../platform/db/schema.ts'
import { newId } from '../../platform/ids.ts'
import { countAmongNewest, listNewest, lookThrough, searchMessages } from './search.repository.ts'

let test: TestHandle
let search: UnorderedSearch
/** So many that the messages of all, in the order of their ids, are not the cheaper way to those of a few. */
const rooms = Array.from({ length: 300 }, () => newId())
const [userId, at] = [newId(), '2026-11-21T08:00:00.000Z']
/** All of its messages are older than those of others, who write much. */
const quiet = { room: newId(), ids: Array.from({ length: 20 }, () => newId()) }
const messages = Array.from({ length: 12_000 }, (_, index) => ({ id: newId(), room: index % 300, seq: index + 1 }))
/** Of the first room, where it has a message. */
const idAt = (index: number) => messages[index * 300]?.id as string

beforeAll(async () => {
  test = await openTestDatabase()
  search = test.handle.dialect.search.unordered as UnorderedSearch
  await test.handle.unitOfWork(async ({ tx }) => {
    await insertRooms(tx, rooms)
    for (let first = 0; first < messages.length; first += 500) await insert(tx, messages.slice(first, first + 500))
  })
  await analyze(test)
})
afterAll(() => test.drop())

const analyze = ({ handle }: TestHandle) => {
  const text = testEngine === 'mariadb' ? 'analyze table messages, message_search, conversation_members' : 'analyze'
  return handle.migrationSession((session) => sql.raw(text).execute(session))
}

async function insertRooms(tx: Db, ids: readonly string[]) {
  const rest = { kind: 'group', title: null, direct_key: null, created_by: userId, last_number: 40 }
  const times = { last_message_at: at, created_at: at, updated_at: at, version: 1 }
  await tx
    .insertInto('conversations')
    .values(ids.map((id) => ({ id, ...rest, ...times })))
    .execute()
  const read = { last_read_seq: 0, last_read_number: 0, last_read_at: null }
  const member = { user_id: userId, role: 'member', joined_at: at, visible_from: 0, ...read }
  await tx
    .insertInto('conversation_members')
    .values(ids.map((conversation_id) => ({ conversation_id, ...member })))
    .execute()
}

async function insert(tx: Db, some: typeof messages, from = rooms) {
  const rest = { sender_id: userId, text: '', edited_at: null, deleted_at: null, created_at: at, version: 1 }
  const rows = some.map(({ id, room, seq }) => ({
    ...{ id, conversation_id: from[room] as string, client_id: id, ...rest },
    ...{ seq, number: seq },
  }))
  await tx.insertInto('messages').values(rows).execute()
  const terms = some.map(({ id, seq }) => ({ message_id: id, terms: `qcabc qwharbour qwrare${seq}` }))
  await tx.insertInto('message_search').values(terms).execute()
}

type Step = { [name: string]: unknown }

/** How many rows of a table its statement read, whatever it made of them. */
async function rowsRead(table: string, read: (db: Db) => Promise<unknown>, { handle } = test): Promise<number> {
  const queries: CompiledQuery[] = []
  const db = handle.db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      queries.push(handle.db.getExecutor().compileQuery(node as never, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await read(db)
  const query = queries.at(-1) as CompiledQuery
  const words = testEngine === 'postgres' ? 'explain (analyze, format json) ' : 'analyze format=json '
  const { rows } = await handle.db.executeQuery<Step>(CompiledQuery.raw(words + query.sql, [...query.parameters]))
  const [told] = Object.values(rows[0] ?? {})
  return readIn(typeof told === 'string' ? JSON.parse(told) : told, table)
}

function readIn(plan: unknown, table: string): number {
  if (typeof plan !== 'object' || plan === null) return 0
  const step = plan as Step
  const count = (...names: string[]) => names.reduce((sum, name) => sum + Number(step[name] ?? 0), 0)
  const isOfTable = step['Relation Name'] === table || step.table_name === table
  const own =
    testEngine === 'postgres'
      ? count('Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Index Recheck') * count('Actual Loops')
      : count('r_rows') * count('r_loops')
  return Object.values(step).reduce<number>((sum, part) => sum + readIn(part, table), isOfTable ? own : 0)
}

const term = (text: string) => [{ term: text, isPrefix: false }]
const bounds = { reader: { userId, blockedIds: [] }, from: undefined, until: undefined, limit: 21 }

// SQLite's index gives the newest first by itself, see plans.test.ts of the platform.
it.skipIf(testEngine === 'sqlite').each([
  ['one conversation', 1, 'qwnowhere'],
  ['several conversations', 3, 'qwnowhere'],
  ['one conversation, found at once', 1, 'qwharbour'],
])('P8: a look into %s reads the messages it is for, and no others', async (_, count, word) => {
  const range = { ...bounds, limit: 5, groups: [term(word)], before: idAt(35), downTo: idAt(15) }
  const conversationIds = rooms.slice(0, count)
  const read = (db: Db) => lookThrough(db, search, { ...range, conversationIds })
  expect(await read(test.handle.db)).toHaveLength(word === 'qwharbour' ? 5 : 0)
  const looked = await rowsRead('messages', read)
  expect(looked).toBeGreaterThanOrEqual(word === 'qwharbour' ? 5 : 20 * count - count)
  expect(looked).toBeLessThanOrEqual(20 * count)
  expect(await rowsRead('message_search', read)).toBeLessThanOrEqual(20 * count)
})

it.skipIf(testEngine === 'sqlite').each([
  ['now', undefined],
  ['before a place far back', idAt(5)],
])('P8: the newest message of each conversation, %s, is read and no others', async (_, before) => {
  const read = (db: Db) => listNewest(db, search, [...rooms.slice(0, 4), newId()], before)
  const newest = messages.filter(({ id, room }) => room < 4 && (before === undefined || id < before)).slice(-4)
  expect((await read(test.handle.db)).map(({ id }) => id)).toEqual(newest.map(({ id }) => id).reverse())
  expect(await rowsRead('messages', read)).toBeLessThanOrEqual(10)
})

it.skipIf(testEngine === 'sqlite')('P8: whether words are common is seen from the newest messages', async () => {
  const asks = (word: string) => (db: Db) => countAmongNewest(db, search, [term(word)], 100)
  expect(await asks('qwharbour')(test.handle.db)).toBe(100)
  expect(await asks('qwrare11990')(test.handle.db)).toBe(1)
  expect(await asks('qwrare39')(test.handle.db)).toBe(0)
  expect(await rowsRead('message_search', asks('qwrare39'))).toBeLessThanOrEqual(200)
})

it.skipIf(testEngine === 'sqlite').each([undefined, idAt(30)])(
  'P8: the index of words is read for a word, and of messages those that have it (before %s)',
  async (before) => {
    const groups = [term('qcabc'), term('qwrare801')]
    const read = (db: Db) => searchMessages(db, test.handle.dialect, { ...bounds, groups, before })
    expect(await read(test.handle.db)).toHaveLength(1)
    expect(await rowsRead('messages', read)).toBe(1)
    expect(await rowsRead('message_search', read)).toBe(1)
  },
)

it.runIf(testEngine === 'postgres')('P8: the index of words is asked without helping processes', async () => {
  const groups = [term('qwrare801')]
  const search = { table: 'message_search', key: 'message_id', terms: 'terms', groups }
  const matches = test.handle.dialect.search.matches(search)
  const settings = ['parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size', 'enable_bitmapscan']
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const setting of settings) await sql.raw(`set local ${setting} = 0`).execute(tx)
    const planOf = async (query: RawBuilder<unknown>) =>
      JSON.stringify((await sql`explain (format json) ${query}`.execute(tx)).rows)
    expect(await planOf(sql`select key from ${matches} as found`)).not.toContain('Gather')
    expect(await planOf(sql`select message_id from message_search where terms like '%qwrare801%'`)).toContain('Gather')
  })
})

it.skipIf(testEngine === 'sqlite')('P8: of others, however much they have written since, nothing is read', async () => {
  const own = await openTestDatabase()
  try {
    const all = [quiet.room, newId(), newId()]
    const since = Array.from({ length: 3_000 }, (_, index) => ({
      id: newId(),
      room: 1 + (index % 2),
      seq: index + 301,
    }))
    const before = since.at(-1)?.id as string
    await own.handle.unitOfWork(async ({ tx }) => {
      await insertRooms(tx, all)
      const old = quiet.ids.map((id, index) => ({ id, room: 0, seq: index + 1 }))
      for (const some of [old, since.slice(0, 1_500), since.slice(1_500)]) await insert(tx, some, all)
    })
    await analyze(own)
    const newest = (db: Db) => listNewest(db, search, [quiet.room], before)
    expect(await newest(own.handle.db)).toMatchObject([{ id: quiet.ids.at(-1) }])
    expect(await rowsRead('messages', newest, own)).toBeLessThanOrEqual(3)
    const range = { ...bounds, limit: 5, groups: [term('qwharbour')], before, downTo: quiet.ids[0] }
    const look = (db: Db) => lookThrough(db, search, { ...range, conversationIds: [quiet.room] })
    expect(await look(own.handle.db)).toHaveLength(5)
    expect(await rowsRead('messages', look, own)).toBeLessThanOrEqual(20)
  } finally {
    await own.drop()
  }
})
