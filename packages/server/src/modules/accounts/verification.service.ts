import { createHash } from 'node:crypto'
import type { ClientInfo } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, type OneTimeTokens, oneTimeErrors, type Ticket } from '../one-time/index.ts'
import type { SessionsService } from '../sessions/index.ts'
import { findUser, findUserByIdentifier, type UserRow } from './accounts.repository.ts'
import { accountUpdated } from './accounts.schema.ts'
import { emailKey as canonicalEmail, parseEmail } from './identity.ts'
import { markEmailVerified } from './life-cycle.repository.ts'
import type { MailedProof, MailedProofs } from './mailed-proofs.ts'
import type { OwnPassword } from './own-password.ts'
import { namingConflicts, type PreparedUser, removePending, upgradeGuest, userStream } from './registration.ts'
import { findReservedName, releaseName } from './reserved-names.repository.ts'

export interface VerificationDependencies {
  database: DatabaseHandle
  oneTime: OneTimeTokens
  proofs: MailedProofs
  ownPassword: OwnPassword
  sessions: SessionsService
  mails: MailsService
  audit: AuditService
  limiter: RateLimiter
  now: Clock
  emailVerification: 'off' | 'optional' | 'required'
}

interface VerifyEmail {
  /** Null where the address was taken, or nobody's: such a proof is never mailed. */
  userId: string | null
  /** Hash of the registering browser's cookie. */
  browser: string | null
  /** What a guest becomes by it; until then nothing of this is in force. */
  upgrade?: PreparedUser
}

type Addressee = Pick<UserRow, 'id' | 'username' | 'email' | 'email_key' | 'locale'>

/** Who opens the link: a person who is signed in, a browser, or somebody who knows the password. */
export interface Opener {
  userId: string | undefined
  browser: string | undefined
  password: string | undefined
}

export const verifyEmail = definePurpose<VerifyEmail>({
  name: 'verify_email',
  lifeSeconds: 86_400,
  codeLifeSeconds: 600,
  newestOnly: true,
})

/** Registrations that nobody proves are forgotten after this long. */
export const pendingSeconds = verifyEmail.lifeSeconds

const resendLimit: Limit = { name: 'resend-verification', limit: 5, windowSeconds: 3600 }
const mailLimit: Limit = { name: 'verification-mails', limit: 5, windowSeconds: 3600 }

export const browserHash = (token: string): string => createHash('sha256').update(token).digest('base64url')

/**
 * Proves that a person reads the mail of their address. Opening the link is not enough, because mail scanners open links
 * too, and would prove an address for whoever registered it: the link counts in the browser that registered, in a session
 * of the account, or with its password.
 */
export class VerificationService {
  readonly #deps: VerificationDependencies

  constructor(deps: VerificationDependencies) {
    this.#deps = deps
  }

  /** False when this address was mailed often enough for now. */
  async mayMail(emailKey: string): Promise<boolean> {
    const { limiter, proofs } = this.#deps
    return (await limiter.take(mailLimit, proofs.subjectOf(emailKey))).remaining >= 0
  }

  /** In the transaction of the registration, or of asking again. The newest mail is the only one that counts. */
  async send(uow: UnitOfWork, row: UserRow, browser: string | null): Promise<void> {
    if (this.#deps.emailVerification === 'off') return
    const end = row.status === 'pending' ? isoAfter(new Date(row.created_at), pendingSeconds) : undefined
    await this.#mail(uow, row, { userId: row.id, browser }, end)
  }

  /** To the address a guest wants to have. */
  async sendForGuest(uow: UnitOfWork, guest: UserRow, upgrade: PreparedUser): Promise<void> {
    const { username, email, emailKey } = upgrade.identity
    const { id, locale } = guest
    await this.#mail(uow, { id, locale, username, email, email_key: emailKey }, { userId: id, browser: null, upgrade })
  }

  async #mail(uow: UnitOfWork, to: Addressee, proof: VerifyEmail, end?: string): Promise<void> {
    const { oneTime, proofs, mails, audit } = this.#deps
    const { token, code, expiresAt } = await oneTime.issue(uow.tx, verifyEmail, proofs.subjectOf(to.email_key), proof)
    await audit.record(uow.tx, { type: 'email_verification_created', userId: to.id })
    await mails.enqueue(uow, {
      to: to.email,
      template: 'verify_email',
      // Not the display name: whose address it is, is not known yet, and a stranger must not choose what they read.
      data: { name: to.username, link: proofs.linkTo('verify-email', token), code },
      locale: to.locale,
      userId: to.id,
      expiresAt: end ?? expiresAt,
    })
  }

  /** What `send` does, for an address that gets no such mail: from outside the two look the same. */
  async pretend(uow: UnitOfWork, emailKey: string, ownerId?: string): Promise<void> {
    const { oneTime, proofs, audit } = this.#deps
    await audit.record(uow.tx, { type: 'email_verification_created', outcome: 'denied', userId: ownerId })
    // What was mailed to an owner who has not proved the address goes on to work.
    const beside = { ...verifyEmail, newestOnly: false }
    await oneTime.issue(uow.tx, beside, proofs.subjectOf(emailKey), { userId: null, browser: null })
  }

