import { describe, expect, it } from 'vitest'
import type { Violation } from './harness/checkers.ts'
import { runCluster } from './harness/cluster.ts'
import { revokeNow } from './harness/cluster-stages.ts'
import { runCommitOrder } from './harness/commit-order-run.ts'
import { DuplicateRun } from './harness/duplicate-run.ts'
import { engines, isFull } from './harness/installation.ts'
import { runKills } from './harness/kill-run.ts'
import { runLostAcks } from './harness/lost-ack-run.ts'

/** The checkers know no engine: every change tries one. */
const some = isFull ? engines : engines.slice(0, 1)
/** Where transactions run side by side. */
const concurrent = engines.filter((engine) => engine !== 'sqlite').slice(0, isFull ? 2 : 1)

const kinds = (violations: readonly Violation[]) => [...new Set(violations.map(({ kind }) => kind))]

// The tests of this folder are worth what they can find: each is run against a server that has the fault it looks for.
describe('the checkers find', () => {
  it.each(some)('what is acknowledged before its commit and lost by a kill, on %s', async (engine) => {
    const { violations } = await runKills({ engine, kills: 3, broken: 'ack-before-commit.ts' })
    expect(kinds(violations)).toContain('lost')
  })

  it.each(some)('a message stored for each of its sends at once, on %s', async (engine) => {
    const run = await DuplicateRun.start(engine, 'no-dedupe.ts')
    try {
      await run.storm({ conversation_id: run.conversation, client_id: 'storm', text: 'one' }, 50)
      const { violations, rows } = await run.findings()
      expect(rows).toHaveLength(50)
      expect(kinds(violations)).toEqual(['dup'])
    } finally {
      await run.end()
    }
  })

  it.each(some)('a message stored again because its answer was lost, on %s', async (engine) => {
    const { violations } = await runLostAcks({ engine, cuts: 30, broken: 'no-dedupe.ts' })
    expect(kinds(violations)).toContain('dup')
  })

  it.each(concurrent)('a session that is remembered after its end, on %s', async (engine) => {
    const { figures, risen } = await runCluster({
      engine,
      people: 2,
      sessions: 1,
      broken: 'cache-only-revocation.ts',
      stages: { revoked: revokeNow },
    })
    expect(figures.revoked?.refused_ms).toBe(Number.POSITIVE_INFINITY)
    expect(risen).toBeGreaterThan(0)
  })

  it.each(concurrent)('places that are given out before the commit and skipped by readers, on %s', async (engine) => {
    const { violations } = await runCommitOrder({ engine, messages: 100, broken: 'seq-outside-transaction.ts' })
    expect(kinds(violations)).toContain('order')
    expect(violations.filter(({ what }) => /^poller\d shows/.test(what))).not.toEqual([])
  })
})
