import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MemoryCache } from './memory-cache.ts'

// How old a copy is goes by the monotonic clock, which no test clock of ours moves.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

it('F34 what is over leaves by itself, though nobody asks for it again', () => {
  const cache = new MemoryCache<number>({ maxEntries: 1_000, maxAgeMs: 4_000 })
  for (let i = 0; i < 100; i++) {
    cache.set(`once ${i}`, i)
    vi.advanceTimersByTime(100)
  }
  expect(cache.state.entries).toBeLessThanOrEqual(51)
  expect(cache.get('once 99')).toBe(99)
  vi.advanceTimersByTime(4_000)
  cache.set('another', 1)
  expect([...cache.values()]).toEqual([1])
})

it('when it is full the oldest leaves, and what is set again is not the oldest', () => {
  const cache = new MemoryCache<number>({ maxEntries: 2, maxAgeMs: 4_000 })
  for (const key of ['a', 'b', 'a', 'c']) cache.set(key, 1)
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 1])
})
