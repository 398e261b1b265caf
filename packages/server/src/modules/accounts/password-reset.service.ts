import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { Lockout } from '../lockout/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, type OneTimeTokens, oneTimeErrors } from '../one-time/index.ts'
import type { SessionsService } from '../sessions/index.ts'
import { findUser, findUserByIdentifier, listRoles, type UserRow } from './accounts.repository.ts'
import { accountUpdated } from './accounts.schema.ts'
import type { Holdings } from './holdings.ts'
import { parseEmail } from './identity.ts'
import { resetPassword } from './life-cycle.repository.ts'
import type { MailedProof, MailedProofs } from './mailed-proofs.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { assertPassword, type PasswordPolicy } from './password-policy.ts'
import { userStream } from './registration.ts'
import { releaseName } from './reserved-names.repository.ts'
import { isOver, verifyEmail } from './verification.service.ts'

export interface PasswordResetDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  proofs: MailedProofs
  sessions: SessionsService
  holdings: Holdings
  lockout: Lockout
  mails: MailsService
  audit: AuditService
  limiter: RateLimiter
  hasher: PasswordHasher
  policy: PasswordPolicy
  now: Clock
}

/** Null: asked for an address without an account, and never mailed. */
interface PasswordReset {
  userId: string | null
}

export const passwordReset = definePurpose<PasswordReset>({
  name: 'password_reset',
  lifeSeconds: 3600,
  codeLifeSeconds: 600,
  newestOnly: true,
})

const networkLimit: Limit = { name: 'password-reset', limit: 10, windowSeconds: 3600 }
const mailLimit: Limit = { name: 'password-reset-mails', limit: 3, windowSeconds: 3600 }

/** A new password for whoever reads the mail of the account's address. It signs nobody in. */
export class PasswordResetService {
  readonly #deps: PasswordResetDependencies

  constructor(deps: PasswordResetDependencies) {
    this.#deps = deps
  }

  /** The same answer and the same work for every address. Throws rate_limited. */
  async request(email: string, client: ClientInfo): Promise<void> {
    const { database, limiter, proofs } = this.#deps
    const { emailKey } = parseEmail(email)
    assertAllowed(await limiter.take(networkLimit, networkOf(client.ip)))
    // The link that was mailed last goes on to work.
    if ((await limiter.take(mailLimit, proofs.subjectOf(emailKey))).remaining < 0) return
    await database.unitOfWork(async (uow) => {
      const row = await findUserByIdentifier(uow.tx, emailKey)
      const mayReset = row !== undefined && this.#mayReset(row)
      await this.#issue(uow, emailKey, row, mayReset)
    })
  }

  async #issue(uow: UnitOfWork, emailKey: string, row: UserRow | undefined, mayReset: boolean): Promise<void> {
    const { oneTime, proofs, audit } = this.#deps
    const outcome = mayReset ? 'success' : 'denied'
    await audit.record(uow.tx, { type: 'password_reset_requested', outcome, userId: row?.id })
    if (row && mayReset) return this.mailTo(uow, row)
    await oneTime.issue(uow.tx, passwordReset, proofs.subjectOf(emailKey), { userId: null })
  }

  /** The link without being asked, for somebody who has no password yet or any more; in the caller's transaction. */
  async mailTo(uow: UnitOfWork, row: UserRow): Promise<void> {
    const { oneTime, proofs, mails } = this.#deps
    if (!this.#mayReset(row)) return
    const subject = proofs.subjectOf(row.email_key)
    const { token, code, expiresAt } = await oneTime.issue(uow.tx, passwordReset, subject, { userId: row.id })
    await mails.enqueue(uow, {
      to: row.email,
      template: 'reset_password',
      data: { name: nameFor(row), link: proofs.linkTo('reset-password', token), code },
      locale: row.locale,
      userId: row.id,
      expiresAt,
    })
  }

  /**
   * Ends everything that was opened with the old password, or without the address ever having been proved. Throws
   * link_invalid, too_many_attempts; validation_failed before the proof is used up.
   */
  async complete(proof: MailedProof, password: string): Promise<void> {
    const { database, proofs, hasher, policy } = this.#deps
    // Wrong for everybody: told before a code is tried.
    await assertPassword(password, { username: '', email: proof.email ?? '' }, policy)
    const ticket = await proofs.ticket(passwordReset, proof)
    const row = ticket.data.userId === null ? undefined : await findUser(database.db, ticket.data.userId)
    const isFor = row && this.#mayReset(row) && proofs.subjectOf(row.email_key) === ticket.subject
    if (!isFor) throw oneTimeErrors.link_invalid()
    await assertPassword(password, row, policy)
    const passwordHash = await hasher.hash(password)
    await database.unitOfWork(async (uow) => {
      if (!(await this.#deps.oneTime.consume(uow.tx, ticket))) throw oneTimeErrors.link_invalid()
      await this.#reset(uow, row, passwordHash)
    })
  }

  async #reset(uow: UnitOfWork, row: UserRow, passwordHash: string): Promise<void> {
    const { oneTime, proofs, sessions, holdings, lockout, mails, audit, now } = this.#deps
    const { tx } = uow
    if (!(await resetPassword(tx, row, passwordHash, now().toISOString()))) throw oneTimeErrors.link_invalid()
    await sessions.end(uow, { userId: row.id }, 'password_changed')
    // Nobody had proved the address: whoever made the account may be somebody else, and keeps nothing of it.
    const isClaimed = row.email_verified === 0 && !(await this.#isPrivileged(uow, row))
    await holdings.drop(
      uow,
      row.id,
      isClaimed ? ['devices', 'second_factors', 'identities', 'api_keys', 'notifications', 'files'] : ['devices'],
    )
    await lockout.clear(tx, lockout.keysOf(row))
    await oneTime.revoke(tx, verifyEmail, proofs.subjectOf(row.email_key))
    if (row.status === 'pending') await releaseName(tx, row.username_key)
    const whose = { userId: row.id, actorId: row.id }
    await audit.record(tx, { type: 'password_reset_completed', ...whose, detail: { claimed: isClaimed } })
    if (row.email_verified === 0) await audit.record(tx, { type: 'email_verification_completed', ...whose })
    if (row.status === 'pending') await audit.record(tx, { type: 'user_activated', ...whose })
    await mails.enqueue(uow, {
      to: row.email,
      template: row.password_hash === null ? 'password_set' : 'password_changed',
      data: { name: nameFor(row) },
      locale: row.locale,
      userId: row.id,
    })
    await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
  }

  /** Somebody trusted has given it more than everybody has, so it is no squatter's: its second factors stay. */
  async #isPrivileged(uow: UnitOfWork, row: UserRow): Promise<boolean> {
    return (await listRoles(uow.tx, row.id)).some((role) => role !== 'user' && role !== 'guest')
  }

  #mayReset(row: UserRow): boolean {
    return (
      row.kind === 'person' &&
      ['active', 'pending', 'deletion_pending'].includes(row.status) &&
      !isOver(row, this.#deps.now())
    )
  }
}

/** What a stranger typed into a registration is not read out to the owner of the address. */
const nameFor = (row: UserRow): string => (row.email_verified === 1 ? (row.display_name ?? row.username) : row.username)
