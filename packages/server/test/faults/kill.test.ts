import { describe, expect } from 'vitest'
import { assertSound } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { runKills } from './harness/kill-run.ts'
import { row } from './harness/matrix.ts'

describe.each(engines)('%s', (engine) => {
  row('F1', engine, 'kill -9 loses nothing that was acknowledged and doubles nothing', async (tell) => {
    const findings = await runKills({ engine, kills: isFull ? 10 : engine === 'sqlite' ? 3 : 2 })
    const { history, readyMs, backMs, acknowledged, seconds } = findings
    tell({
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
    if (isFull) expect(Math.max(...readyMs)).toBeLessThan(engine === 'sqlite' ? 3_000 : 5_000)
  })
})
