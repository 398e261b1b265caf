import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import { askAll } from '../db/at-once.ts'
import { newId } from '../ids.ts'
import {
  type AppendedEvent,
  askHeadsForUpdate,
  createStream,
  headsAfter,
  listChangedStreams,
  listHeads,
  type NewEvent,
  readEvents,
  readEventsAfter,
} from './streams.ts'

let test: TestHandle
let told: AppendedEvent[] = []

beforeAll(async () => {
  test = await openTestDatabase({ onAppended: (events) => told.push(...events) })
})
afterAll(() => test.drop())
beforeEach(() => {
  told = []
})

async function newStreams(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `conversation:${newId()}`).sort()
  await test.handle.unitOfWork(async ({ tx }) => {
    for (const id of ids) await createStream(tx, id)
  })
  return ids
}

async function newStream(): Promise<string> {
  const [id] = await newStreams(1)
  return id as string
}

const event = (stream: string, refs: NewEvent['refs'] = {}): NewEvent => ({ stream, type: 'message.created', refs })
const append = (...events: NewEvent[]) => test.handle.unitOfWork((uow) => uow.append(events))
const seqs = (events: readonly AppendedEvent[]) => events.map(({ seq }) => seq)
const markOf = async (id: string): Promise<number> => {
  const query = test.handle.db.selectFrom('streams').select('changed_at').where('id', '=', id)
  return (await query.executeTakeFirstOrThrow()).changed_at
}
/** As if it had last been marked then. */
const markedAgo = async (id: string, ms: number): Promise<number> => {
  await test.handle.unitOfWork(({ tx }) =>
    tx
      .updateTable('streams')
      .set((row) => ({ changed_at: row(test.handle.dialect.nowMs, '-', ms) }))
      .where('id', '=', id)
      .execute(),
  )
  return markOf(id)
}
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe('append', () => {
  it('numbers each stream by itself and answers in the order given', async () => {
    const [a, b] = (await newStreams(2)) as [string, string]
    const appended = await append(event(b, { id: 'ü', n: 7 }), event(a), event(b))
    expect(appended.map(({ stream, seq }) => [stream, seq])).toEqual([
      [b, 1],
      [a, 1],
      [b, 2],
    ])
    expect(await readEvents(test.handle.db, b, 0, 10)).toEqual([appended[0], appended[2]])
    expect(await readEvents(test.handle.db, b, 1, 10)).toEqual([appended[2]])
    expect(appended[0]).toMatchObject({ refs: { id: 'ü', n: 7 }, at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) })
  })

  it('tells what was committed, once, and its heads', async () => {
    const stream = await newStream()
    const appended = await append(event(stream), event(stream))
    expect(told).toEqual(appended)
    expect(headsAfter(told)).toEqual([{ stream, seq: 2 }])
    expect(await listHeads(test.handle.db, [stream, 'conversation:none'])).toEqual([{ stream, seq: 2 }])
  })

  it('leaves no hole and tells nothing after a rollback', async () => {
    const stream = await newStream()
    const work = test.handle.unitOfWork(async (uow) => {
      await uow.append([event(stream)])
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(told).toEqual([])
    expect(seqs(await append(event(stream)))).toEqual([1])
  })

  it('refuses a second append, and a stream that does not exist', async () => {
    const stream = await newStream()
    const twice = test.handle.unitOfWork(async (uow) => {
      await uow.append([event(stream)])
      await uow.append([event(stream)])
    })
    await expect(twice).rejects.toThrow('append once')
    await expect(append(event(stream), event('conversation:none'))).rejects.toThrow(
      'There is no stream conversation:none',
    )
    expect(await readEvents(test.handle.db, stream, 0, 10)).toEqual([])
  })

  it('stores more events than one statement takes', async () => {
    const stream = await newStream()
    await append(...Array.from({ length: 1203 }, () => event(stream)))
    expect(seqs(await readEvents(test.handle.db, stream, 0, 2000))).toEqual(upTo(1203))
  })

  it('stays without holes under parallel appends with rollbacks among them', async () => {
    const stream = await newStream()
    const settled = await Promise.allSettled(
      upTo(50).map((number) =>
        test.handle.unitOfWork(async (uow) => {
          await uow.append(Array.from({ length: 1 + (number % 3) }, () => event(stream, { number })))
          if (number % 4 === 0) throw new Error('rolled back')
        }),
      ),
    )
    const failed = settled.filter((result) => result.status === 'rejected')
    expect(failed.map((result) => result.reason.message)).toEqual(Array.from({ length: 12 }, () => 'rolled back'))
    const events = await readEvents(test.handle.db, stream, 0, 1000)
    expect(seqs(events)).toEqual(upTo(events.length))
    expect(new Set(events.map(({ refs }) => refs.number)).size).toBe(38)
  })

  it('takes streams in one order, so that appends to the same streams do not deadlock', async () => {
    const streams = await newStreams(6)
    let attempts = 0
    await Promise.all(
      upTo(40).map((number) =>
        test.handle.unitOfWork(async (uow) => {
          attempts++
          const turned = number % 2 === 0 ? streams : [...streams].reverse()
          await uow.append(turned.map((stream) => event(stream)))
        }),
      ),
    )
    expect(attempts).toBe(40)
    for (const stream of streams) expect(seqs(await readEvents(test.handle.db, stream, 0, 100))).toEqual(upTo(40))
  })
})

describe('a reader that follows a stream (F17)', () => {
  it('never skips an event whose transaction is committed late', async () => {
    const rounds = 200
    const stream = await newStream()
    let isDone = false
    const writer = async () => {
      for (let round = 0; round < rounds; round++) {
        const work = test.handle.unitOfWork(async (uow) => {
          await uow.append([event(stream)])
          if (round % 2 === 0) await sleep(Math.random() * 2)
          if (round % 10 === 9) throw new Error('rolled back')
        })
        await work.catch(() => {})
      }
    }
    const read: number[] = []
    const reader = async () => {
      for (let last = false; !last; ) {
        last = isDone
        read.push(...seqs(await readEvents(test.handle.db, stream, read.at(-1) ?? 0, 100)))
        await sleep(0)
      }
    }
    const reading = reader()
    await Promise.all([writer(), writer()])
    isDone = true
    await reading
    expect(read).toEqual(upTo(rounds * 2 * 0.9))
  })
})

describe('reading many streams', () => {
  it('answers in one query what comes after each position, up to the limit', async () => {
    const [a, b, c] = (await newStreams(3)) as [string, string, string]
    await append(...[a, b, c].flatMap((stream) => [event(stream), event(stream), event(stream)]))
    const after = (limit: number) =>
      readEventsAfter(
        test.handle.db,
        test.handle.dialect,
        [
          { stream: c, seq: 0 },
          { stream: a, seq: 2 },
          { stream: b, seq: 3 },
          { stream: 'conversation:none', seq: 0 },
        ],
        limit,
      )
    expect((await after(10)).map(({ stream, seq }) => [stream, seq])).toEqual([
      [a, 3],
      [c, 1],
      [c, 2],
      [c, 3],
    ])
    expect((await after(2)).map(({ stream, seq }) => [stream, seq])).toEqual([
      [a, 3],
      [c, 1],
    ])
    expect(await readEventsAfter(test.handle.db, test.handle.dialect, [], 10)).toEqual([])
  })

  it('takes a thousand positions', async () => {
    const streams = await newStreams(1000)
    await append(...streams.map((stream) => event(stream)))
    const positions = streams.map((stream, index) => ({ stream, seq: index % 2 }))
    const events = await readEventsAfter(test.handle.db, test.handle.dialect, positions, 1000)
    expect(events.map(({ stream }) => stream)).toEqual(streams.filter((_, index) => index % 2 === 0))
  })

  it('finds what changed lately by the clock of the database', async () => {
    const [silent, grown] = (await newStreams(2)) as [string, string]
    const before = Date.now()
    await append(event(grown), event(grown))
    const changed = await listChangedStreams(test.handle.db, test.handle.dialect, 20_000)
    expect(changed).toContainEqual({ stream: grown, seq: 2 })
    expect(changed.map(({ stream }) => stream)).not.toContain(silent)
    expect(Math.abs((await markOf(grown)) - before)).toBeLessThan(5000)
    await markedAgo(grown, 30_000)
    const just = await listChangedStreams(test.handle.db, test.handle.dialect, 20_000)
    expect(just.map(({ stream }) => stream)).not.toContain(grown)
  })

  it('are found where they were marked just before they grew, and marked anew only after that', async () => {
    const { db, dialect, unitOfWork } = test.handle
    const stream = await newStream()
    const appendHeld = () =>
      unitOfWork(async (uow) => {
        const [held] = await askAll(uow.tx, [askHeadsForUpdate(uow.tx, dialect, [stream])])
        await uow.append([event(stream)], held)
      })
    for (const grow of [() => append(event(stream)), appendHeld]) {
      const recent = await markedAgo(stream, 3_000)
      await grow()
      expect(await markOf(stream)).toBe(recent)
      expect((await listChangedStreams(db, dialect, 10)).map((each) => each.stream)).toContain(stream)
      const old = await markedAgo(stream, 60_000)
      await grow()
      expect(await markOf(stream)).toBeGreaterThan(old + 50_000)
    }
  })
})
