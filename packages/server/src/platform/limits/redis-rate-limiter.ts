import { createHmac, type KeyObject } from 'node:crypto'
import type { RedisConnection } from '../redis/redis.ts'
import { redisScript } from '../redis/redis-script.ts'
import type { SealedBox } from '../sealed-box.ts'
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
import { type Subject, subjectOf } from './subject.ts'

/**
 * One counter and the list of the refused, in one step. A counter without a time to live would refuse for ever: it is
 * always written together with one. Expiry and list go by the clock of Redis, so that the clocks of instances do not matter.
 */
const count = redisScript(`
local counter, refused, subject = KEYS[1], KEYS[2], KEYS[3]
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

local remaining, isNews = limit - count, 0
if step == 0 then remaining = remaining - 1 end
if remaining < 0 then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', refused, '-inf', now)
  isNews = redis.call('ZADD', refused, now + left, block)
  redis.call('ZREMRANGEBYRANK', refused, 0, -${maxBlocks + 1})
  if redis.call('PTTL', refused) < left then redis.call('PEXPIRE', refused, left) end
elseif step < 0 and remaining > 0 then
  redis.call('ZREM', refused, block)
  redis.call('DEL', subject)
end
return { count, left, isNews }
`)

const list = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
local entries = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES')
for i = 1, #entries, 2 do
  answer[#answer + 1] = entries[i]
  answer[#answer + 1] = math.ceil((entries[i + 1] - now) / 1000)
  answer[#answer + 1] = redis.call('GET', ARGV[1] .. entries[i]) or ''
end
return answer
`)

const name = redisScript("return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])")

const lift = redisScript(`
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('DEL', KEYS[3])
return redis.call('DEL', KEYS[1])
`)

const probeLimit: Limit = { name: 'probe', limit: 1_000_000, windowSeconds: 10 }

/** Counters that all instances of an installation share. Throws when Redis does not answer. */
export class RedisRateLimiter implements RateLimiter, SharedCounters {
  readonly #redis: RedisConnection
  readonly #blockKey: BlockKey
  readonly #box: SealedBox
  readonly #prefix: string

  /** `secret` is the same for all instances of an installation, and of no other one; so is the key of `box`. */
  constructor({ redis, secret, box }: { redis: RedisConnection; secret: Buffer | KeyObject; box: SealedBox }) {
    this.#redis = redis
    this.#box = box
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
      [this.#counter(block), this.#refused, this.#subject(block)],
      [counting[how], limit.limit, limit.windowSeconds * 1000, block, ...owed],
    )
    const [reached, endsInMs, isNews] = answer as [number, number, number]
    if (isNews === 1 && subjectOf(key)) this.#remember(block, key, endsInMs)
    return { count: reached, endsInMs }
  }

  /** For administrators, for as long as the block lasts; a dump of Redis does not tell it. Nobody waits for it. */
  #remember(block: string, key: string, endsInMs: number): void {
    const sealed = this.#box.seal(key, purposeOf(block))
    this.#redis.run(name, [this.#subject(block)], [sealed, Math.ceil(endsInMs)]).catch(() => {})
  }

  /** Undefined too for what was not written by us, for this block. */
  #open(sealed: string, block: string): Subject | undefined {
    if (sealed === '') return undefined
    try {
      return subjectOf(this.#box.open(sealed, purposeOf(block)))
    } catch {
      return undefined
    }
  }

  async blocks(): Promise<Block[]> {
    const answer = (await this.#redis.run(list, [this.#refused], [this.#subject('')])) as (string | number)[]
    const blocks: Block[] = []
    for (let i = 0; i < answer.length; i += 3) {
      const key = String(answer[i])
      const retryAfter = Math.max(1, Number(answer[i + 1]))
      blocks.push({ key, limit: limitNameOf(key), retryAfter, subject: this.#open(String(answer[i + 2]), key) })
    }
    return blocks
  }

  async lift(blockKey: string): Promise<boolean> {
    const keys = [this.#counter(blockKey), this.#refused, this.#subject(blockKey)]
    const removed = await this.#redis.run(lift, keys, [blockKey])
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

  #subject(block: string): string {
    return `${this.#prefix}of.${block}`
  }
}

const purposeOf = (block: string): string => `rate limit ${block}`
