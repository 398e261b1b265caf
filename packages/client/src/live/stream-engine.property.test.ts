import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { StreamEngine } from './stream-engine.ts'

const [a, b] = ['conversation:a', 'conversation:b'] as const
const length = 12
const event = (stream: string, seq: number) => ({ stream, seq, type: 'message.created', at: '' })
const log = (stream: string) => Array.from({ length }, (_, index) => event(stream, index + 1))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

// Each step: an event of the log is delivered (again, early, or never), time passes, or the connection breaks.
const step = fc.oneof(
  fc.record({ deliver: fc.constantFrom(a, b), seq: fc.integer({ min: 1, max: length }) }),
  fc.constant('time' as const),
  fc.constant('reconnect' as const),
)

const quiet = { epoch: 'e1', removed: [], reset: [] }

it('tells every event once and in order, whatever the network does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
      const told: Record<string, number[]> = { [a]: [], [b]: [] }
      const engine = new StreamEngine({
        sink: {
          apply: async ({ stream, seq }) => void told[stream]?.push(seq),
          added: async () => {},
          reset: async () => expect.unreachable(),
          removed: async () => expect.unreachable(),
        },
        async sync({ streams, only }) {
          const missed = Object.entries(streams).flatMap(([name, at]) => log(name).slice(at))
          const fresh = only ? [] : [a, b].filter((name) => !Object.hasOwn(streams, name))
          const heads = Object.fromEntries(fresh.map((name) => [name, 0]))
          return { ...quiet, events: missed.slice(0, limit), added: fresh, heads, more: missed.length > limit }
        },
        failed: (error) => {
          throw error
        },
      })
      await engine.connected()
      for (const what of steps) {
        if (what === 'time') await vi.advanceTimersByTimeAsync(200)
        else if (what !== 'reconnect') engine.receive(event(what.deliver, what.seq))
        else {
          engine.disconnected()
          await engine.connected()
        }
      }
      engine.disconnected()
      await engine.connected()
      const all = log(a).map(({ seq }) => seq)
      expect(told).toEqual({ [a]: all, [b]: all })
    }),
  )
})
