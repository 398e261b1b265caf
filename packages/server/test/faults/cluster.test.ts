import { describe, expect, it } from 'vitest'
import { type Figures, runCluster } from './harness/cluster.ts'
import { killOne, redisFault, redisFaults, revokeNow, rollingRestart } from './harness/cluster-stages.ts'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { lengths } from './harness/lengths.ts'

/** One SQLite file has one server. */
const clustered = engines.filter((engine) => engine !== 'sqlite')
const some = isFull ? clustered : clustered.slice(0, 1)

const withRedisMs = 1_000
const withoutRedisMs = 5_000

/** What nobody may notice of a fault that concerns others. */
function expectServed({ asked = 0, failed = 0 }: Figures): void {
  expect(asked).toBeGreaterThan(5)
  expect(failed / asked).toBeLessThanOrEqual(isFull ? 0.001 : 0.1)
}

describe.each(some)('several instances behind nginx on %s', (engine) => {
  it('F2, F3, F5: one is killed, then Redis, then all are restarted in turn: nothing is lost, doubled or resurrected', async () => {
    const findings = await runCluster({
      engine,
      nodes: isFull ? 3 : 2,
      sessions: 3,
      stages: {
        together: revokeNow,
        F2: killOne(lengths({ rounds: 5 }, { rounds: 1 })),
        F5: redisFault(lengths({ seconds: 30 }, { seconds: 6 }), redisFaults.killed),
        F3: rollingRestart(lengths({ rounds: 3 }, { rounds: 1 })),
        again: revokeNow,
      },
    })
    const { together, again, F2, F3, F5 } = findings.figures as Record<string, Figures>
    for (const [name, figures] of Object.entries(findings.figures)) report(`${name} ${engine}`, figures)
    assertSound(`cluster ${engine}`, findings)
    expect(findings.risen).toBe(0)
    for (const figures of [together, again]) {
      expect(figures?.refused_ms).toBeLessThan(withRedisMs)
      expect(figures?.closed_ms).toBeLessThan(withRedisMs)
    }
    expect(F2?.moved_ms).toBeLessThan(10_000)
    expect(F5?.refused_ms).toBeLessThan(withoutRedisMs)
    expect(F5?.closed_ms).toBeLessThan(withoutRedisMs)
    expect(F5?.push_gap_ms).toBeLessThan(5_000)
    expect(F5?.together_again_ms).toBeLessThan(10_000)
    expectServed(F5 as Figures)
    expect(F3).toMatchObject({ bad_exits: 0 })
    // The quick run shares its machine; one that waits too long for a connection is told so.
    expect((F3?.failed ?? 0) / (F3?.asked ?? 0)).toBeLessThanOrEqual(isFull ? 0 : 0.1)
    expect(F3?.exit_ms).toBeLessThan(15_000)
  })
})
