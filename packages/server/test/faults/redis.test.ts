import { describe, expect, it } from 'vitest'
import { runCluster, type Stage } from './harness/cluster.ts'
import { holdOne, redisFault, redisFaults, revokeNow } from './harness/cluster-stages.ts'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'
import { lengths } from './harness/lengths.ts'

const clustered = engines.filter((engine) => engine !== 'sqlite')
const some = isFull ? clustered : clustered.slice(-1)
const short = lengths({ seconds: 15 }, { seconds: 6 })

describe.each(some)('Redis in trouble on %s', (engine) => {
  it('F4, F6, F7, F26: a Redis or an instance that stands still, or is out of reach, costs nobody anything', async () => {
    const stages: Record<string, Stage> = {
      'F6 hangs': redisFault(short, redisFaults.hangs),
      F26: redisFault(short, redisFaults.cutFromOne),
      ...(isFull
        ? {
            'F6 slow': redisFault(short, redisFaults.slow),
            'F7 full': redisFault(short, redisFaults.full),
            'F7 read-only': redisFault(short, redisFaults.readonly),
          }
        : {}),
    }
    const held = isFull ? { F4: holdOne(lengths({ seconds: 20 })) } : {}
    const findings = await runCluster({
      engine,
      sessions: Object.keys(stages).length + 1,
      stages: { ...stages, ...held, together: revokeNow },
    })
    for (const [name, figures] of Object.entries(findings.figures)) report(`${name} ${engine}`, figures)
    assertSound(`redis ${engine}`, findings)
    expect(findings.risen).toBe(0)
    for (const name of Object.keys(stages)) {
      const { refused_ms, closed_ms, push_gap_ms, p99_ms, asked = 0, failed = 0 } = findings.figures[name] ?? {}
      expect.soft(refused_ms, name).toBeLessThan(5_000)
      expect.soft(closed_ms, name).toBeLessThan(5_500)
      expect.soft(push_gap_ms, name).toBeLessThan(5_000)
      expect.soft(p99_ms, name).toBeLessThan(isFull ? 1_000 : 4_000)
      expect.soft(failed / asked, name).toBeLessThanOrEqual(isFull ? 0.001 : 0.1)
    }
    expect.soft(findings.figures.together?.closed_ms).toBeLessThan(1_000)
  })
})