  /** Throws link_invalid, too_many_attempts, current_password_incorrect. */
  async verify(proof: MailedProof, opener: Opener): Promise<void> {
    const { database, oneTime, proofs, audit, now } = this.#deps
    const ticket = await proofs.ticket(verifyEmail, proof)
    const row = ticket.data.userId === null ? undefined : await findUser(database.db, ticket.data.userId)
    const { upgrade } = ticket.data
    if (row && upgrade) return this.#verifyForGuest(row, upgrade, ticket, opener)
    const isFor = row && isUnproved(row, now()) && proofs.subjectOf(row.email_key) === ticket.subject
    if (!isFor) throw oneTimeErrors.link_invalid()
    await this.#assertOwner(row, ticket, opener)
    await database.unitOfWork(async (uow) => {
      if (!(await oneTime.consume(uow.tx, ticket))) throw oneTimeErrors.link_invalid()
      if (!(await markEmailVerified(uow.tx, row, now().toISOString()))) throw oneTimeErrors.link_invalid()
      if (row.status === 'pending') await releaseName(uow.tx, row.username_key)
      const whose = { userId: row.id, actorId: row.id }
      await audit.record(uow.tx, { type: 'email_verification_completed', ...whose })
      if (row.status === 'pending') await audit.record(uow.tx, { type: 'user_activated', ...whose })
      await uow.append([{ stream: userStream(row.id), type: accountUpdated.type, refs: { user_id: row.id } }])
    })
  }

  /** The guest becomes a person by the proof; the sessions of the guest end, because the rights changed. */
  async #verifyForGuest(guest: UserRow, upgrade: PreparedUser, ticket: Ticket<VerifyEmail>, opener: Opener) {
    const { database, oneTime, sessions, audit, now } = this.#deps
    const { emailKey, usernameKey } = upgrade.identity
    // Only what was asked for last: another address may wait by now.
    const isFor = guest.kind === 'guest' && canonicalEmail(guest.pending_email?.trim() ?? '') === emailKey
    if (!isFor) throw oneTimeErrors.link_invalid()
    await this.#assertOwner({ ...guest, password_hash: upgrade.passwordHash }, ticket, opener)
    const become = async (uow: UnitOfWork) => {
      const { tx } = uow
      if (!(await oneTime.consume(tx, ticket))) throw oneTimeErrors.link_invalid()
      const known = await findUserByIdentifier(tx, emailKey)
      if (known?.status === 'pending') await removePending(uow, known.id)
      const reserved = await findReservedName(tx, usernameKey, now().toISOString())
      if (reserved?.held_by === guest.id) await releaseName(tx, usernameKey)
      await upgradeGuest(uow, guest, { ...upgrade, emailVerified: true }, now)
      await sessions.end(uow, { userId: guest.id }, 'role_changed')
      const whose = { userId: guest.id, actorId: guest.id }
      await audit.record(tx, { type: 'email_verification_completed', ...whose })
      await audit.record(tx, { type: 'user_updated', ...whose, detail: { upgraded: true } })
    }
    await namingConflicts(database.dialect, () => database.unitOfWork(become))
  }

  async #assertOwner(row: UserRow, ticket: Ticket<VerifyEmail>, opener: Opener): Promise<void> {
    if (opener.userId === row.id) return
    const { browser } = ticket.data
    if (browser !== null && opener.browser !== undefined && browserHash(opener.browser) === browser) return
    if (opener.password !== undefined) return this.#deps.ownPassword.verify(row, opener.password)
    throw oneTimeErrors.link_invalid({
      detail: 'Open this in the browser you registered with, or type the password of the account',
      members: { password_required: true },
    })
  }

  /** The same answer and the same work for every address. Throws rate_limited. */
  async resend(email: string, client: ClientInfo): Promise<void> {
    const { database, limiter, proofs, now } = this.#deps
    const { emailKey } = parseEmail(email)
    const asked = `${proofs.subjectOf(emailKey)}\n${networkOf(client.ip)}`
    assertAllowed(await limiter.take(resendLimit, asked))
    // Nothing is made that would be worth less than what was mailed already.
    if (!(await this.mayMail(emailKey))) return
    await database.unitOfWork(async (uow) => {
      const row = await findUserByIdentifier(uow.tx, emailKey)
      const reserved = await findReservedName(uow.tx, row?.username_key ?? '', now().toISOString())
      if (row && isUnproved(row, now())) return this.send(uow, row, reserved?.held_by ?? null)
      return this.pretend(uow, emailKey, row?.id)
    })
  }
}

/** A registration that waited too long is over, also before the job has removed it. */
export const isOver = (row: UserRow, now: Date): boolean =>
  row.status === 'pending' && row.created_at <= isoAfter(now, -pendingSeconds)

const isUnproved = (row: UserRow, now: Date): boolean =>
  row.kind === 'person' &&
  row.email_verified === 0 &&
  ['pending', 'active', 'deletion_pending'].includes(row.status) &&
  !isOver(row, now)
