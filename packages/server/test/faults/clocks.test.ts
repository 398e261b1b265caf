import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import { findFaketime } from '../../../../scripts/setup/programs.mjs'
import { jumpingClock, wrongClock } from './harness/clock-stages.ts'
import type { Figures } from './harness/cluster.ts'
import { type ClusterRow, clusterRows } from './harness/cluster-rows.ts'
import { isFull, shared, suiteOn } from './harness/installation.ts'

const faketime = findFaketime()
if (!faketime) console.warn('Skipped: this system has no libfaketime to set the clocks of the instances with.')

const folder = mkdtempSync(join(tmpdir(), 'atrium-clock-'))
const file = join(folder, 'now')
afterAll(() => rmSync(folder, { recursive: true }))
const turn = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}s`)

/** The second of two instances lives in another time; its steady clock is everybody's. */
const withClock = (clock: Record<string, string>) => ({
  nodes: 2,
  variablesOf: (node: number): Record<string, string> =>
    node === 1 ? { LD_PRELOAD: faketime ?? '', FAKETIME_DONT_FAKE_MONOTONIC: '1', ...clock } : {},
})

function expectOneTime({ refused_ms, closed_ms, codes_taken, codes_taken_twice }: Figures): void {
  expect.soft(refused_ms).toBeLessThan(1_000)
  expect.soft(closed_ms).toBeLessThan(1_000)
  expect.soft({ codes_taken, codes_taken_twice }).toEqual({ codes_taken: 1, codes_taken_twice: 0 })
}

const wrong = (seconds: string, promise: string): ClusterRow => ({
  promise,
  sessions: 2,
  options: withClock({ FAKETIME: `${seconds}s` }),
  full: wrongClock,
  check: expectOneTime,
})

suiteOn(faketime && isFull ? shared : [])('clocks on %s', (engine) => {
  turn(0)
  clusterRows(engine, () => ({}), {
    'F21 90 s': wrong('+90', 'an instance ahead of the others keeps the order and resurrects nothing'),
    'F21 +2 h': wrong('+7200', 'an instance hours ahead of the others keeps the order and resurrects nothing'),
    'F21 -2 h': wrong('-7200', 'an instance hours behind the others keeps the order and resurrects nothing'),
    'F21 jumps': {
      promise: 'a clock that jumps changes nothing',
      sessions: 4,
      options: withClock({ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' }),
      full: jumpingClock(turn),
      check: expectOneTime,
    },
  })
})
