import { expect } from 'vitest'
import { type RedisProcess, startRedis } from '../redis-process.ts'
import { Installation, isFull, shared, suiteOn } from './harness/installation.ts'
import { row } from './harness/matrix.ts'
import { ask } from './harness/person.ts'

/** Tries to sign in to one account in a minute. */
const limit = 5

// shared-limits.test.ts has the same inside one process, for every change.
suiteOn(shared)('%s', (engine) => {
  row(
    'F5 limits',
    engine,
    'while Redis goes and comes nobody gets more than twice a limit',
    async (tell) => {
      let redis: RedisProcess | undefined
      let installation: Installation | undefined
      try {
        redis = await startRedis()
        const variables = {
          REDIS_URL: redis.url,
          RATE_LIMIT_PROFILE: 'standard',
          RATE_LIMIT_PER_MINUTE: '10000',
          ACCOUNT_LOCKOUT_THRESHOLD: '50',
        }
        installation = await Installation.start(engine, { nodes: 2, isFronted: true, variables })
        const { origin } = installation
        const guess = async (name: string, times: number) => {
          const body = { identifier: name, password: 'a wrong guess' }
          let taken = 0
          for (let time = 0; time < times; time++) {
            if ((await ask(origin, '/auth/login', { body })).status === 401) taken++
          }
          return taken
        }
        const before = await guess('before', 3 * limit)
        let after = await guess('during', 3)
        await redis.kill()
        after += await guess('during', 3 * limit)
        await redis.start()
        after += await guess('during', 3 * limit)
        await redis.tell('FLUSHALL')
        after += await guess('during', 3 * limit)
        tell({ limit, taken_before: before, taken_after: after })
        expect(before).toBe(limit)
        expect(after).toBeLessThanOrEqual(2 * limit)
        expect(installation.surprises).toEqual([])
      } finally {
        await installation?.drop()
        await redis?.drop()
      }
    },
    { skipped: !isFull },
  )
})
