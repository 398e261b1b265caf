import { describe, expect, it } from 'vitest'
import { findFaketime } from '../../../../scripts/setup/programs.mjs'
import { runCluster } from './harness/cluster.ts'
import { killOne, revokeNow } from './harness/cluster-stages.ts'
import { assertSound, report } from './harness/evidence.ts'
import { engines, isFull } from './harness/installation.ts'

const faketime = findFaketime()
if (!faketime) console.warn('Skipped: this system has no libfaketime to set the clocks of the instances with.')

const clustered = engines.filter((engine) => engine !== 'sqlite')

describe.skipIf(!faketime || !isFull).each(clustered)('F21 on %s', (engine) => {
  // A token from more than a minute ahead is refused (security.md assumes half a minute), so nobody could talk.
  it.each([45, -45])(
    'an instance whose clock is %d s off keeps the order and accepts nothing that was ended',
    async (seconds) => {
      const variables = {
        LD_PRELOAD: faketime ?? '',
        FAKETIME: `${seconds > 0 ? '+' : ''}${seconds}s`,
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }
      const findings = await runCluster({
        engine,
        sessions: 2,
        variablesOf: (node): Record<string, string> => (node === 1 ? variables : {}),
        stages: { first: revokeNow, killed: killOne({ seconds: 0, rounds: 1 }), second: revokeNow },
      })
      const { first, second } = findings.figures
      const slowest = (name: string) => Math.max(first?.[name] ?? Number.NaN, second?.[name] ?? Number.NaN)
      report(`F21 ${engine}`, { refused_ms: slowest('refused_ms'), closed_ms: slowest('closed_ms') })
      assertSound(`F21 ${engine}`, findings)
      expect(findings.risen).toBe(0)
      expect(slowest('refused_ms')).toBeLessThan(1_000)
      expect(slowest('closed_ms')).toBeLessThan(1_000)
    },
  )
})
