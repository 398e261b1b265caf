import { describe, expect, it } from 'vitest'
import { linesOf } from './lines.ts'
import { byFiveMinutes, joined, type Load, type LoadSample, measured, together } from './load.ts'

const zero = { requests: 0, errors: 0, p50_ms: 0, p95_ms: 0, sockets: 0, pending: 0 }
const rest = { pool_in_use: 0, pool_waiting: 0, queries: 0, query_p95_ms: 0, busy: 0, memory: 0 }
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const sample = (second: number, more: Partial<LoadSample> = {}): LoadSample => ({
  ...{ ...zero, ...rest, at: at(second) },
  ...more,
})
const load = (seconds: number[], since = 'a', processes = 1): Load => ({
  ...{ since, processes, step_seconds: 10, pool_max: 1 },
  data: seconds.map((second) => sample(second)),
})
const times = (shown: Load | undefined) =>
  shown?.data.map(({ at: time }) => (Date.parse(time) - Date.UTC(2026, 0, 1)) / 1000)

describe('what is held', () => {
  it('goes on with what is new, each step once, for an hour', () => {
    expect(times(joined(undefined, load([0, 10])))).toEqual([0, 10])
    expect(times(joined(load([0, 10]), load([10, 20])))).toEqual([0, 10, 20])
    expect(times(joined(load([0, 10, 20]), load([3610])))).toEqual([20, 3610])
    expect(times(joined(load([0, 10]), load([])))).toEqual([0, 10])
  })

  it('begins anew with another process', () => {
    expect(joined(load([0, 10]), load([5], 'b'))).toBeUndefined()
  })

  it('stays with one of several processes, until it has not answered for long', () => {
    let shown: Load | undefined = load([0, 10], 'a', 2)
    for (let i = 0; i < 12; i++) shown = joined(shown, load([20], 'b', 2))
    expect(times(shown)).toEqual([0, 10])
    expect(times(joined(shown, load([20, 30], 'a', 2)))).toEqual([0, 10, 20, 30])
    expect(joined(shown, load([20], 'b', 2))).toBeUndefined()
  })
})

it('says rates by the second and the minute, and no time where nobody waited', () => {
  const busy = sample(0, { requests: 50, errors: 2, p95_ms: 12, busy: 0.5 })
  expect(['requests', 'errors', 'latency', 'busy'].map((name) => measured(name as 'busy', busy, 10))).toEqual([
    5, 12, 12, 50,
  ])
  expect(measured('latency', sample(0), 10)).toBeNull()
  expect(measured('pending', sample(0, { pending: null }), 10)).toBeNull()
})

it('takes steps together as what they are: a mean, the longest, or how it ended', () => {
  const steps = [
    sample(0, { requests: 10, p95_ms: 30, sockets: 3 }),
    sample(10, { requests: 30, p95_ms: 5, sockets: 1 }),
  ]
  expect([together('requests', steps, 10), together('latency', steps, 10), together('sockets', steps, 10)]).toEqual([
    2, 30, 1,
  ])
  expect(together('latency', [sample(0)], 10)).toBeNull()
  expect(byFiveMinutes([sample(10), sample(290), sample(310)]).map(({ samples }) => samples.length)).toEqual([1, 2])
})

it('draws a line for each stretch that is known, on one scale', () => {
  const [now, width, height] = [Date.UTC(2026, 0, 1, 1), 360, 40]
  const points = [
    { at: Date.UTC(2026, 0, 1), value: 0 },
    { at: Date.UTC(2026, 0, 1, 0, 30), value: 10 },
    { at: Date.UTC(2026, 0, 1, 0, 45), value: null },
    { at: Date.UTC(2026, 0, 1, 1), value: 5 },
  ]
  expect(linesOf(points, { now, width, height, top: 10 })).toEqual([
    [
      [0, 40],
      [180, 0],
    ],
    [[360, 20]],
  ])
})
