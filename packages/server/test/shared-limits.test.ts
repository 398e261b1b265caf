import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CollectedLog, collectLog } from './collected-log.ts'
import { createTestDatabase } from './databases.ts'
import { until } from './faults/harness/waiting.ts'
import { isRedisMissing, type RedisProcess, startRedis } from './redis-process.ts'
import { createTestApp, type TestApp } from './test-app.ts'

let redis: RedisProcess
beforeAll(async () => {
  if (!isRedisMissing) redis = await startRedis()
})
beforeEach(async () => {
  if (isRedisMissing) return
  await redis.start()
  await redis.tell('FLUSHALL')
})
afterAll(async () => {
  if (!isRedisMissing) await redis.drop()
})

let log: CollectedLog
let apps: TestApp[] = []
afterEach(async () => {
  // The first one owns the database.
  for (const app of apps.reverse()) await app.drop()
  apps = []
  // LO1: the password of Redis is logged by nobody.
  expect(log.leaks([redis?.password ?? '', encodeURIComponent(redis?.password ?? '')])).toEqual([])
})

/** Instances of one installation. */
async function instances(count: number, overrides: { redisTimeoutMs?: number; url?: string } = {}): Promise<TestApp[]> {
  log = collectLog()
  const variables = {
    RATE_LIMIT_PROFILE: 'standard',
    RATE_LIMIT_PER_MINUTE: '1000',
    ACCOUNT_LOCKOUT_THRESHOLD: '50',
    REDIS_URL: overrides.url ?? redis.url,
  }
  const database = await createTestDatabase()
  for (let i = 0; i < count; i++) {
    const given = i === 0 ? database : { ...database, drop: async () => {} }
    const { redisTimeoutMs = 5_000 } = overrides
    apps.push(await createTestApp(variables, { log: log.logger, redisTimeoutMs, serverLock: i === 0 }, given))
  }
  return apps
}

/** Fails to sign in as somebody: five times in a minute. */
const guess = async (app: TestApp, name: string, times = 1) => {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) {
    statuses.push((await app.visitor().post('/auth/login', { identifier: name, password: 'a wrong guess' })).status)
  }
  return statuses
}
const gone = () => log.find('Redis cannot be used')
const shared = () => log.find('limits are shared')
/** How often Redis was asked to count, whether or not it did. */
const scriptsAsked = async () => {
  const stats = await redis.tell('INFO', 'commandstats')
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])
}
const isBack = (times: number) =>
  until(
    () => shared().length === times,
    10_000,
    () => 'not shared again',
  )

