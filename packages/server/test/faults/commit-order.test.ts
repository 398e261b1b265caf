import { describe, expect } from 'vitest'
import { runCommitOrder } from './harness/commit-order-run.ts'
import { assertSound } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { row } from './harness/matrix.ts'

describe.each(engines)('%s', (engine) => {
  row('F17', engine, 'who reads on from the last seq misses nothing that commits later', async (tell) => {
    const findings = await runCommitOrder({ engine, messages: isFull ? 3000 : 200 })
    const { polls, sent } = findings
    tell({ sent, polls })
    assertSound(`F17 ${engine}`, findings)
    expect(findings.rows).toHaveLength(sent)
    expect(polls).toBeGreaterThan(sent / 20)
  })
})
