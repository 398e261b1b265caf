import { createHmac } from 'node:crypto'
import type { RedisConnection } from '../redis/redis.ts'
import { redisScript } from '../redis/redis-script.ts'
import { type BlockKey, blockKeys, limitNameOf } from './block-keys.ts'
import type { SharedCounters } from './fallback-rate-limiter.ts'
import type { Debt } from './memory-rate-limiter.ts'
import {
  type Block,
  type Counting,
  counting,
  type Limit,
  maxBlocks,
  type RateLimiter,
  type Standing,
  type Usage,
  usageOf,
} from './rate-limiter.ts'

/**
 * One counter and the list of the refused, in one step. A counter without a time to live would refuse for ever: it is
 * always written together with one. Expiry and list go by the clock of Redis, so that the clocks of instances do not matter.
 */
const count = redisScript(`
local counter, refused = KEYS[1], KEYS[2]
local step, limit, window, block = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local known, owed, owedFor = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local count, left = 0, redis.call('PTTL', counter)
if left > 0 then count = tonumber(redis.call('GET', counter)) or 0 else left = 0 end
if owedFor > 0 then
  count = math.max(count, known) + owed
  if left == 0 then left = owedFor end
end
local isNew = left == 0
if isNew then left = window end
count = math.max(0, count + step)
if step > 0 or owedFor > 0 or (step < 0 and not isNew) then redis.call('SET', counter, count, 'PX', left) end

local remaining = limit - count
if step == 0 then remaining = remaining - 1 end
if remaining < 0 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', refused, '-inf', now)
  redis.call('ZADD', refused, now + left, block)
  redis.call('ZREMRANGEBYRANK', refused, 0, -${maxBlocks + 1})
  if redis.call('PTTL', refused) < left then redis.call('PEXPIRE', refused, left) end
elseif step < 0 and remaining > 0 then
  redis.call('ZREM', refused, block)
end
return { count, left }
`)

const list = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
local entries = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES')
for i = 1, #entries, 2 do
  answer[i] = entries[i]
  answer[i + 1] = math.ceil((entries[i + 1] - now) / 1000)
end
return answer
`)

const lift = redisScript(`
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
`)

const probeLimit: Limit = { name: 'probe', limit: 1_000_000, windowSeconds: 10 }

/** Counters that all instances of an installation share. Throws when Redis does not answer. */
export class RedisRateLimiter implements RateLimiter, SharedCounters {
  readonly #redis: RedisConnection
  readonly #blockKey: BlockKey
  readonly #prefix: string

  /** `secret` is the same for all instances of an installation, and of no other one. */
  constructor({ redis, secret }: { redis: RedisConnection; secret: Buffer }) {
    this.#redis = redis
    this.#blockKey = blockKeys(secret)
    const installation = createHmac('sha256', secret).update('redis').digest('base64url').slice(0, 11)
    this.#prefix = `atrium:${installation}:limits:`
  }

  async connect(onLost: (reason: string) => void): Promise<void> {
    this.#redis.onLost(() => onLost(this.#redis.reason))
    await this.#redis.connect()
  }

  async take(limit: Limit, key: string): Promise<Usage> {
    return usageOf(limit, 'take', await this.count('take', limit, key))
  }

  async giveBack(limit: Limit, key: string): Promise<Usage> {
    return usageOf(limit, 'giveBack', await this.count('giveBack', limit, key))
  }

  async peek(limit: Limit, key: string): Promise<Usage> {
    return usageOf(limit, 'peek', await this.count('peek', limit, key))
  }

  async count(how: Counting, limit: Limit, key: string, debt?: Debt): Promise<Standing> {
    const block = this.#blockKey(limit, key)
    const owed = debt ? [debt.count, debt.owed, Math.ceil(debt.endsInMs)] : [0, 0, 0]
    const answer = await this.#redis.run(
      count,
      [this.#counter(block), this.#refused],
      [counting[how], limit.limit, limit.windowSeconds * 1000, block, ...owed],
    )
    const [reached, endsInMs] = answer as [number, number]
    return { count: reached, endsInMs }
  }

  async blocks(): Promise<Block[]> {
    const answer = (await this.#redis.run(list, [this.#refused], [])) as (string | number)[]
    const blocks: Block[] = []
    for (let i = 0; i < answer.length; i += 2) {
      const key = String(answer[i])
      blocks.push({ key, limit: limitNameOf(key), retryAfter: Math.max(1, Number(answer[i + 1])) })
    }
    return blocks
  }

  async lift(blockKey: string): Promise<boolean> {
    const removed = await this.#redis.run(lift, [this.#counter(blockKey), this.#refused], [blockKey])
    return removed === 1
  }

  /** Counts for nobody: a Redis that answers and refuses to write is of no use. */
  async probe(): Promise<void> {
    await this.count('take', probeLimit, 'probe')
  }

  get #refused(): string {
    return `${this.#prefix}refused`
  }

  #counter(block: string): string {
    return `${this.#prefix}${block}`
  }
}
