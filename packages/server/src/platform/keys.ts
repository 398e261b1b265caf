import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/** One key per purpose, so that a value made for one is worthless for another (RFC 5869). */
export interface Keys {
  access: Buffer
  refresh: Buffer
  /** Of secrets that were replaced: what they signed counts until it ends, nothing new is signed with them. */
  old: { access: readonly Buffer[]; refresh: readonly Buffer[] }
  csrf: KeyObject
  cursor: Buffer
  /** Turns names into counters' keys, so that a dump of counters tells no names. */
  identifier: KeyObject
  /** Encrypts what is stored and must be read again: seeds, mails, provider secrets. */
  sealing: SealingKeys
  /** Signs links to files: the first one does, all of them are believed. */
  fileLinks: SealingKeys
  /** Signs the end of the audit log's chain. */
  audit: SealingKeys
  /** Tells by a mark in a backup whether this installation could read what is sealed in it. */
  backupMark: SealingKeys
  /** Marks what processes tell each other. */
  bus: Buffer
  /** Signs the short codes of mails and the tokens of browsers that are no session. */
  oneTime: Buffer
}

/** The first one seals; all of them open. */
export type SealingKeys = readonly [Buffer, ...Buffer[]]

const derive = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'atrium', purpose, 32))

export function deriveKeys(secret: string, oldSecrets: readonly string[] = []): Keys {
  const key = (purpose: string) => derive(secret, purpose)
  const old = (purpose: string) => oldSecrets.map((each) => derive(each, purpose))
  return {
    access: key('access token'),
    refresh: key('refresh token'),
    old: { access: old('access token'), refresh: old('refresh token') },
    // Asked for with every request that changes something: a key that is made once is an eighth of the work.
    csrf: createSecretKey(key('csrf token')),
    cursor: key('cursor'),
    // And with each sign-in six times.
    identifier: createSecretKey(key('identifier')),
    sealing: [key('sealing'), ...old('sealing')],
    fileLinks: [key('file links'), ...old('file links')],
    audit: [key('audit chain'), ...old('audit chain')],
    backupMark: [key('backup mark'), ...old('backup mark')],
    bus: key('bus'),
    oneTime: key('one-time'),
  }
}
