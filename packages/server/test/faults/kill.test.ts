import { describe, expect, it } from 'vitest'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { runKills } from './harness/kill-run.ts'

describe.each(engines)('F1 on %s', (engine) => {
  it('kill -9 loses nothing that was acknowledged and doubles nothing', async () => {
    const findings = await runKills({ engine, kills: isFull ? 10 : 3 })
    const { history, readyMs, backMs, acknowledged, seconds } = findings
    report(`F1 ${engine}`, {
      kills: readyMs.length,
      acknowledged,
      unanswered: history.count('info'),
      per_second: acknowledged / seconds,
      slowest_ready_ms: Math.max(...readyMs),
      slowest_caught_up_ms: Math.max(...backMs),
    })
    assertSound(`F1 ${engine}`, findings)
    expect(acknowledged).toBeGreaterThan(50)
    expect(findings.integrity).toBe('ok')
    expect(Math.max(...backMs)).toBeLessThan(10_000)
  })
})
