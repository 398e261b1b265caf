import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, type OneTimeTokens, oneTimeErrors, type Ticket } from '../one-time/index.ts'
import { type SessionsService, sessionErrors } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUser, findUserByIdentifier, type UserRow } from './accounts.repository.ts'
import { accountUpdated, type User } from './accounts.schema.ts'
import type { AccountsService } from './accounts.service.ts'
import { emailKey, type Identity, invalidFields, parseEmail } from './identity.ts'
import { replaceEmail, setPendingEmail } from './life-cycle.repository.ts'
import type { MailedProofs } from './mailed-proofs.ts'
import type { OwnPassword } from './own-password.ts'
import { passwordReset } from './password-reset.service.ts'
import type { RegistrationService } from './registration.service.ts'
import { namingConflicts, removePending, userStream } from './registration.ts'
import type { RegistrationRules } from './registration-rules.ts'
import { type VerificationService, verifyEmail } from './verification.service.ts'

export interface EmailChangeDependencies {
  database: DatabaseHandle
  accounts: AccountsService
  registration: RegistrationService
  verification: VerificationService
  ownPassword: OwnPassword
  proofs: MailedProofs
  oneTime: OneTimeTokens
  sessions: SessionsService
  mails: MailsService
  audit: AuditService
  limiter: RateLimiter
  now: Clock
  rules: RegistrationRules
  emailVerification: 'off' | 'optional' | 'required'
}

/** A proof holds for the change it was made for: from this address to that one. */
interface EmailChange {
  fromKey: string
  toKey: string
}

const confirmEmail = definePurpose<EmailChange>({
  name: 'confirm_email',
  lifeSeconds: 86_400,
  codeLifeSeconds: 600,
  newestOnly: true,
})

const changeLimit: Limit = { name: 'email-change', limit: 5, windowSeconds: 3600 }

/** The new address counts once somebody who is signed in has shown that they read its mail; the old one is told twice. */
export class EmailChangeService {
  readonly #deps: EmailChangeDependencies

  constructor(deps: EmailChangeDependencies) {
    this.#deps = deps
  }

  /**
   * Where addresses must be proved, nobody learns whether this one is taken. Throws validation_failed,
   * current_password_incorrect, email_taken, rate_limited.
   */
  async request(
    actor: Actor,
    newEmail: string,
    password: string | undefined,
  ): Promise<{ pending_email: string; expires_in: number }> {
    const { database, ownPassword, mails, audit } = this.#deps
    const row = await this.#own(actor)
    await ownPassword.assert(row, password)
    const address = parseEmail(newEmail, '/new_email')
    this.#deps.rules.assertEmail(address.email, '/new_email')
    if (address.emailKey === row.email_key) {
      const message = 'This is the address of the account already'
      throw invalidFields([{ pointer: '/new_email', code: 'email_unchanged', message }])
    }
    await this.#takeMail(row, address.emailKey)
    await database.unitOfWork(async (uow) => {
      await setPendingEmail(uow.tx, row.id, address.email)
      await this.#mailProof(uow, row, address)
      await audit.record(uow.tx, { type: 'email_change_requested', userId: row.id })
      await mails.enqueue(uow, {
        ...addressed(row),
        template: 'email_change_requested',
        data: { name: row.display_name ?? row.username, new_email: address.email },
      })
      await this.#tellDevices(uow, row)
    })
    return { pending_email: address.email, expires_in: confirmEmail.lifeSeconds }
  }

  /** Throws state_conflict when no address waits, email_taken, rate_limited. */
  async resend(actor: Actor): Promise<void> {
    const { database } = this.#deps
    const row = await this.#own(actor)
    const { pending_email: email } = row
    if (email === null) throw platformErrors.state_conflict({ detail: 'No address waits to be confirmed' })
    const address = parseEmail(email)
    await this.#takeMail(row, address.emailKey)
    await database.unitOfWork((uow) => this.#mailProof(uow, row, address))
  }

  async cancel(actor: Actor): Promise<void> {
    const { database, oneTime } = this.#deps
    const row = await this.#own(actor)
    await database.unitOfWork(async (uow) => {
      await oneTime.revoke(uow.tx, confirmEmail, row.id)
      if (row.pending_email === null) return
      await setPendingEmail(uow.tx, row.id, null)
      await this.#tellDevices(uow, row)
    })
  }

  async #takeMail(row: UserRow, toKey: string): Promise<void> {
    const { limiter, verification } = this.#deps
    assertAllowed(await limiter.take(changeLimit, row.id))
    if (await verification.mayMail(toKey)) return
    throw platformErrors.rate_limited({ detail: 'This address was mailed too often', members: { retry_after: 3600 } })
  }

