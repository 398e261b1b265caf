import { parseRedisUrl, parseSentinels, type RedisAddress } from '../platform/redis/redis-url.ts'
import { list } from './contradictions.ts'
import type { Settings } from './settings.ts'

type Attempt = <T>(name: string, read: () => T, fallback: T) => T

/** What is wrong with the settings of Redis goes to `attempt`. */
export function readRedisConfig(
  settings: Settings,
  { given, attempt }: { given: Record<string, unknown>; attempt: Attempt },
): RedisAddress | undefined {
  const redis = attempt(
    'REDIS_URL',
    () => (settings.REDIS_URL ? parseRedisUrl(settings.REDIS_URL) : undefined),
    undefined,
  )
  const at = attempt('REDIS_SENTINELS', () => parseSentinels(list(settings.REDIS_SENTINELS)), [])
  if (!redis || at.length === 0) return redis
  const { REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password } = settings
  const tls = 'REDIS_SENTINEL_TLS' in given ? settings.REDIS_SENTINEL_TLS : redis.tls
  return { ...redis, sentinels: { at, tls, username, password } }
}
