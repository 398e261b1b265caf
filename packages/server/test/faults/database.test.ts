import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnEngine, startEngine } from '../../../../scripts/engines.mjs'
import { type Figures, runCluster, type Stage } from './harness/cluster.ts'
import { holdHotRow, hotWriters, partition, slowDatabase, stopDatabase } from './harness/database-stages.ts'
import { assertSound, report } from './harness/evidence.ts'
import { type Engine, engines, isFull } from './harness/installation.ts'
import { lengths } from './harness/lengths.ts'
import { Link } from './harness/link.ts'

const networked = engines.filter((engine) => engine !== 'sqlite')
const some = isFull ? networked : networked.slice(-1)

/** MariaDB knows only one way to end without a word. */
const ends: Record<Engine, NodeJS.Signals[]> = { sqlite: [], postgres: ['SIGQUIT', 'SIGINT'], mariadb: ['SIGKILL'] }

describe.each(some)('%s', (engine) => {
  let server: OwnEngine
  let link: Link
  beforeAll(async () => {
    server = engine === 'postgres' ? await startEngine('postgres', { postgis: false }) : await startEngine('mariadb')
    link = await Link.to(server.url)
  })
  afterAll(async () => {
    await link.close()
    await server.stop()
  })

  it('F8, F10, F12, F25: a database that ends, is slow, locked or out of reach loses and doubles nothing', async () => {
    const stops = ends[engine].map((signal): [string, Stage] => [
      `F8 ${signal}`,
      stopDatabase(lengths({ seconds: 10 }, { seconds: 3 }), server, signal),
    ])
    const findings = await runCluster({
      engine,
      nodes: 2,
      databaseServer: server.url,
      wayToDatabase: (url) => link.url(url),
      stages: {
        ...Object.fromEntries(isFull ? stops : stops.slice(0, 1)),
        F25: partition(lengths({ seconds: 30 }, { seconds: 10 }), link),
        F12: hotWriters(lengths({ rounds: 10 }, { rounds: 2 })),
        ...(isFull
          ? {
              'F10 slow': slowDatabase(lengths({ seconds: 15 }), link),
              'F10 stall': partition(lengths({ seconds: 30 }), link),
              'F10 lock': holdHotRow(lengths({ seconds: 9 })),
            }
          : {}),
      },
    })
    const { figures } = findings
    for (const [name, values] of Object.entries(figures)) report(`${name} ${engine}`, values)
    assertSound(`database ${engine}`, findings)
    for (const [name, values] of Object.entries(figures)) {
      if (name === 'F12') continue
      expect.soft([name, values.other_errors, values.unanswered]).toEqual([name, 0, 0])
      expect.soft(values.live, name).toBe(200)
      expect.soft(values.serving_again_ms, name).toBeLessThan(5_000)
      expect.soft(values.caught_up_ms, name).toBeLessThan(10_000)
    }
    const { F12, F25 } = figures as Record<string, Figures>
    for (const [name, values] of Object.entries(figures).filter(([name]) => name.startsWith('F8'))) {
      expect.soft(values.slowest_refusal_ms, name).toBeLessThan(3_000)
      expect.soft(values.refused, name).toBeGreaterThan(5)
    }
    expect.soft(F25?.slowest_refusal_ms).toBeLessThan(5_000)
    expect.soft(F25).toMatchObject({ ready: 503 })
    expect.soft(F25?.refused).toBeGreaterThan(5)
    expect.soft(F12?.first_try_percent).toBeGreaterThanOrEqual(99)
  })
})
