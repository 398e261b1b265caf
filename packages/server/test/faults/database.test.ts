import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type OwnEngine, startEngine } from '../../../../scripts/engines.mjs'
import type { Figures } from './harness/cluster.ts'
import { type ClusterRow, clusterRows } from './harness/cluster-rows.ts'
import {
  holdHotRow,
  hotWriters,
  partition,
  slowDatabase,
  stopDatabase,
  takeAllConnections,
} from './harness/database-stages.ts'
import { type Engine, engines, isFull, shared, suiteOn } from './harness/installation.ts'
import { Link } from './harness/link.ts'

const some = isFull ? shared : shared.slice(-1)

/** MariaDB knows only one way to end without a word. */
const ends: Record<Engine, NodeJS.Signals[]> = { sqlite: [], postgres: ['SIGQUIT', 'SIGINT'], mariadb: ['SIGKILL'] }

/** Whatever is done to the database: the process lives and says how it is, whoever is refused is told so, all heals. */
function expectHealed(figures: Figures): void {
  const { other_errors, unanswered, live, serving_again_ms, caught_up_ms } = figures
  expect.soft({ other_errors, unanswered, live }).toEqual({ other_errors: 0, unanswered: 0, live: 200 })
  expect.soft(serving_again_ms).toBeLessThan(5_000)
  expect.soft(caught_up_ms).toBeLessThan(10_000)
}

/** The database could not be asked. */
const expectRefused = (figures: Figures, withinMs: number) => {
  expectHealed(figures)
  expect.soft(figures.refused).toBeGreaterThan(5)
  expect.soft(figures.slowest_refusal_ms).toBeLessThan(withinMs)
}

/** It could, and took its time. */
const expectPatience = (figures: Figures) => {
  expectHealed(figures)
  expect.soft(figures.slowest_ms).toBeLessThan(15_000)
  expect.soft(figures.others_p99_ms).toBeLessThan(2_000)
  expect.soft(figures.queue_most).toBeLessThanOrEqual(2 * (figures.pool ?? 0))
}

const manyWriters: ClusterRow = {
  promise: 'fifty who write the same row get through',
  full: hotWriters({ rounds: 10 }),
  quick: hotWriters({ rounds: 2 }),
  check: ({ first_try_percent }) => expect(first_try_percent).toBeGreaterThanOrEqual(99),
}

suiteOn(some)('the database in trouble on %s', (engine) => {
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

  const stop = (seconds: number, signal: NodeJS.Signals) => stopDatabase({ seconds }, () => server, signal)
  const stops = ends[engine].map((signal, index): [string, ClusterRow] => [
    `F8 ${signal}`,
    {
      promise: 'a database that ends and comes back loses nothing that was acknowledged',
      full: stop(10, signal),
      ...(index === 0 ? { quick: stop(3, signal) } : {}),
      check: (figures) => expectRefused(figures, 3_000),
    },
  ])
  const ownServer = () => ({
    nodes: 2,
    databaseServer: server.url,
    wayToDatabase: (url: string) => link.url(url),
  })
  clusterRows(engine, ownServer, {
    ...Object.fromEntries(stops),
    F25: {
      promise: 'a network to the database that drops everything is noticed, and nothing is acknowledged meanwhile',
      full: partition({ seconds: 30 }, () => link),
      quick: partition({ seconds: 8 }, () => link),
      check: (figures) => {
        expectRefused(figures, 5_000)
        expect.soft(figures.ready).toBe(503)
      },
    },
    F11: {
      promise: 'a database that takes no more connections is waited for',
      full: takeAllConnections({ seconds: 10 }, () => server.url),
      check: (figures) => expectRefused(figures, 5_000),
    },
    F12: manyWriters,
    'F10 slow': {
      promise: 'a slow database is waited for, not for ever',
      full: slowDatabase({ seconds: 15 }, () => link),
      check: expectPatience,
    },
    'F10 stall': {
      promise: 'a database that stalls is waited for, not for ever',
      full: partition({ seconds: 30 }, () => link),
      check: expectPatience,
    },
    'F10 lock': {
      promise: 'who does not need a locked row is not held up',
      full: holdHotRow({ seconds: 9 }),
      check: expectPatience,
    },
  })
})

describe.skipIf(!isFull || !engines.includes('sqlite'))('many writers on sqlite', () => {
  clusterRows('sqlite', () => ({}), { F12: manyWriters })
})
