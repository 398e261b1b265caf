import { isIP } from 'node:net'
import { Redis } from 'ioredis'
import type { RedisAddress, RedisSentinels } from './redis-url.ts'

export type RedisClient = Redis

export const connectLimitMs = 1_000
/** A connection whose other end is gone without a word is given up after this long, and made anew. */
export const silenceLimitMs = 5_000
const longestPauseMs = 2_000

/** A sentinel that does not answer is left for the next one, and all of them are asked again after a pause. */
const bySentinels = ({ at, tls, username, password }: RedisSentinels) => ({
  sentinels: [...at],
  ...(username === '' ? {} : { sentinelUsername: username }),
  ...(password === '' ? {} : { sentinelPassword: password }),
  ...(tls ? { sentinelTLS: {} } : {}),
  sentinelCommandTimeout: connectLimitMs,
  sentinelRetryStrategy: (times: number) => Math.min(times * 100, longestPauseMs),
  /** One that was primary and is none any more is left at once. */
  failoverDetector: true,
})

/** A connection that is made when asked for, comes back by itself, and never keeps a command for later. */
export function redisClient({ host, port, db, username, password, tls, sentinels }: RedisAddress): RedisClient {
  return new Redis({
    ...(sentinels ? { ...bySentinels(sentinels), name: host } : { host, port }),
    db,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(tls ? { tls: isIP(host) || sentinels ? {} : { servername: host } } : {}),
    ...(tls && sentinels ? { enableTLSForSentinelMode: true } : {}),
    lazyConnect: true,
    connectTimeout: connectLimitMs,
    // Else a connection that was never made holds the end of a command for two seconds.
    disconnectTimeout: 100,
    socketTimeout: silenceLimitMs,
    retryStrategy: (times) => Math.min(times * 100, longestPauseMs),
    // A command that met no Redis has failed: whoever sent it does without, and must not see it done later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
  })
}

/** Only its words: the error of a refused password carries the password. */
export const reasonOf = (error: Error): string =>
  error.message || ((error as NodeJS.ErrnoException).code ?? 'no connection')
