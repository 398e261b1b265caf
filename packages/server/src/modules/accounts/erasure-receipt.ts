import { createHash, createHmac } from 'node:crypto'
import type { WriteTally } from '../../platform/db/write-tally.ts'
import { newId } from '../../platform/ids.ts'
import type { SealingKeys } from '../../platform/keys.ts'
import type { ErasureRow } from './erasures.repository.ts'

/** Who saw to it: the person, whose time to think it over was over, or an administrator or operator. */
export type ErasedBy = 'person' | 'administrator'

/** What is not erased: words in conversations of others, and events of the audit log, without what tells of the person. */
const kept = ['messages', 'audit_events']

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const signature = (key: Buffer, hash: string): string =>
  createHmac('sha256', key).update(`erasure:${hash}`).digest('hex')

/** Counts and ids; nothing of the person. */
export function writeReceipt(
  keys: SealingKeys,
  { userId, at, by, tally }: { userId: string; at: string; by: ErasedBy; tally: WriteTally },
): ErasureRow {
  const { removed, changed } = tally
  const receipt = JSON.stringify({ user_id: userId, erased_at: at, by, removed, changed, kept })
  const hash = sha256(receipt)
  const event_id = newId()
  return { user_id: userId, erased_at: at, receipt, sha256: hash, signature: signature(keys[0], hash), event_id }
}

/** Whether it is as it was written by this installation. */
export const isGenuine = (keys: SealingKeys, row: ErasureRow): boolean =>
  sha256(row.receipt) === row.sha256 && keys.some((key) => signature(key, row.sha256) === row.signature)
