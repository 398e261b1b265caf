import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import type { Db } from './schema.ts'

let test: TestHandle
beforeAll(async () => {
  test = await openTestDatabase()
})
afterAll(() => test.drop())

const stream = (id: string, head = 0) => ({ id, head, tail: 1, changed_at: 0 })
const inserted = (tx: Db, id: string, head = 0) => tx.insertInto('streams').values(stream(id, head)).compile()
const raised = (tx: Db, id: string, by: number) =>
  tx
    .updateTable('streams')
    .set((row) => ({ head: row('head', '+', by) }))
    .where('id', '=', id)
    .compile()
const event = (tx: Db, id: string) =>
  tx
    .insertInto('events')
    .values({
      stream_id: id,
      seq: 1,
      type: "it's $1 and $2",
      refs: '{"a":"$3"}',
      created_at: '2026-11-21T08:00:00.000Z',
    })
    .compile()
const heads = async () => {
  const rows = await test.handle.db.selectFrom('streams').select(['id', 'head']).orderBy('id').execute()
  return Object.fromEntries(rows.map(({ id, head }) => [id, head]))
}
const writeAll = (statements: (tx: Db) => Parameters<typeof test.handle.dialect.writeAll>[1]) =>
  test.handle.unitOfWork(({ tx }) => test.handle.dialect.writeAll(tx, statements(tx)))

it('writes all of them, each with its own values, whatever stands in those', async () => {
  await writeAll((tx) => [inserted(tx, 'a', 5)])
  await writeAll((tx) => [inserted(tx, 'b', 7), raised(tx, 'a', 3), inserted(tx, 'c', 9), event(tx, 'b')])
  await writeAll((tx) => [inserted(tx, 'd', 1), raised(tx, 'b', 10), inserted(tx, 'e', 2), event(tx, 'd')])
  expect(await heads()).toEqual({ a: 8, b: 17, c: 9, d: 1, e: 2 })
  const events = await test.handle.db.selectFrom('events').select(['type', 'refs']).execute()
  const told = events.map(({ type, refs }) => ({ type, refs: JSON.parse(refs) as unknown }))
  expect(told).toEqual(Array(2).fill({ type: "it's $1 and $2", refs: { a: '$3' } }))
})

it('writes none of them where one cannot be, and says which', async () => {
  const before = await heads()
  const failed = writeAll((tx) => [inserted(tx, 'f'), raised(tx, 'a', 1), inserted(tx, 'a')])
  const error = await failed.catch((thrown: unknown) => thrown)
  expect(test.handle.dialect.isUniqueViolation(error, 'streams_pkey')).toBe(true)
  expect(await heads()).toEqual(before)
})

it('is content with nothing', async () => {
  await writeAll(() => [])
})
