import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  firstLook,
  type Look,
  lookFrom,
  mostAtOnce,
  mostLooked,
  nextLook,
  samplesOf,
  wholeLook,
} from './search-looks.ts'

const place = (room: number, number: number, time: number) => ({
  conversation_id: `room${room}`,
  number,
  id: String(time).padStart(6, '0'),
})
type Place = ReturnType<typeof place>

/** Rooms with so many messages each; whose message comes next is left to chance, as in life some rooms are far busier. */
const histories = fc
  .array(fc.record({ messages: fc.integer({ min: 1, max: 400 }), busy: fc.integer({ min: 1, max: 50 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rooms) =>
    rooms
      .flatMap(({ messages, busy }, room) =>
        Array.from({ length: messages }, (_, index) => ({ room, number: index + 1, at: -(messages - index) / busy })),
      )
      .sort((a, b) => a.at - b.at)
      .map(({ room, number }, time) => place(room, number, time)),
  )

function look(history: readonly Place[], count: number): { look: Look; newest: Place[] } {
  const newest = [...new Map(history.map((each) => [each.conversation_id, each])).values()]
  newest.sort((a, b) => (a.id < b.id ? 1 : -1))
  const wanted = new Map(newest.slice(0, mostAtOnce).map((each) => [each.conversation_id, samplesOf(each, count)]))
  const samples = history.filter((each) => wanted.get(each.conversation_id)?.includes(each.number))
  return { look: lookFrom(newest, samples, count), newest }
}

it('P8: a look is as wide as it was meant to be, goes on, and leaves nothing out between its ends', () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(256, 500, 2_048), (history, count) => {
      const { look: found } = look(history, count)
      const inside = history.filter(({ id }) => found.downTo === undefined || id >= found.downTo)
      expect(inside.length).toBeLessThanOrEqual(found.count)
      expect(found.count).toBeLessThanOrEqual(count)
      expect(inside.length).toBeGreaterThan(0)
      expect(new Set(found.conversationIds)).toEqual(new Set(inside.map(({ conversation_id }) => conversation_id)))
      if (history.length <= count) expect(found.downTo).toBeUndefined()
    }),
  )
})

it('one conversation is looked through as far as was asked for', () => {
  const history = Array.from({ length: 5_000 }, (_, index) => place(0, index + 1, index))
  expect(look(history, 256).look).toEqual({ downTo: '004744', conversationIds: ['room0'], count: 256 })
})

it('a word that few of the newest messages have is left to the index, a small history never is', () => {
  const so = { looked: 256, hits: 0, wanted: 21, remaining: 1_000_000 }
  expect(nextLook({ ...so, looked: 0 })).toBe(firstLook)
  expect(nextLook(so)).toBe(0)
  expect(nextLook({ ...so, hits: 1 })).toBe(0)
  expect(nextLook({ ...so, hits: 5 })).toBe(1_024)
  expect(nextLook({ ...so, hits: 20 })).toBe(firstLook)
  expect(nextLook({ ...so, looked: mostLooked, hits: 20 })).toBe(0)
  expect(nextLook({ ...so, remaining: wholeLook })).toBe(wholeLook)
})

it('where more conversations are busy than are looked at at once, those with the newest messages come first', () => {
  const history = Array.from({ length: 8_000 }, (_, index) => place(index % 80, Math.floor(index / 80) + 1, index))
  const { look: found, newest } = look(history, 256)
  const first = newest.slice(0, mostAtOnce + 1)
  const conversationIds = first.map(({ conversation_id }) => conversation_id)
  expect(found).toEqual({ downTo: first.at(-1)?.id, conversationIds, count: 4 * mostAtOnce + 1 })
})
