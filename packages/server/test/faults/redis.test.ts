import { clusterRows } from './harness/cluster-rows.ts'
import { expectWithoutRedis } from './harness/expectations.ts'
import { isFull, shared, suiteOn } from './harness/installation.ts'
import { type RedisFault, redisFault, redisFaults, slowToLoad } from './harness/redis-stages.ts'

const some = isFull ? shared : shared.slice(-1)

const sick = (promise: string, fault: RedisFault) => ({
  promise,
  sessions: 2,
  full: redisFault({ seconds: 15 }, fault),
  check: expectWithoutRedis,
})

suiteOn(some)('Redis in trouble on %s', (engine) => {
  clusterRows(engine, () => ({ nodes: 2 }), {
    'F6 hangs': {
      ...sick('a Redis that hangs holds nobody up', redisFaults.hangs),
      quick: redisFault({ seconds: 6 }, redisFaults.hangs),
    },
    'F6 slow': sick('a Redis that is slow holds nobody up', redisFaults.slow),
    'F7 full': sick('a Redis without memory is done without', redisFaults.full),
    'F7 read-only': sick('a Redis that only reads is done without', redisFaults.readonly),
    'F7 password': sick('a Redis with another password is done without', redisFaults.password),
    'F7 loading': {
      ...sick('a Redis that still loads is done without', redisFaults.loading),
      options: { redisSettings: isFull ? slowToLoad : [] },
    },
    F26: {
      ...sick('an instance that does not reach Redis hears of everything all the same', redisFaults.cutFromOne),
      quick: redisFault({ seconds: 6 }, redisFaults.cutFromOne),
    },
  })
})
