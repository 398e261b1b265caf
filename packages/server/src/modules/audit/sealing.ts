import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { SealingKeys } from '../../platform/keys.ts'
import type { AuditRow } from './audit.repository.ts'
import type { ChainHead, SealRow } from './seals.repository.ts'

const sha256 = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

export const originHash = (salt: string, { ip, user_agent }: AuditRow): string => sha256(salt, ip, user_agent)

export const detailHash = (salt: string, { detail }: AuditRow): string => sha256(salt, detail)

/** Of what stays of an event when a person is erased. */
export const rowHash = (row: AuditRow, origin: string, detail: string): string =>
  sha256(
    ...[row.id, row.at, row.type, row.category, row.outcome, row.success, row.source, row.actor_id, row.actor_kind],
    ...[row.impersonator_id, row.user_id, row.session_id, row.method, row.path, row.request_id],
    ...[row.resource_type, row.resource_id, row.retention, row.keep_until, origin, detail],
  )

export const linkHash = (before: string, seal: Pick<SealRow, 'position' | 'event_id' | 'keep_until' | 'row_hash'>) =>
  sha256(before, seal.position, seal.event_id, seal.keep_until, seal.row_hash)

/** The seal of an event that comes after `head`. */
export function sealOf(row: AuditRow, head: Pick<ChainHead, 'position' | 'hash'>): SealRow & { hash: string } {
  const [origin_salt, detail_salt] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
  const [origin_hash, detail_hash] = [originHash(origin_salt, row), detailHash(detail_salt, row)]
  const link = {
    event_id: row.id,
    position: head.position + 1,
    keep_until: row.keep_until,
    row_hash: rowHash(row, origin_hash, detail_hash),
  }
  return { ...link, origin_salt, origin_hash, detail_salt, detail_hash, hash: linkHash(head.hash, link) }
}

const signature = (key: Buffer, { position, hash }: Pick<ChainHead, 'position' | 'hash'>): string =>
  createHmac('sha256', key).update(`${position}:${hash}`).digest('hex')

export const signed = ([key]: SealingKeys, head: Pick<ChainHead, 'position' | 'hash'>): ChainHead => ({
  position: head.position,
  hash: head.hash,
  signature: signature(key, head),
})

/** Whether it is as we left it: at the very beginning nobody has signed it. */
export const isSigned = (keys: SealingKeys, head: ChainHead): boolean =>
  head.position === 0 ? head.signature === null : keys.some((key) => signature(key, head) === head.signature)