describe.skipIf(isRedisMissing)('limits in Redis', () => {
  it('trap 2, L02: instances count together', async () => {
    const [a, b] = (await instances(2)) as [TestApp, TestApp]
    expect([...(await guess(a, 'nobody', 3)), ...(await guess(b, 'nobody', 3)), ...(await guess(a, 'nobody'))]).toEqual(
      [401, 401, 401, 401, 401, 429, 429],
    )
    const answers = await Promise.all([a, b].flatMap((app) => [1, 2, 3, 4, 5].map(() => guess(app, 'at once'))))
    expect(answers.flat().sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429])
  })

  it('trap 4, L03, F5: without Redis each goes on from what it knows, and afterwards all know of it', async () => {
    const [a, b] = (await instances(2)) as [TestApp, TestApp]
    await guess(a, 'victim', 3)
    await redis.kill()
    // Three were counted together, so two are left here; the other instance has not heard of any.
    expect(await guess(a, 'victim', 4)).toEqual([401, 401, 429, 429])
    expect(await guess(b, 'victim', 6)).toEqual([401, 401, 401, 401, 401, 429])
    expect(await guess(b, 'elsewhere', 3)).toEqual([401, 401, 401])
    expect(gone()).toHaveLength(2)
    expect(gone()[0]).toMatchObject({ level: 'warn', reason: expect.stringMatching(/./) })

    await redis.start()
    await isBack(4)
    // Redis has forgotten everything, its users have not.
    expect([...(await guess(a, 'victim')), ...(await guess(b, 'victim'))]).toEqual([429, 429])
    // What the second instance counted alone is told by its own next count.
    expect([...(await guess(b, 'elsewhere')), ...(await guess(a, 'elsewhere', 2))]).toEqual([401, 401, 429])
    expect([...(await guess(a, 'later', 3)), ...(await guess(b, 'later', 3))]).toEqual([401, 401, 401, 401, 401, 429])
    expect(gone()).toHaveLength(2)
  })

  it('F6: a Redis that hangs holds up one request, once', async () => {
    const [app] = (await instances(1, { redisTimeoutMs: 500 })) as [TestApp]
    await isBack(1)
    redis.hold()
    try {
      expect(await guess(app, 'nobody', 7)).toEqual([401, 401, 401, 401, 401, 429, 429])
      expect(gone()).toEqual([expect.objectContaining({ reason: 'no answer within 500 ms' })])
    } finally {
      redis.resume()
    }
    await isBack(2)
    expect(await guess(app, 'nobody')).toEqual([429])
  })

  it.each([
    ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], /OOM/],
    ['only reads', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE'], /READONLY/],
  ])('F7: a Redis that %s is not used until it takes counts again', async (_what, breakIt, mendIt, reason) => {
    const [app] = (await instances(1)) as [TestApp]
    await guess(app, 'nobody', 2)
    await redis.tell(...breakIt)
    try {
      expect(await guess(app, 'nobody', 4)).toEqual([401, 401, 401, 429])
      const tried = await scriptsAsked()
      await until(
        async () => (await scriptsAsked()) > tried,
        10_000,
        () => 'Redis was not tried again',
      )
      expect(shared()).toHaveLength(1)
      expect(gone()).toEqual([expect.objectContaining({ reason: expect.stringMatching(reason) })])
    } finally {
      await redis.tell(...mendIt)
    }
    await isBack(2)
    expect(await guess(app, 'nobody')).toEqual([429])
  })

  it('an administrator sees and lifts at any instance what was counted at another, with Redis and without', async () => {
    const [a, b] = (await instances(2)) as [TestApp, TestApp]
    const root = (await a.holderOf(['admin'])).copy(b)
    const blocks = async () => (await root.get('/admin/rate-limits')).json.data
    await guess(a, 'nobody', 6)
    const [block, ...more] = await blocks()
    expect([block.limit, more]).toEqual(['login', []])
    expect((await root.delete(`/admin/rate-limits/${block.key}`)).status).toBe(204)
    expect((await root.delete(`/admin/rate-limits/${block.key}`)).status).toBe(404)
    expect([await blocks(), await guess(a, 'nobody'), await guess(b, 'nobody')]).toEqual([[], [401], [401]])

    await redis.kill()
    await guess(b, 'alone', 6)
    const [here] = await blocks()
    await redis.start()
    await isBack(4)
    expect((await root.delete(`/admin/rate-limits/${here.key}`)).status).toBe(204)
    expect(await guess(b, 'alone')).toEqual([401])
  })

  it('a Redis that is emptied gives nobody more than a second turn', async () => {
    const [app] = (await instances(1)) as [TestApp]
    await guess(app, 'nobody', 5)
    await redis.tell('FLUSHALL')
    expect((await guess(app, 'nobody', 7)).filter((status) => status === 401)).toHaveLength(5)
  })

  it('starts without Redis, says so once, and finds it when it comes', async () => {
    await redis.kill()
    const [app] = (await instances(1)) as [TestApp]
    expect(gone()).toEqual([expect.objectContaining({ reason: expect.stringContaining('ECONNREFUSED') })])
    expect(await guess(app, 'nobody', 6)).toEqual([401, 401, 401, 401, 401, 429])
    await redis.start()
    await isBack(1)
    expect(await guess(app, 'nobody')).toEqual([429])
    expect(gone()).toHaveLength(1)
  })

  it('a wrong password is named as such, and not shown', async () => {
    const [app] = (await instances(1, { url: redis.url.replace(/:[^:@]+@/, ':not-the-word-of-redis@') })) as [TestApp]
    expect(gone()).toEqual([expect.objectContaining({ reason: expect.stringContaining('WRONGPASS') })])
    expect(log.leaks(['not-the-word-of-redis'])).toEqual([])
    expect(await guess(app, 'nobody', 6)).toEqual([401, 401, 401, 401, 401, 429])
  })
})
