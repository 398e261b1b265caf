import type { Actor } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { accessErrors } from '../../platform/policy.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailData, MailsService } from '../mails/index.ts'
import { type SessionsService, sessionErrors, userStateChanged } from '../sessions/index.ts'
import { findUser, lockUser, type UserRow } from './accounts.repository.ts'
import { accountUpdated, type User } from './accounts.schema.ts'
import type { AccountsService } from './accounts.service.ts'
import type { Holdings } from './holdings.ts'
import { assertAdminRemains } from './last-admin.ts'
import { changeStatus } from './life-cycle.repository.ts'
import type { MailedProofs } from './mailed-proofs.ts'
import type { OwnPassword } from './own-password.ts'
import { userStream } from './registration.ts'

export interface DeletionDependencies {
  database: DatabaseHandle
  accounts: AccountsService
  ownPassword: OwnPassword
  proofs: MailedProofs
  sessions: SessionsService
  holdings: Holdings
  mails: MailsService
  audit: AuditService
  bus: EventBus
  now: Clock
  deletionGraceDays(): number
}

/** A person ends their own account: not at once, and it can be taken back until then. */
export class DeletionService {
  readonly #deps: DeletionDependencies

  constructor(deps: DeletionDependencies) {
    this.#deps = deps
  }

  /** Ends every other session and all API keys. Throws current_password_incorrect, last_admin. */
  async request(actor: Actor, password: string | undefined): Promise<{ erase_at: string }> {
    const { database, ownPassword, sessions, holdings, proofs, deletionGraceDays, now } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    await ownPassword.assert(row, password)
    const eraseAt = isoAfter(now(), deletionGraceDays() * 86_400)
    await database.unitOfWork(async (uow) => {
      await assertAdminRemains(uow.tx, database.dialect, row.id)
      // Held, so that nobody suspends the account meanwhile and is overwritten.
      const held = await lockUser(uow.tx, database.dialect, row.id)
      if (held?.status !== 'active') throw accessErrors.account_inactive()
      await this.#settle(uow, held, { status: 'deletion_pending', erase_at: eraseAt })
      await sessions.end(uow, { userId: row.id, except: actor.sessionId }, 'revoked')
      await holdings.drop(uow, row.id, ['api_keys'])
      await this.#deps.audit.record(uow.tx, { type: 'deletion_requested', userId: row.id })
      await this.#tell(uow, row, 'deletion_requested', { erase_at: eraseAt, link: proofs.linkTo('sign-in') })
      await this.#tellDevices(uow, row)
    })
    return { erase_at: eraseAt }
  }

  /** Throws state_conflict when the account does not wait for its deletion, or waited too long. */
  async restore(actor: Actor): Promise<User> {
    const { database, accounts, audit, now } = this.#deps
    await database.unitOfWork(async (uow) => {
      const row = await lockUser(uow.tx, database.dialect, actor.userId)
      const mayReturn = row?.status === 'deletion_pending' && (row.erase_at ?? '') > now().toISOString()
      if (!mayReturn) throw platformErrors.state_conflict({ detail: 'This account does not wait for its deletion' })
      await this.#settle(uow, row, { status: 'active', erase_at: null })
      await audit.record(uow.tx, { type: 'deletion_cancelled', userId: row.id })
      await this.#tell(uow, row, 'deletion_cancelled', {})
      await this.#tellDevices(uow, row)
    })
    return accounts.me(actor)
  }

  async #settle(uow: UnitOfWork, row: UserRow, change: Pick<UserRow, 'status' | 'erase_at'>): Promise<void> {
    const { bus, now } = this.#deps
    await changeStatus(uow.tx, row.id, change, now().toISOString())
    uow.afterCommit(() => bus.publish(userStateChanged, { userId: row.id }))
  }

  /** Guests have no address. */
  async #tell<Template extends 'deletion_requested' | 'deletion_cancelled'>(
    uow: UnitOfWork,
    row: UserRow,
    template: Template,
    data: Omit<MailData[Template], 'name'>,
  ): Promise<void> {
    if (row.kind !== 'person') return
    await this.#deps.mails.enqueue(uow, {
      to: row.email,
      template,
      data: { name: row.display_name ?? row.username, ...data } as MailData[Template],
      locale: row.locale,
      userId: row.id,
    })
  }

  #tellDevices = (uow: UnitOfWork, row: UserRow) =>
    uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
}
