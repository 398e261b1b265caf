import { platform } from 'node:os'
import { describe, expect } from 'vitest'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, isFull } from './harness/installation.ts'
import { fillLimits, limits } from './harness/limit-stages.ts'

const seconds = isFull ? 20 : 3
const isLimited = platform() === 'linux'

describe.skipIf(!isLimited).each(isFull ? engines : engines.slice(0, 1))(
  'few files and little memory on %s',
  (engine) => {
    clusterRows(engine, () => ({ nodes: 1, isFronted: false, limits }), {
      F14: {
        promise: 'who is too many is turned away, who is there is served, and the process lives',
        full: fillLimits({ seconds }),
        quick: fillLimits({ seconds }),
        check: (figures) => {
          const { turned_away, turned_away_ms, new_served_ms, asked, bodies } = figures
          expect.soft(turned_away).toBeGreaterThan(400)
          expect.soft(turned_away_ms).toBeLessThan(3_000)
          expect.soft(new_served_ms).toBeLessThan(5_000)
          expect.soft(asked).toBeGreaterThan(seconds * 2)
          expect.soft(bodies).toBeGreaterThan(seconds)
          const kept = { dropped: 0, failed: 0, broken: 0, connections: 1, unanswered: 0 }
          expect.soft(figures).toMatchObject(kept)
        },
      },
    })
  },
)
