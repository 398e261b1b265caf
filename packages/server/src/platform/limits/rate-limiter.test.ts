import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silent } from '../../../test/databases.ts'
import { until } from '../../../test/faults/harness/waiting.ts'
import { isRedisMissing, type RedisProcess, startRedis } from '../../../test/redis-process.ts'
import { newId } from '../ids.ts'
import { RedisConnection } from '../redis/redis.ts'
import { parseRedisUrl } from '../redis/redis-url.ts'
import { SealedBox } from '../sealed-box.ts'
import { FallbackRateLimiter } from './fallback-rate-limiter.ts'
import { MemoryRateLimiter } from './memory-rate-limiter.ts'
import { networkOf } from './network.ts'
import type { Limit, RateLimiter } from './rate-limiter.ts'
import { RedisRateLimiter } from './redis-rate-limiter.ts'

const secret = Buffer.alloc(32, 7)
const box = new SealedBox([Buffer.alloc(32, 8)])
let redis: RedisProcess | undefined
const connections: RedisConnection[] = []
beforeAll(async () => {
  if (!isRedisMissing) redis = await startRedis()
})
afterAll(async () => {
  for (const connection of connections) connection.close()
  await redis?.drop()
})

function connection(url = redis?.url ?? ''): RedisConnection {
  const made = new RedisConnection({ address: parseRedisUrl(url), timeoutMs: 5_000 })
  connections.push(made)
  return made
}
async function throughRedis(): Promise<RedisRateLimiter> {
  const limiter = new RedisRateLimiter({ redis: connection(), secret, box })
  await limiter.connect(() => {})
  return limiter
}
async function fallback(url?: string): Promise<RateLimiter> {
  const shared = new RedisRateLimiter({ redis: connection(url), secret, box })
  const limiter = new FallbackRateLimiter({ shared, local: new MemoryRateLimiter({ secret }), log: silent })
  await limiter.open()
  return limiter
}

let names = 0

const contract: [string, boolean, () => Promise<RateLimiter>][] = [
  ['in memory', false, async () => new MemoryRateLimiter()],
  ['in Redis', isRedisMissing, throughRedis],
  ['in Redis with a fallback', isRedisMissing, fallback],
  ['with a fallback, alone', false, () => fallback('redis://127.0.0.1:1')],
]

describe.each(contract)('L02 counters %s', (_name, isMissing, make) => {
  let limiter: RateLimiter
  beforeAll(async () => {
    if (!isMissing) limiter = await make()
  })
  const test = isMissing ? it.skip : it
  /** A limit nobody has used. */
  const limited = (limit: number, windowSeconds = 60): Limit => ({
    name: `test-${process.pid}-${++names}`,
    limit,
    windowSeconds,
  })
  const taken = async (limit: Limit, key: string, times: number) => {
    const left: number[] = []
    for (let i = 0; i < times; i++) left.push((await limiter.take(limit, key)).remaining)
    return left
  }

  test('count down per key and per limit, and below 0 when nothing is left', async () => {
    const [limit, other] = [limited(3), limited(3)]
    expect(await taken(limit, 'ann', 5)).toEqual([2, 1, 0, -1, -2])
    expect(await taken(limit, 'bob', 1)).toEqual([2])
    expect(await taken(other, 'ann', 1)).toEqual([2])
    const usage = await limiter.take(other, 'ann')
    expect(usage).toEqual({ limit: other, remaining: 1, resetSeconds: expect.any(Number) })
    expect(usage.resetSeconds).toBeGreaterThan(50)
    expect(usage.resetSeconds).toBeLessThanOrEqual(60)
  })

  test('let exactly as many through as the limit says, when 50 ask at once', async () => {
    const limit = limited(20)
    const usages = await Promise.all(Array.from({ length: 50 }, () => limiter.take(limit, 'everyone')))
    expect(usages.filter(({ remaining }) => remaining >= 0)).toHaveLength(20)
    expect(Math.min(...usages.map(({ remaining }) => remaining))).toBe(-30)
  })

  test('take back what did not count, never below nothing', async () => {
    const limit = limited(2)
    expect((await limiter.giveBack(limit, 'ann')).remaining).toBe(2)
    await taken(limit, 'ann', 2)
    expect((await limiter.giveBack(limit, 'ann')).remaining).toBe(1)
    expect(await taken(limit, 'ann', 2)).toEqual([0, -1])
    for (let i = 0; i < 5; i++) await limiter.giveBack(limit, 'ann')
    expect(await taken(limit, 'ann', 1)).toEqual([1])
  })

  test('tell what a take would answer without taking', async () => {
    const limit = limited(1)
    expect((await limiter.peek(limit, 'ann')).remaining).toBe(0)
    expect((await limiter.peek(limit, 'ann')).remaining).toBe(0)
    await limiter.take(limit, 'ann')
    expect((await limiter.peek(limit, 'ann')).remaining).toBe(-1)
    expect((await limiter.take(limit, 'ann')).remaining).toBe(-1)
  })

  test('start anew when the window ends, which tries do not put off', async () => {
    const limit = limited(1, 0.2)
    await limiter.take(limit, 'ann')
    await until(
      async () => (await limiter.take(limit, 'ann')).remaining === 0,
      5_000,
      () => 'no new window',
    )
  })

  test('list who is refused, telling who it is of ids and networks only, and forget them on demand', async () => {
    const limit = limited(1)
    const mine = async () => (await limiter.blocks()).filter((block) => block.limit === limit.name)
    const id = newId()
    const keys = ['ann@example.com', '203.0.113.7', networkOf('2001:db8::7'), id]
    for (const key of keys) await limiter.take(limit, key)
    expect(await mine()).toEqual([])
    for (const key of keys) await limiter[key === id ? 'peek' : 'take'](limit, key)
    const subjects = async () => (await mine()).map(({ subject }) => JSON.stringify(subject)).sort()
    // Through Redis nobody waits until it is known who it was.
    await expect
      .poll(subjects)
      .toEqual([`{"id":"${id}"}`, '{"network":"2001:db8::/64"}', '{"network":"203.0.113.7"}', undefined])
    const blocks = await mine()
    for (const { subject: _, ...block } of blocks) {
      expect(block).toEqual({ key: expect.stringMatching(/^[\w-]+\.[\w-]{22}$/), limit: limit.name, retryAfter: 60 })
      expect(block.key).not.toContain(id)
    }
    const key = blocks.find(({ subject }) => subject === undefined)?.key ?? ''
    expect([await limiter.lift(key), await limiter.lift(key)]).toEqual([true, false])
    expect(await mine()).toHaveLength(3)
    const left = [await limiter.take(limit, 'ann@example.com'), await limiter.take(limit, '203.0.113.7')]
    expect(left.map(({ remaining }) => remaining >= 0)).toEqual([true, false])
    expect(await limiter.lift(`${limit.name}.${'x'.repeat(22)}`)).toBe(false)
  })

  test('no longer list who was given back enough', async () => {
    const limit = limited(1)
    await limiter.take(limit, 'ann')
    await limiter.take(limit, 'ann')
    await limiter.giveBack(limit, 'ann')
    expect((await limiter.blocks()).filter((block) => block.limit === limit.name)).toHaveLength(1)
    await limiter.giveBack(limit, 'ann')
    expect((await limiter.blocks()).filter((block) => block.limit === limit.name)).toEqual([])
  })

  test('list no more than a thousand', async () => {
    const limit = limited(0)
    await Promise.all(Array.from({ length: 1_005 }, (_, i) => limiter.take(limit, `key${i}`)))
    expect(await limiter.blocks()).toHaveLength(1_000)
  })
})

