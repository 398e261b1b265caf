import { connectLimitMs, type RedisClient, reasonOf, redisClient } from './redis-client.ts'
import { type RedisScript, redisScript } from './redis-script.ts'
import type { RedisAddress } from './redis-url.ts'

export interface RedisOptions {
  address: RedisAddress
  /** No caller waits longer for an answer. */
  timeoutMs: number
}

const answer = redisScript('return 1')

/**
 * The connection to Redis, which may be away: then every call fails at once, and the connection comes back by itself.
 * Redis holds nothing that must survive.
 */
export class RedisConnection {
  readonly #client: RedisClient
  readonly #timeoutMs: number
  readonly #lost: (() => void)[] = []
  #reason = 'no answer yet'
  #isClosed = false

  constructor({ address, timeoutMs }: RedisOptions) {
    this.#timeoutMs = timeoutMs
    this.#client = redisClient(address)
    this.#client.on('error', (error: Error) => {
      this.#reason = reasonOf(error)
    })
    this.#client.on('ready', () => {
      this.#reason = 'the connection ended'
    })
    this.#client.on('close', () => {
      for (const tell of this.#lost) tell()
    })
  }

  get isReady(): boolean {
    return this.#client.status === 'ready'
  }

  /** Why it was away the last time it was. */
  get reason(): string {
    return this.#reason
  }

  /** Told whenever a connection has ended: what Redis knew may be gone. */
  onLost(listener: () => void): void {
    this.#lost.push(listener)
  }

  /** Resolves once Redis answers or is known not to, within a second or so; never throws. */
  async connect(): Promise<void> {
    if (this.#isClosed || !['wait', 'end'].includes(this.#client.status)) return
    // Something that takes the connection and never says a word is no reason to wait either.
    await within(connectLimitMs, this.#client.connect()).catch(() => {})
  }

  /** Throws when Redis is away, refuses, or does not answer in time. */
  async run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (!this.isReady) {
      void this.connect()
      throw new Error(this.#reason)
    }
    return within(this.#timeoutMs, this.#evaluate(script, keys, args))
  }

  /** Resolves when Redis answers in time. */
  async ping(): Promise<void> {
    await this.run(answer, [], [])
  }

  async #evaluate(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(script.sha, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
      return await this.#client.eval(script.lua, keys.length, ...keys, ...args)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#client.disconnect()
  }
}

function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // When this process was the slow one, the answer lies here unread: it is read before the verdict.
      setImmediate(() => reject(new Error(`no answer within ${limitMs} ms`)))
    }, limitMs)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
