import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { type AccountAdministration, changeUser, setMfaEnabled, type UserRow } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { DevicesService } from '../devices/index.ts'
import type { Lockout } from '../lockout/index.ts'
import type { MailsService } from '../mails/index.ts'
import type { SessionsService } from '../sessions/index.ts'
import type { SecondFactors } from '../two-factor/index.ts'
import { type AdminUsersService, notOneself } from './admin-users.service.ts'

export interface UserActionsDependencies {
  database: DatabaseHandle
  users: AdminUsersService
  administration: AccountAdministration
  sessions: SessionsService
  devices: DevicesService
  lockout: Lockout
  factors: SecondFactors
  audit: AuditService
  mails: MailsService
  mailReset(uow: UnitOfWork, row: UserRow): Promise<void>
  /** Everything of the account is removed, a name without a person stays where messages need one. */
  erase(userId: string): Promise<void>
  now: Clock
}

/** What an administrator does to one account besides changing its fields; each is written down and told to its owner. */
export class UserActions {
  readonly #deps: UserActionsDependencies

  constructor(deps: UserActionsDependencies) {
    this.#deps = deps
  }

  async setStatus(actor: Actor, id: string, status: 'active' | 'suspended' | 'deactivated'): Promise<void> {
    await this.#deps.users.reach(actor, id)
    if (id === actor.userId) throw notOneself()
    await this.#deps.administration.setStatus(id, status)
  }

  async unlock(actor: Actor, id: string): Promise<void> {
    const { lockout, audit } = this.#deps
    await this.#on(actor, id, async ({ tx }, row) => {
      await lockout.clear(tx, lockout.keysOf(row))
      await audit.record(tx, { type: 'account_unlocked', ...about(row), detail: { by: 'administrator' } })
    })
  }

  /** Where the mail cannot reach its reader, and the administrator knows whose the address is. */
  async verifyEmail(actor: Actor, id: string): Promise<void> {
    const { audit, now } = this.#deps
    await this.#on(actor, id, async ({ tx }, row) => {
      if (row.kind !== 'person') throw platformErrors.state_conflict({ detail: 'This account has no address' })
      const status = row.status === 'pending' ? { status: 'active' } : {}
      await changeUser(tx, row, { email_verified: 1, ...status }, now())
      await audit.record(tx, {
        type: 'email_verification_completed',
        ...about(row),
        detail: { by: 'administrator' },
      })
    })
  }

  /** For somebody who lost every second factor: the next sign-in asks for the password alone. */
  async resetMfa(actor: Actor, id: string): Promise<void> {
    const { factors, devices, sessions, audit, now } = this.#deps
    await this.#on(actor, id, async (uow, row) => {
      await factors.removeAll(uow.tx, row.id)
      await setMfaEnabled(uow.tx, row.id, false, now().toISOString())
      await devices.forgetAll(uow.tx, row.id)
      await sessions.end(uow, { userId: row.id }, 'revoked')
      await audit.record(uow.tx, { type: 'mfa_disabled', ...about(row), detail: { by: 'administrator' } })
      await this.#tell(uow, row, 'mfa_reset')
    })
  }

  /** The password stops working at once; the person gets a link to choose a new one. */
  async forcePasswordReset(actor: Actor, id: string): Promise<void> {
    const { sessions, devices, audit, mailReset, now } = this.#deps
    await this.#on(actor, id, async (uow, row) => {
      if (row.kind !== 'person') throw platformErrors.state_conflict({ detail: 'This account has no password' })
      await changeUser(uow.tx, row, { password_hash: null }, now())
      await devices.forgetAll(uow.tx, row.id)
      await sessions.end(uow, { userId: row.id }, 'password_changed')
      await audit.record(uow.tx, { type: 'password_reset_requested', ...about(row), detail: { by: 'administrator' } })
      await mailReset(uow, row)
    })
  }

  async revokeSessions(actor: Actor, id: string): Promise<void> {
    const { sessions, audit } = this.#deps
    await this.#on(actor, id, async (uow, row) => {
      const ended = await sessions.end(uow, { userId: row.id }, 'revoked')
      await audit.record(uow.tx, { type: 'session_revoked', ...about(row), detail: { sessions: ended } })
    })
  }

  async remove(actor: Actor, id: string, mode: 'deactivate' | 'erase'): Promise<void> {
    if (mode === 'deactivate') return this.setStatus(actor, id, 'deactivated')
    await this.#deps.users.reach(actor, id)
    if (id === actor.userId) throw notOneself()
    await this.#deps.erase(id)
  }

  async #on(actor: Actor, id: string, act: (uow: UnitOfWork, row: UserRow) => Promise<void>): Promise<void> {
    const row = await this.#deps.users.reach(actor, id)
    await this.#deps.database.unitOfWork((uow) => act(uow, row))
  }

  async #tell(uow: UnitOfWork, row: UserRow, template: 'mfa_reset'): Promise<void> {
    if (row.kind !== 'person') return
    const data = { name: row.display_name ?? row.username }
    await this.#deps.mails.enqueue(uow, { to: row.email, template, data, locale: row.locale, userId: row.id })
  }
}

const about = (row: UserRow) => ({ userId: row.id, resource: { type: 'user', id: row.id } })
