import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'

/** A UUIDv7 (RFC 9562): sorts by time of creation. */
export const newId = (): string => v7()

/** `bytes` of randomness as base64url, for secrets a person carries in a link. */
export const newToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

/** True for text that could be one of our ids; PostgreSQL refuses to compare anything else with a uuid column. */
export const isId = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)
