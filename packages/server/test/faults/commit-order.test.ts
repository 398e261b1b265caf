import { describe, expect, it } from 'vitest'
import { runCommitOrder } from './harness/commit-order-run.ts'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'

describe.each(engines)('F17 on %s', (engine) => {
  it('who reads on from the last seq misses nothing that commits later', async () => {
    const findings = await runCommitOrder({ engine, messages: isFull ? 3000 : 200 })
    const { polls, sent } = findings
    report(`F17 ${engine}`, { sent, polls })
    assertSound(`F17 ${engine}`, findings)
    expect(findings.rows).toHaveLength(sent)
    expect(polls).toBeGreaterThan(sent / 20)
  })
})
