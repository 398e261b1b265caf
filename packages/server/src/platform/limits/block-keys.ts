import { createHmac, type KeyObject } from 'node:crypto'
import type { Limit } from './rate-limiter.ts'

/** Names of counters outside of the process: a dump of them tells neither names nor addresses. */
export type BlockKey = (limit: Limit, key: string) => string

export const blockKeys =
  (secret: Buffer | KeyObject): BlockKey =>
  (limit, key) =>
    `${limit.name}.${createHmac('sha256', secret).update(`${limit.name}\n${key}`).digest('base64url').slice(0, 22)}`

export const limitNameOf = (blockKey: string): string => blockKey.slice(0, Math.max(0, blockKey.lastIndexOf('.')))
