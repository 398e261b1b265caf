import { describe, expect, it } from 'vitest'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { runLostAcks } from './harness/lost-ack-run.ts'

describe.each(engines)('F16 on %s', (engine) => {
  it('a lost answer, and the message sent again, make one message', async () => {
    const findings = await runLostAcks({ engine, cuts: isFull ? 1000 : 150 })
    const { cuts, repeats, history } = findings
    report(`F16 ${engine}`, { cuts, repeats, acknowledged: history.count('ok') })
    assertSound(`F16 ${engine}`, findings)
    // Proof that answers were lost after the message was stored, not requests.
    expect(repeats).toBeGreaterThan(cuts / 5)
  })
})
