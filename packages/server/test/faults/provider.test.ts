import { afterAll, beforeAll, describe, expect } from 'vitest'
import { clusterRows } from './harness/cluster-rows.ts'
import { engines, isFull } from './harness/installation.ts'
import { troubledProvider } from './harness/provider-stages.ts'
import { startTroubledIssuer, type TroubledIssuer } from './harness/troubled-issuer.ts'

/** A request to a provider ends after 5 s. */
const refusalMs = isFull ? 6_000 : 10_000

describe.each(isFull ? engines : engines.slice(0, 1))('a provider in trouble on %s', (engine) => {
  let issuer: TroubledIssuer
  beforeAll(async () => {
    issuer = await startTroubledIssuer()
  })
  afterAll(() => issuer.stop())

  clusterRows(engine, () => ({ nodes: 1, variables: issuer.variables }), {
    F28: {
      promise:
        'a provider that hangs, dies or changes its keys is noticed by those who sign in through it, and only by them',
      full: troubledProvider({ seconds: 15, isPatient: true }, () => issuer),
      quick: troubledProvider({ seconds: 1.5, isPatient: false }, () => issuer),
      check: (figures) => {
        const { without_keys, refused_otherwise, without_retry_after, sign_ins_failed, failed } = figures
        expect
          .soft({ without_keys, refused_otherwise, without_retry_after, sign_ins_failed, failed })
          .toEqual({ without_keys: 0, refused_otherwise: 0, without_retry_after: 0, sign_ins_failed: 0, failed: 0 })
        expect.soft(figures.entered).toBeGreaterThan(0)
        expect.soft(figures.with_kept_keys).toBeGreaterThan(0)
        expect.soft(figures.refused).toBeGreaterThan(4)
        expect.soft(figures.sign_ins).toBeGreaterThan(3)
        expect.soft(figures.slowest_refusal_ms).toBeLessThan(refusalMs)
        if (!isFull) return
        // The same people ask the same before and during; what differs is the machine.
        expect.soft(figures.p99_ms).toBeLessThan(2 * (figures.p99_before_ms ?? 0) + 50)
        expect.soft(figures.sign_in_ms).toBeLessThan(2 * (figures.sign_in_before_ms ?? 0) + 50)
      },
    },
  })
})
