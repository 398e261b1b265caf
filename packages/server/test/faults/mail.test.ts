import { describe, expect } from 'vitest'
import { engines, isFull } from './harness/installation.ts'
import { runMailKills, runMailOutage } from './harness/mail-run.ts'
import { row } from './harness/matrix.ts'

describe.each(engines)('%s', (engine) => {
  row(
    'F22',
    engine,
    'a mail server that is away, refuses or hangs holds nothing up, and every mail arrives once',
    async (tell) => {
      const findings = await runMailOutage({ engine, seconds: isFull ? 20 : 2 })
      const { mails, dead, deliveredMs, p95Ms } = findings
      tell({
        mails,
        dead,
        delivered_ms: deliveredMs,
        p95_before: p95Ms.before,
        p95_during: p95Ms.during,
      })
      expect(findings).toMatchObject({ lost: [], doubled: [], misjudged: [] })
      expect(mails).toBeGreaterThan(30)
      expect(dead).toBeGreaterThan(0)
      // In the quick run the machine has other things to do; a request that waited for mail would take a minute.
      expect(p95Ms.during).toBeLessThan(p95Ms.before + (isFull ? 50 : 1_000))
    },
  )
})

// Half a minute goes by until the lease of the killed one ends.
describe.each(isFull ? engines : engines.slice(0, 1))('%s', (engine) => {
  row(
    'F23',
    engine,
    'a server killed between the 250 and the mark sends the mail once more, under the same Message-ID',
    async (tell) => {
      const findings = await runMailKills({ engine, kills: isFull ? 5 : 1 })
      const { kills, mails, arrivals } = findings
      const copies = [...arrivals.values()].reduce((sum, count) => sum + count, 0)
      tell({ kills, mails, copies })
      expect(kills).toBe(isFull ? 5 : 1)
      expect(arrivals.size).toBe(mails)
      expect(Math.min(...arrivals.values())).toBeGreaterThan(0)
      expect(copies - mails).toBeLessThanOrEqual(kills)
    },
  )
})
