import { describe, expect } from 'vitest'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, isFull } from './harness/installation.ts'
import { purgeWhileServed } from './harness/retention-stages.ts'

describe.each(isFull ? engines : engines.slice(0, 1))('what is kept no longer, on %s', (engine) => {
  clusterRows(engine, () => ({ nodes: 2, broken: '../harness/purge-soon.ts' }), {
    F35: {
      promise: 'a million rows go by themselves and nobody waits for it',
      full: purgeWhileServed({ rows: 1_000_000 }),
      quick: purgeWhileServed({ rows: 15_000 }),
      timeoutMs: 1_200_000,
      check: ({ failed, p99_ms }) => {
        expect.soft(failed).toBe(0)
        if (isFull) expect.soft(p99_ms).toBeLessThan(200)
      },
    },
  })
})
