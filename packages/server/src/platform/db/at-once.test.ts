import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openTestDatabase, type TestHandle, testEngine } from '../../../test/databases.ts'
import { answered, askAll, writeAll } from './at-once.ts'
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
const writeAllOf = (statements: (tx: Db) => Parameters<typeof writeAll>[1]) =>
  test.handle.unitOfWork(({ tx }) => writeAll(tx, statements(tx)))

it('writes all of them, each with its own values, whatever stands in those', async () => {
  await writeAllOf((tx) => [inserted(tx, 'a', 5)])
  await writeAllOf((tx) => [inserted(tx, 'b', 7), raised(tx, 'a', 3), inserted(tx, 'c', 9), event(tx, 'b')])
  await writeAllOf((tx) => [inserted(tx, 'd', 1), raised(tx, 'b', 10), inserted(tx, 'e', 2), event(tx, 'd')])
  expect(await heads()).toEqual({ a: 8, b: 17, c: 9, d: 1, e: 2 })
  const events = await test.handle.db.selectFrom('events').select(['type', 'refs']).execute()
  const told = events.map(({ type, refs }) => ({ type, refs: JSON.parse(refs) as unknown }))
  expect(told).toEqual(Array(2).fill({ type: "it's $1 and $2", refs: { a: '$3' } }))
})

it('writes none of them where one cannot be, and says which', async () => {
  const before = await heads()
  const failed = writeAllOf((tx) => [inserted(tx, 'f'), raised(tx, 'a', 1), inserted(tx, 'a')])
  const error = await failed.catch((thrown: unknown) => thrown)
  expect(test.handle.dialect.isUniqueViolation(error, 'streams_pkey')).toBe(true)
  expect(await heads()).toEqual(before)
})

it('is content with nothing', async () => {
  await writeAllOf(() => [])
})

describe('what is asked together', () => {
  const head = (tx: Db, id: string) => ({
    queries: [tx.selectFrom('streams').selectAll().where('id', '=', id).compile()],
    read: ([result]: readonly { rows: unknown[] }[]) => (result?.rows[0] as { head: number } | undefined)?.head,
  })

  it('is answered in its order, what stands before it included, however often the same is asked', async () => {
    for (let time = 1; time <= 5; time++) {
      const answers = await test.handle.unitOfWork(async ({ tx }) => {
        await writeAll(tx, [raised(tx, 'e', 1)])
        return askAll(tx, [head(tx, 'e'), answered('nothing'), head(tx, 'd'), head(tx, 'e'), head(tx, 'none')])
      })
      expect(answers).toEqual([2 + time, 'nothing', 1, 2 + time, undefined])
    }
    expect(await test.handle.unitOfWork(({ tx }) => askAll(tx, [answered(1)]))).toEqual([1])
    expect(await askAll(test.handle.db, [head(test.handle.db, 'd'), head(test.handle.db, 'none')])).toEqual([
      1,
      undefined,
    ])
  })

  it('is one way outside a transaction too, where the engine has one', async () => {
    const ways = vi.spyOn(test.handle.meter, 'recordAll')
    const { db } = test.handle
    expect(await askAll(db, [head(db, 'd'), head(db, 'none'), head(db, 'a')])).toEqual([1, undefined, 8])
    expect(ways.mock.calls.map(([statements]) => statements.length)).toEqual(
      testEngine === 'postgres' ? [3] : [1, 1, 1],
    )
    ways.mockRestore()
  })

  it('tells which of them failed outside a transaction, and can be asked again', async () => {
    const { db } = test.handle
    const broken = { queries: [sql`select nothing from streams`.compile(db)], read: () => 'never' }
    await expect(askAll(db, [head(db, 'd'), broken, head(db, 'a')])).rejects.toThrow(/nothing/)
    expect(await askAll(db, [head(db, 'd'), head(db, 'a')])).toEqual([1, 8])
  })

  it.each([
    ['inside', (work: (tx: Db) => Promise<unknown>) => test.handle.unitOfWork(({ tx }) => work(tx))],
    ['outside', (work: (tx: Db) => Promise<unknown>) => work(test.handle.db)],
  ])('is asked anew %s a transaction where a newer version has changed the table meanwhile', async (_, run) => {
    const heads = () => run((tx) => askAll(tx, [head(tx, 'd'), head(tx, 'e')]))
    expect(await heads()).toEqual([1, 7])
    await test.handle.migrationSession((db) => sql`alter table streams add column later integer`.execute(db))
    expect(await heads()).toEqual([1, 7])
    await test.handle.migrationSession((db) => sql`alter table streams drop column later`.execute(db))
    expect(await heads()).toEqual([1, 7])
  })
})

describe('a write that nobody waits for', () => {
  it('fails with what comes next, or with the commit, and nothing of its transaction stays', async () => {
    const before = await heads()
    const told: string[] = []
    const work = (then: (tx: Db) => Promise<unknown>) =>
      test.handle
        .unitOfWork(async ({ tx, afterCommit }) => {
          afterCommit(() => told.push('kept'))
          await writeAll(tx, [raised(tx, 'a', 1), inserted(tx, 'b'), raised(tx, 'c', 1)])
          await then(tx)
        })
        .catch((thrown: unknown) => test.handle.dialect.isUniqueViolation(thrown, 'streams_pkey'))
    expect(await work(async () => {})).toBe(true)
    expect(await work((tx) => tx.selectFrom('streams').selectAll().execute())).toBe(true)
    expect([await heads(), told]).toEqual([before, []])
  })

  it('is taken back alone with its part of what is done together', async () => {
    await test.handle.together(async () => {
      await test.handle.unitOfWork(({ tx }) => writeAll(tx, [inserted(tx, 'x', 1)]))
      const failed = test.handle.unitOfWork(({ tx }) => writeAll(tx, [raised(tx, 'x', 5), inserted(tx, 'x')]))
      await expect(failed).rejects.toThrow()
      const given = test.handle.unitOfWork(async ({ tx }) => {
        await writeAll(tx, [inserted(tx, 'never')])
        throw new Error('no')
      })
      await expect(given).rejects.toThrow('no')
      await test.handle.unitOfWork(({ tx }) => writeAll(tx, [raised(tx, 'x', 1)]))
    })
    expect(await heads()).toMatchObject({ x: 2 })
    expect(Object.keys(await heads())).not.toContain('never')
  })
})
