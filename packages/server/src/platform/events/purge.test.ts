import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import { newId } from '../ids.ts'
import { defaultPurgeLimits, purgeEvents } from './purge.ts'
import { createStream, readEvents } from './streams.ts'

let test: TestHandle
const now = new Date()

beforeAll(async () => {
  test = await openTestDatabase()
})
afterAll(() => test.drop())

/** A stream with events of which the first `old` are ten days old. */
async function stream(count: number, old: number): Promise<string> {
  const id = `conversation:${newId()}`
  await test.handle.unitOfWork(async (uow) => {
    await createStream(uow.tx, id)
    await uow.append(Array.from({ length: count }, () => ({ stream: id, type: 'test.happened', refs: {} })))
    await uow.tx
      .updateTable('events')
      .set({ created_at: new Date(now.getTime() - 10 * 24 * 3600 * 1000).toISOString() })
      .where('stream_id', '=', id)
      .where('seq', '<=', old)
      .execute()
  })
  return id
}

async function state(id: string) {
  const { head, tail } = await test.handle.db
    .selectFrom('streams')
    .select(['head', 'tail'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const events = await readEvents(test.handle.db, id, 0, 1000)
  return { head, tail, kept: events.length, first: events[0]?.seq }
}

it('removes what is old or too much, in batches, and moves the tail with it', async () => {
  const [young, mixed, long, dead, empty] = [
    await stream(5, 0),
    await stream(25, 12),
    await stream(60, 0),
    await stream(8, 8),
    await stream(0, 0),
  ] as const
  const limits = { ...defaultPurgeLimits(now), keep: 40, batch: 5 }
  expect(await purgeEvents(test.handle, limits)).toBe(12 + 20 + 8)
  expect(await state(young)).toEqual({ head: 5, tail: 1, kept: 5, first: 1 })
  expect(await state(mixed)).toEqual({ head: 25, tail: 13, kept: 13, first: 13 })
  expect(await state(long)).toEqual({ head: 60, tail: 21, kept: 40, first: 21 })
  expect(await state(dead)).toEqual({ head: 8, tail: 9, kept: 0, first: undefined })
  expect(await state(empty)).toEqual({ head: 0, tail: 1, kept: 0, first: undefined })

  expect(await purgeEvents(test.handle, limits)).toBe(0)
  const [next] = await test.handle.unitOfWork((uow) => uow.append([{ stream: dead, type: 'test.happened', refs: {} }]))
  expect(next?.seq).toBe(9)
  expect(await state(dead)).toEqual({ head: 9, tail: 9, kept: 1, first: 9 })
})
