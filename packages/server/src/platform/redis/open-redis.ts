import { createHmac } from 'node:crypto'
import { BusRelay } from '../events/bus-relay.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { Logger } from '../log.ts'
import type { RedisConnection } from './redis.ts'
import type { RedisAddress } from './redis-url.ts'

// The library is loaded only where there is a Redis.

/** Connects at its first use. */
export async function openRedis(
  address: RedisAddress | undefined,
  timeoutMs: number,
): Promise<RedisConnection | undefined> {
  if (!address) return undefined
  const { RedisConnection } = await import('./redis.ts')
  return new RedisConnection({ address, timeoutMs })
}

/** From now on shared news go to the other processes, and theirs come here. */
export async function openRelay(
  address: RedisAddress | undefined,
  { bus, key, log }: { bus: EventBus; key: Buffer; log: Logger },
): Promise<{ close(): Promise<void> } | undefined> {
  if (!address) return undefined
  const { RedisChannel } = await import('./redis-channel.ts')
  // Installations may share a Redis; the name is as secret as the key it is made from.
  const name = `atrium:${createHmac('sha256', key).update('channel').digest('hex').slice(0, 32)}`
  const channel = new RedisChannel({ address, name, log })
  new BusRelay({ channel, bus, key, log })
  await channel.open()
  return channel
}