  async #mailProof(uow: UnitOfWork, row: UserRow, { email, emailKey: toKey }: Pick<Identity, 'email' | 'emailKey'>) {
    const { oneTime, proofs, mails, emailVerification, registration } = this.#deps
    const owner = await findUserByIdentifier(uow.tx, toKey)
    // A registration that waits has proved nothing, and gives way to whoever does.
    const taken = owner && owner.status !== 'pending' ? owner : undefined
    if (taken && emailVerification !== 'required') throw accountErrors.email_taken()
    const change = { fromKey: row.email_key, toKey }
    const { token, code, expiresAt } = await oneTime.issue(uow.tx, confirmEmail, row.id, change)
    if (taken) return registration.tellOwner(uow, taken)
    await mails.enqueue(uow, {
      to: email,
      template: 'confirm_email',
      // Not the display name: nobody chooses what a stranger reads.
      data: { name: row.username, link: proofs.linkTo('confirm-email', token), code },
      locale: row.locale,
      userId: row.id,
      expiresAt,
    })
  }

  /** Ends the other sessions. Throws link_invalid, too_many_attempts, email_taken. */
  async confirm(actor: Actor, proof: { token?: string; code?: string }): Promise<User> {
    const { database, accounts } = this.#deps
    const ticket = await this.#ticket(actor, proof)
    const row = await this.#own(actor)
    const isStill =
      row.email_key === ticket.data.fromKey && emailKey(row.pending_email?.trim() ?? '') === ticket.data.toKey
    if (!isStill) throw oneTimeErrors.link_invalid()
    await namingConflicts(database.dialect, () => database.unitOfWork((uow) => this.#replace(uow, actor, row, ticket)))
    return accounts.me(actor)
  }

  async #ticket(actor: Actor, proof: { token?: string; code?: string }): Promise<Ticket<EmailChange>> {
    const { database, oneTime, proofs } = this.#deps
    if ((proof.token === undefined) === (proof.code === undefined)) {
      throw invalidFields([{ pointer: '/token', code: 'required', message: 'Send token or code' }])
    }
    if (proof.code !== undefined) return proofs.ticketOfCode(confirmEmail, actor.userId, proof.code)
    const ticket = await oneTime.find(database.db, confirmEmail, proof.token ?? '')
    // Somebody else's link proves nothing, and goes on to work for them.
    if (ticket?.subject !== actor.userId) throw oneTimeErrors.link_invalid()
    return ticket
  }

  async #replace(uow: UnitOfWork, actor: Actor, row: UserRow, ticket: Ticket<EmailChange>): Promise<void> {
    const { oneTime, proofs, sessions, mails, audit, now } = this.#deps
    const { tx } = uow
    if (!(await oneTime.consume(tx, ticket))) throw oneTimeErrors.link_invalid()
    const owner = await findUserByIdentifier(tx, ticket.data.toKey)
    if (owner && owner.status !== 'pending') throw accountErrors.email_taken()
    if (owner) await removePending(uow, owner.id)
    if (!(await replaceEmail(tx, row, ticket.data.toKey, now().toISOString()))) throw oneTimeErrors.link_invalid()
    await sessions.end(uow, { userId: row.id, except: actor.sessionId }, 'email_changed')
    for (const key of [row.email_key, ticket.data.toKey]) {
      await oneTime.revoke(tx, verifyEmail, proofs.subjectOf(key))
      await oneTime.revoke(tx, passwordReset, proofs.subjectOf(key))
    }
    await audit.record(tx, { type: 'email_changed', userId: row.id })
    await mails.enqueue(uow, {
      ...addressed(row),
      template: 'email_changed',
      data: { name: row.display_name ?? row.username, new_email: row.pending_email ?? '' },
    })
    await this.#tellDevices(uow, row)
  }

  async #own(actor: Actor): Promise<UserRow> {
    const row = await findUser(this.#deps.database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    if (row.kind !== 'person') {
      throw platformErrors.state_conflict({ detail: 'A guest gets an address by becoming a user' })
    }
    return row
  }

  #tellDevices = (uow: UnitOfWork, row: UserRow) =>
    uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
}

/** To the address the account has now. */
const addressed = (row: UserRow) => ({ to: row.email, locale: row.locale, userId: row.id })
