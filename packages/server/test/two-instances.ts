import { expect } from 'vitest'
import { collectLog } from './collected-log.ts'
import { createTestDatabase } from './databases.ts'
import { until } from './faults/harness/waiting.ts'
import type { RedisProcess } from './redis-process.ts'
import { createTestApp, type TestApp } from './test-app.ts'

/** Two instances of one installation, and the log of both. */
export interface TwoInstances {
  a: TestApp
  b: TestApp
  log: ReturnType<typeof collectLog>
  /** Resolves once they hear each other. */
  whole(): Promise<void>
  /** Resolves once they know that they do not. */
  broken(): Promise<void>
  drop(): Promise<void>
}

export async function startTwoInstances(
  redis: RedisProcess,
  variables: Record<string, string> = {},
): Promise<TwoInstances> {
  const log = collectLog()
  const database = await createTestDatabase()
  const start = async (serverLock: boolean) => {
    // The first one owns the database.
    const given = serverLock ? database : { ...database, drop: async () => {} }
    const settings = { PORT: '0', REDIS_URL: redis.url, ...variables }
    const app = await createTestApp(settings, { log: log.logger, serverLock }, given)
    await app.listen()
    return app
  }
  const [a, b] = [await start(true), await start(false)]
  const reach = async (isReached: boolean) => {
    await until(
      async () => [a, b].every(({ bus }) => bus.reachesOthers === isReached),
      20_000,
      () => `the instances ${isReached ? 'do not hear' : 'still hear'} each other`,
    )
  }
  return {
    a,
    b,
    log,
    whole: () => reach(true),
    broken: () => reach(false),
    async drop() {
      await b.drop()
      await a.drop()
      expect(log.leaks([redis.password, encodeURIComponent(redis.password)])).toEqual([])
      expect(log.find('"level":"error"')).toEqual([])
    },
  }
}

/** Resolves once it is so. */
export const comesTrue = (what: () => boolean | Promise<boolean>, why: string) =>
  until(
    async () => what(),
    10_000,
    () => why,
  )
