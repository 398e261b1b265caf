import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import { prepared } from './prepared.ts'
import type { Db } from './schema.ts'
import { bookkeepingNames } from './tables/bookkeeping-names.ts'

let test: TestHandle
const now = '2026-11-21T08:00:00.000Z'

beforeAll(async () => {
  test = await openTestDatabase()
  await test.handle.unitOfWork(async ({ tx }) => {
    const rows = ['a', 'b', 'c', 'd'].map((id, index) => ({ id, head: index, tail: 1, changed_at: 0 }))
    await tx.insertInto('streams').values(rows).execute()
  })
})
afterAll(() => test.drop())

function counted() {
  let written = 0
  const query = prepared((db: Db, { ids, from }: { ids: readonly string[]; from: number }) => {
    written++
    return db
      .selectFrom('streams')
      .select(['id', 'head'])
      .where('id', 'in', ids)
      .where('head', '>=', from)
      .orderBy('id')
  })
  const find = async (ids: readonly string[], from: number, db = test.handle.db) =>
    (await query(db, { ids, from })).rows.map(({ id }) => id)
  return { find, written: () => written }
}

it('is written once for each length of its list, and run with the values of each call', async () => {
  const { find, written } = counted()
  expect(await find(['a', 'b'], 0)).toEqual(['a', 'b'])
  expect(await find(['c', 'd'], 3)).toEqual(['d'])
  expect(await find(["a' or 1=1 --", 'b'], 0)).toEqual(['b'])
  expect(written()).toBe(1)
  expect([await find(['b'], 0), await find(['c'], 0), written()]).toEqual([['b'], ['c'], 2])
  // Side by side, too.
  const both = await Promise.all([find(['a'], 0), find(['d'], 0), find(['a'], 1)])
  expect([both, written()]).toEqual([[['a'], ['d'], []], 2])
})

it('is written once for sets that are nearly as long, and once for each kept number of rows', async () => {
  const { find, written } = counted()
  expect(await find(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'], 2)).toEqual(['c', 'd'])
  expect(await find(['d', 'c', 'b', 'a', '1', '2', '3', '4', '5', '6', '7'], 1)).toEqual(['b', 'c', 'd'])
  expect(written()).toBe(1)
  let texts = 0
  const inserted = prepared((db: Db, { rows }: { rows: readonly { id: string; head: number }[] }) => {
    texts++
    return db.insertInto('streams').values(rows.map((row) => ({ ...row, tail: 1, changed_at: 0 })))
  })
  const insert = (...ids: string[]) =>
    test.handle.unitOfWork(({ tx }) => inserted(tx, { rows: ids.map((id, index) => ({ id, head: 20 + index })) }))
  await insert('row p', 'row q')
  await insert('row r', 'row s')
  expect(texts).toBe(1)
  const nine = Array.from({ length: 9 }, (_, index) => `n${index}`)
  await insert(...nine)
  expect(await find(['row p', 'row q', 'row r', 'row s'], 21)).toEqual(['row q', 'row s'])
  expect((await find(nine, 20)).length).toBe(9)
})

it('is written anew for a list that is long, and for another database', async () => {
  const { find, written } = counted()
  const many = Array.from({ length: 70 }, (_, index) => String.fromCharCode(97 + index))
  expect([await find(many, 0), await find(many, 2)]).toEqual([
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ])
  expect(written()).toBe(2)
  const other = await openTestDatabase()
  try {
    expect([await find(['a'], 0), await find(['a'], 0, other.handle.db), await find(['a'], 0)]).toEqual([
      ['a'],
      [],
      ['a'],
    ])
  } finally {
    await other.drop()
  }
})

it('is written anew where a plugin says the names of tables otherwise', async () => {
  const { find, written } = counted()
  const renamed = test.handle.db.withPlugin(bookkeepingNames)
  expect(await find(['a'], 0)).toEqual(['a'])
  await expect(find(['a'], 0, renamed)).rejects.toThrow('_atrium_streams')
  expect([await find(['b'], 0), written()]).toEqual([['b'], 2])
})

it('takes part in a transaction, and refuses what cannot be a value', async () => {
  const { find } = counted()
  await test.handle.unitOfWork(async ({ tx }) => {
    await tx.insertInto('streams').values({ id: now, head: 9, tail: 1, changed_at: 0 }).execute()
    expect(await find([now], 0, tx)).toEqual([now])
  })
  await expect(find([undefined as unknown as string], 0)).rejects.toThrow('Only text, numbers and null')
})