it.skipIf(isRedisMissing)('every key in Redis ends by itself and tells neither names nor addresses', async () => {
  const limiter = await throughRedis()
  const limit = { name: 'expiry', limit: 1, windowSeconds: 60 }
  await limiter.take(limit, 'ann@example.com')
  await limiter.take(limit, 'ann@example.com')
  await limiter.giveBack(limit, 'nobody')
  const id = newId()
  for (const key of [id, id, '203.0.113.7', '203.0.113.7']) await limiter.take(limit, key)
  const known = async () => (await limiter.blocks()).filter(({ subject }) => subject).length
  await expect.poll(known).toBeGreaterThanOrEqual(2)
  const keys = (await redis?.tell('KEYS', '*'))?.match(/^atrium:.*$/gm) ?? []
  expect(keys.length).toBeGreaterThan(2)
  for (const key of keys) {
    expect(key).toMatch(/^atrium:[\w-]{11}:limits:[\w.-]+$/)
    const [, milliseconds] = /^:(-?\d+)/m.exec((await redis?.tell('PTTL', key)) ?? '') ?? []
    expect([key, Number(milliseconds) > 0]).toEqual([key, true])
    expect(await redis?.tell('GET', key)).not.toMatch(new RegExp(`${id}|203\\.0\\.113\\.7|ann@example`))
  }
  const blocks = (await limiter.blocks()).filter(({ limit: name }) => name === 'expiry')
  const [one, other] = blocks.filter(({ subject }) => subject)
  // What was written for another block, or by somebody else, tells nothing.
  const of = (block: typeof one) => keys.find((each) => each.endsWith(`limits:of.${block?.key}`)) ?? ''
  const [, sealed = ''] = /\$\d+\r\n(.*)\r\n/.exec((await redis?.tell('GET', of(one))) ?? '') ?? []
  await redis?.tell('SET', of(other), sealed, 'PX', '60000')
  await redis?.tell('SET', of(one), id, 'PX', '60000')
  const after = (await limiter.blocks()).filter(({ limit: name }) => name === 'expiry')
  expect(after.map(({ subject }) => subject)).toEqual([undefined, undefined, undefined])
  await limiter.lift(one?.key ?? '')
  expect(await redis?.tell('EXISTS', of(one))).toContain(':0')
})

it('memory keeps a bounded number of windows', async () => {
  const limiter = new MemoryRateLimiter()
  const limit = { name: 'flood', limit: 1, windowSeconds: 600 }
  for (let i = 0; i < 100_000; i++) await limiter.take(limit, `key${i}`)
  await limiter.take(limit, 'one too many')
  expect((await limiter.take(limit, 'key99999')).remaining).toBe(-1)
  expect((await limiter.take(limit, 'key0')).remaining).toBe(0)
})
