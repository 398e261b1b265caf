import { hkdfSync } from 'node:crypto'

/** One key per purpose, so that a value made for one is worthless for another (RFC 5869). */
export interface Keys {
  access: Buffer
  refresh: Buffer
  csrf: Buffer
  cursor: Buffer
  /** Turns names into counters' keys, so that a dump of counters tells no names. */
  identifier: Buffer
  /** Encrypts what is stored and must be read again: seeds, mails, provider secrets. */
  sealing: Buffer
  /** Signs the short codes of mails and the tokens of browsers that are no session. */
  oneTime: Buffer
}

export function deriveKeys(secret: string): Keys {
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, 'atrium', purpose, 32))
  return {
    access: key('access token'),
    refresh: key('refresh token'),
    csrf: key('csrf token'),
    cursor: key('cursor'),
    identifier: key('identifier'),
    sealing: key('sealing'),
    oneTime: key('one-time'),
  }
}
