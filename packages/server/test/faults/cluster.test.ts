import { describe, expect } from 'vitest'
import { clusterRows } from './harness/cluster-rows.ts'
import { inTurn, killOne, revokeNow, rollingRestart } from './harness/cluster-stages.ts'
import { expectWithoutRedis } from './harness/expectations.ts'
import { engines, isFull, shared, suiteOn } from './harness/installation.ts'
import { redisFault, redisFaults } from './harness/redis-stages.ts'

const some = isFull ? shared : shared.slice(0, 1)

suiteOn(some)('several instances behind nginx on %s', (engine) => {
  clusterRows(engine, () => ({ nodes: 2 }), {
    F2: {
      promise: 'one of several is killed, and its clients go on at another',
      options: isFull ? { nodes: 3 } : {},
      sessions: 2,
      full: inTurn(revokeNow, killOne({ rounds: 5 }), revokeNow),
      quick: inTurn(revokeNow, killOne({ rounds: 1 }), revokeNow),
      check: ({ moved_ms, refused_ms, closed_ms }) => {
        expect.soft(moved_ms).toBeLessThan(10_000)
        expect.soft(refused_ms).toBeLessThan(1_000)
        expect.soft(closed_ms).toBeLessThan(1_000)
      },
    },
    F5: {
      promise: 'without Redis all goes on, and when it is back, empty, nobody is resurrected',
      sessions: 2,
      full: redisFault({ seconds: 30 }, redisFaults.killed),
      quick: redisFault({ seconds: 6 }, redisFaults.killed),
      check: (figures) => expectWithoutRedis(figures),
    },
    F3: {
      promise: 'all are restarted in turn, and no request fails',
      full: rollingRestart({ rounds: 5 }),
      quick: rollingRestart({ rounds: 1 }),
      check: ({ bad_exits, exit_ms, failed }) => {
        expect.soft({ bad_exits, failed }).toEqual({ bad_exits: 0, failed: 0 })
        expect.soft(exit_ms).toBeLessThan(15_000)
      },
    },
  })
})

describe.skipIf(!isFull || !engines.includes('sqlite'))('one server on sqlite', () => {
  clusterRows('sqlite', () => ({}), {
    F3: {
      promise: 'it is stopped in good order under load and comes back',
      full: rollingRestart({ rounds: 5 }),
      check: ({ bad_exits, exit_ms }) => {
        expect.soft(bad_exits).toBe(0)
        expect.soft(exit_ms).toBeLessThan(15_000)
      },
    },
  })
})
