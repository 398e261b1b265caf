import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { WriteTally } from '../../platform/db/write-tally.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import type { Keys } from '../../platform/keys.ts'
import type { AuditService } from '../audit/index.ts'
import type { Lockout } from '../lockout/index.ts'
import type { OneTimeTokens } from '../one-time/index.ts'
import { type SessionsService, userStateChanged } from '../sessions/index.ts'
import { deleteRoles, lockUser, type UserRow } from './accounts.repository.ts'
import { type ErasedBy, writeReceipt } from './erasure-receipt.ts'
import { insertErasure, wasAnyoneErasedSince } from './erasures.repository.ts'
import type { Holdings } from './holdings.ts'
import { assertAdminRemains } from './last-admin.ts'
import { listToErase, overwriteUser } from './life-cycle.repository.ts'
import type { MailedProofs } from './mailed-proofs.ts'
import { passwordReset } from './password-reset.service.ts'
import { releaseNamesOf } from './reserved-names.repository.ts'
import { verifyEmail } from './verification.service.ts'

export interface ErasureDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  holdings: Holdings
  lockout: Lockout
  oneTime: OneTimeTokens
  proofs: MailedProofs
  audit: AuditService
  bus: EventBus
  keys: Pick<Keys, 'audit'>
  now: Clock
}

const batch = 20
/** Until then also what an erasure left to later, conversations and files, has gone. */
const scrubSeconds = 3 * 3_600

/**
 * The end of an account. Its row stays, without anything of the person, because conversations of others refer to it; all
 * it held goes. The audit log keeps its events until their time is over,
 * without what tells of the person.
 */
export class ErasureService {
  readonly #deps: ErasureDependencies

  constructor(deps: ErasureDependencies) {
    this.#deps = deps
  }

  /** At once, whatever state the account is in. Throws not_found, last_admin. */
  async erase(userId: string): Promise<void> {
    const { database } = this.#deps
    await database.unitOfWork(async (uow) => {
      await assertAdminRemains(uow.tx, database.dialect, userId)
      const row = await lockUser(uow.tx, database.dialect, userId)
      if (!row || row.status === 'deleted') throw platformErrors.not_found({ detail: 'There is no such user' })
      await this.#erase(uow, row, 'administrator')
    })
  }

  /** Accounts whose time to think it over has passed; answers how many went. */
  async eraseDue(): Promise<number> {
    const { database, now } = this.#deps
    for (let erased = 0; ; ) {
      const ids = await listToErase(database.db, now().toISOString(), batch)
      let done = 0
      for (const id of ids) if (await this.#eraseIfDue(id)) done++
      erased += done
      if (done > 0) continue
      if (await wasAnyoneErasedSince(database.db, isoAfter(now(), -scrubSeconds))) await database.scrub()
      return erased
    }
  }

  #eraseIfDue(id: string): Promise<boolean> {
    const { database, now } = this.#deps
    return database.unitOfWork(async (uow) => {
      const row = await lockUser(uow.tx, database.dialect, id)
      // Restored, or erased by another process, since it was listed.
      if (row?.status !== 'deletion_pending' || (row.erase_at ?? '') > now().toISOString()) return false
      await this.#erase(uow, row, 'person')
      return true
    })
  }

  async #erase(given: UnitOfWork, row: UserRow, by: ErasedBy): Promise<void> {
    const { database, sessions, holdings, lockout, oneTime, proofs, audit, bus, keys, now } = this.#deps
    const tally = new WriteTally()
    const uow = { ...given, tx: given.tx.withPlugin(tally) }
    const { tx } = uow
    const at = now().toISOString()
    await overwriteUser(tx, row.id, at)
    await deleteRoles(tx, row.id)
    await sessions.removeAll(uow, row.id)
    const told = await holdings.drop(uow, row.id)
    await oneTime.revoke(tx, verifyEmail, proofs.subjectOf(row.email_key))
    await oneTime.revoke(tx, passwordReset, proofs.subjectOf(row.email_key))
    await lockout.clear(tx, lockout.keysOf(row))
    await releaseNamesOf(tx, row)
    await audit.forget(tx, database.dialect, row.id)
    const receipt = writeReceipt(keys.audit, { userId: row.id, at, by, tally })
    await insertErasure(given.tx, receipt)
    await audit.record(given.tx, {
      ...{ id: receipt.event_id, type: 'user_deleted', userId: row.id, resource: { type: 'user', id: row.id } },
      detail: { receipt: receipt.sha256 },
    })
    await given.append(told)
    given.afterCommit(() => bus.publish(userStateChanged, { userId: row.id }))
  }
}
