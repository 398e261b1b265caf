import { afterAll, beforeAll, expect, it } from 'vitest'
import { type EngineGroup, startGroup } from '../../../../scripts/engines.mjs'
import { findGalera } from '../../../../scripts/setup/programs.mjs'
import { clusterRows } from './harness/cluster-rows.ts'
import { loseServer } from './harness/failover-stages.ts'
import { isFull, shared, suiteOn } from './harness/installation.ts'

const hasGalera = findGalera() !== undefined
it.skipIf(hasGalera)('F9 on mariadb is not run: galera-4 is not installed', () => {})

// Three nodes take a while to start.
const some = shared.filter((engine) => engine === 'postgres' || (isFull && hasGalera))

suiteOn(some)('one of several databases on %s', (engine) => {
  let group: EngineGroup
  beforeAll(async () => {
    group = await startGroup(engine === 'postgres' ? 'postgres' : 'galera')
  }, 120_000)
  afterAll(() => group?.stop())

  const listed = (url: string) => {
    const { host } = new URL(url)
    return url.replace(host, group.members.map((member) => new URL(member.url).host).join(','))
  }
  const lose = loseServer(() => group, { promotes: engine === 'postgres' })
  clusterRows(engine, () => ({ nodes: 2, databaseServer: group.members[0]?.url ?? '', listed, losesDatabase: true }), {
    F9: {
      promise: 'the loss of one loses nothing that was acknowledged, and the next is written to',
      full: lose,
      quick: lose,
      check: ({ writes_again_ms, caught_up_ms, other_errors }) => {
        expect.soft(writes_again_ms).toBeLessThan(isFull ? 10_000 : 30_000)
        expect.soft(caught_up_ms).toBeLessThan(10_000)
        expect.soft(other_errors).toBe(0)
      },
    },
  })
})
