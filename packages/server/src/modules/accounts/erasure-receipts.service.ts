import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Keys } from '../../platform/keys.ts'
import { type AdminReads, findAuditEvent, positionOf } from '../audit/index.ts'
import { isGenuine } from './erasure-receipt.ts'
import { findErasure } from './erasures.repository.ts'
import type { ErasureReceipt } from './erasures.schema.ts'

export interface ErasureReceiptsDependencies {
  database: DatabaseHandle
  keys: Pick<Keys, 'audit'>
  adminReads: AdminReads
}

/** What an erasure removed, and the proof that nobody wrote it afterwards. */
export class ErasureReceiptsService {
  readonly #deps: ErasureReceiptsDependencies

  constructor(deps: ErasureReceiptsDependencies) {
    this.#deps = deps
  }

  /** Throws not_found. */
  async get(actor: Actor, userId: string): Promise<ErasureReceipt> {
    const { database, keys, adminReads } = this.#deps
    await adminReads.note(actor, 'erasures')
    const row = await findErasure(database.db, userId)
    if (!row) throw platformErrors.not_found({ detail: 'There is no receipt of this erasure' })
    const event = await findAuditEvent(database.db, row.event_id)
    const { by, removed, changed, kept } = JSON.parse(row.receipt) as ErasureReceipt
    return {
      ...{ user_id: row.user_id, erased_at: row.erased_at, by, removed, changed, kept },
      ...{ document: row.receipt, sha256: row.sha256, signature: row.signature, event_id: row.event_id },
      position: await positionOf(database.db, row.event_id),
      // The event goes when its time is over; then the signature alone speaks for it.
      is_valid: isGenuine(keys.audit, row) && (event === undefined || event.detail.receipt === row.sha256),
    }
  }
}
