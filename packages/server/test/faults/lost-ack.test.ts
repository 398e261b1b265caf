import { describe, expect } from 'vitest'
import { assertSound } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { runLostAcks } from './harness/lost-ack-run.ts'
import { row } from './harness/matrix.ts'

describe.each(engines)('%s', (engine) => {
  row('F16', engine, 'a lost answer, and the message sent again, make one message', async (tell) => {
    const findings = await runLostAcks({ engine, cuts: isFull ? 1000 : 150 })
    const { cuts, repeats, history } = findings
    tell({ cuts, repeats, acknowledged: history.count('ok') })
    assertSound(`F16 ${engine}`, findings)
    // Proof that answers were lost after the message was stored, not requests.
    expect(repeats).toBeGreaterThan(cuts / 5)
  })
})
