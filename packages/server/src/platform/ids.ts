import { randomBytes, randomFillSync, randomUUID } from 'node:crypto'
import { v7 } from 'uuid'

const pool = Buffer.alloc(256 * 16)
let used = pool.length
let lastMs = 0
let count = 0

/** A UUIDv7 (RFC 9562): sorts by time of creation, those of one millisecond too. */
export function newId(): string {
  // To ask the system for sixteen bytes at a time costs more than the rest of the id.
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const random = pool.subarray(used, used + 16)
  used += 16
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    // From the lower half of what fits: the upper one is room to count.
    count = random.readUInt32BE() >>> 1
  } else {
    count = (count + 1) >>> 0
    if (count === 0) lastMs++
  }
  return v7({ random, msecs: lastMs, seq: count })
}

/** Names one call in its answer and in the log; sorts by nothing. */
export const newCallId = (): string => randomUUID()

/** `bytes` of randomness as base64url, for secrets a person carries in a link. */
export const newToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** True for text that could be one of our ids; PostgreSQL refuses to compare anything else with a uuid column. */
export const isId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
