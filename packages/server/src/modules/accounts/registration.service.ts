import type { ClientInfo } from '../../platform/actor.ts'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { AppError } from '../../platform/errors.ts'
import { newToken } from '../../platform/ids.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUserByIdentifier, type UserRow } from './accounts.repository.ts'
import type { ProfilePatch, Registration } from './accounts.schema.ts'
import type { AccountsService, SignedIn } from './accounts.service.ts'
import { listPendingUserIds } from './life-cycle.repository.ts'
import type { MailedProofs } from './mailed-proofs.ts'
import type { PasswordHasher } from './password-hasher.ts'
import type { PasswordPolicy } from './password-policy.ts'
import { insertAccount, namingConflicts, type PreparedUser, prepareUser, removePending } from './registration.ts'
import type { RegistrationRules } from './registration-rules.ts'
import {
  deleteEndedReservations,
  findReservedName,
  findWaitingRegistration,
  releaseName,
  reserveName,
} from './reserved-names.repository.ts'
import { browserHash, isOver, pendingSeconds, type VerificationService } from './verification.service.ts'

export interface RegistrationDependencies {
  database: DatabaseHandle
  accounts: AccountsService
  verification: VerificationService
  proofs: MailedProofs
  mails: MailsService
  audit: AuditService
  limiter: RateLimiter
  hasher: PasswordHasher
  policy: PasswordPolicy
  now: Clock
  rules: RegistrationRules
  emailVerification: 'off' | 'optional' | 'required'
}

export type Registered =
  | ({ status: 'complete' } & SignedIn)
  /** `browser` goes into the registration cookie. */
  | { status: 'verification_required'; browser: string; expiresIn: number }

/** What one registration holds its name by, and did before it was sent a second time. */
interface Holder {
  own: string
  former: string | undefined
}

const registerLimit: Limit = { name: 'register', limit: 3, windowSeconds: 60 }
const claimAttempts = 5

/**
 * New accounts. Where the address must be proved first, the answer never tells whether it was free: the name is reserved,
 * the password is hashed and one mail is written either way.
 */
export class RegistrationService {
  readonly #deps: RegistrationDependencies

  constructor(deps: RegistrationDependencies) {
    this.#deps = deps
  }

  /**
   * `browser` is what the registration cookie held before. Throws validation_failed, username_taken, rate_limited, and
   * email_taken where addresses need no proof.
   */
  async register(
    input: Registration,
    client: ClientInfo,
    { browser, deviceToken }: { browser: string | undefined; deviceToken: string | undefined },
  ): Promise<Registered> {
    const { limiter, rules, emailVerification } = this.#deps
    const network = networkOf(client.ip)
    assertAllowed(await limiter.take(registerLimit, network))
    try {
      rules.assertWelcome(input)
      return emailVerification === 'required'
        ? await this.#wait(input, browser)
        : await this.#enter(input, client, deviceToken)
    } catch (error) {
      // A typing error is no attempt; a taken name is one, because it tells that the name exists.
      if (error instanceof AppError && error.kind === 'invalid') await limiter.giveBack(registerLimit, network)
      throw error
    }
  }

  async #enter(input: Registration, client: ClientInfo, deviceToken: string | undefined): Promise<Registered> {
    const { accounts, verification, audit } = this.#deps
    const signedIn = await accounts.createSignedIn(input, {
      roles: ['user'],
      client,
      deviceToken,
      whenCreated: async (uow, row) => {
        await audit.record(uow.tx, { type: 'user_created', userId: row.id, actorId: row.id })
        await verification.send(uow, row, null)
      },
    })
    return { status: 'complete', ...signedIn }
  }

  async #wait(input: Registration, browser: string | undefined): Promise<Registered> {
    const { database, verification } = this.#deps
    const prepared = await prepareUser(input, { roles: ['user'] }, this.#deps)
    const token = newToken()
    const holder = { own: browserHash(token), former: browser === undefined ? undefined : browserHash(browser) }
    const mayMail = await verification.mayMail(prepared.identity.emailKey)
    const reserve = (claims: boolean) =>
      database.unitOfWork((uow) => this.#reserve(uow, prepared, holder, { claims, mayMail }))
    await namingConflicts(database.dialect, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await reserve(mayMail && attempt < claimAttempts)
        } catch (error) {
          // Somebody registers the same address right now: whoever comes last has it.
          if (attempt === claimAttempts || !database.dialect.isUniqueViolation(error, 'users_email_key')) throw error
        }
      }
    })
    return { status: 'verification_required', browser: token, expiresIn: pendingSeconds }
  }

  /**
   * The same for somebody another system sends, whose address it has not proved: in the caller's transaction, with
   * `browser` for the registration cookie. Undefined where the address is taken, which only its owner is told.
   */
  async hold(
    uow: UnitOfWork,
    prepared: PreparedUser,
    { browser, mayMail }: { browser: string; mayMail: boolean },
  ): Promise<UserRow | undefined> {
    const holder = { own: browserHash(browser), former: undefined }
    return this.#reserve(uow, prepared, holder, { claims: mayMail, mayMail })
  }

  /**
   * Reserves the name, and puts the registration in the place of another one that waits for the same address: none of
   * them has proved it. Without `claims` the address is left as it is.
   */
  async #reserve(
    uow: UnitOfWork,
    prepared: PreparedUser,
    holder: Holder,
    { claims, mayMail }: { claims: boolean; mayMail: boolean },
  ): Promise<UserRow | undefined> {
    const { verification, now } = this.#deps
    const { usernameKey, emailKey } = prepared.identity
    const at = now().toISOString()
    await this.#takeName(uow, usernameKey, holder, at)
    const known = await findUserByIdentifier(uow.tx, emailKey)
    const isFree = claims && (known === undefined || known.status === 'pending')
    await reserveName(
      uow.tx,
      {
        username_key: usernameKey,
        expires_at: isoAfter(now(), pendingSeconds),
        held_by: holder.own,
        email_key: emailKey,
        password_hash: prepared.passwordHash,
      },
      at,
    )
    if (!isFree) {
      if (!mayMail || known === undefined || known.status === 'pending') return undefined
      await verification.pretend(uow, emailKey, known.id)
      await this.tellOwner(uow, known)
      return undefined
    }
    if (known) await removePending(uow, known.id)
    const row = await insertAccount(uow, prepared, now, 'pending')
    await this.#deps.audit.record(uow.tx, { type: 'user_created', userId: row.id, actorId: row.id })
    await verification.send(uow, row, holder.own)
    return row
  }

  /** What this browser registered before under this name gives way. Throws username_taken. */
  async #takeName(uow: UnitOfWork, usernameKey: string, { former }: Holder, at: string): Promise<void> {
    const user = await findUserByIdentifier(uow.tx, usernameKey)
    const reserved = await findReservedName(uow.tx, usernameKey, at)
    const isOwn = reserved !== undefined && reserved.held_by === former
    if (reserved && !isOwn) throw accountErrors.username_taken()
    const isWaiting = user?.status === 'pending' && (isOwn || isOver(user, this.#deps.now()))
    if (user && !isWaiting) throw accountErrors.username_taken()
    if (user) await removePending(uow, user.id)
    if (reserved) await releaseName(uow.tx, usernameKey)
  }

  /** Somebody typed the address of an account that exists: its owner is mailed, and nobody else told. */
  async tellOwner(uow: UnitOfWork, owner: UserRow): Promise<void> {
    const { mails, proofs } = this.#deps
    await mails.enqueue(uow, {
      to: owner.email,
      template: 'account_exists',
      data: {
        name: owner.display_name ?? owner.username,
        sign_in_link: proofs.linkTo('sign-in'),
        reset_link: proofs.linkTo('forgot-password'),
      },
      locale: owner.locale,
      userId: owner.id,
    })
  }

  /** An account that came another way, through a provider or as a guest: its address is proved like the others. */
  async greet(uow: UnitOfWork, row: UserRow): Promise<void> {
    if (row.email_verified === 0 && !row.email_key.endsWith('.invalid')) {
      await this.#deps.verification.send(uow, row, null)
    }
  }

  /** Throws validation_failed where the operator asks for more, or for other people. */
  assertWelcome(input: ProfilePatch & { email: string }): void {
    this.#deps.rules.assertWelcome(input)
  }

  /** The same for an address alone. */
  assertEmail(email: string): void {
    this.#deps.rules.assertEmail(email, '/email')
  }

  /** A registration that waits is told by `isWaiting`, so that nobody sees whether it became an account. */
  isJudgedByName(row: UserRow | undefined): boolean {
    return this.#deps.emailVerification === 'required' && row?.status === 'pending'
  }

  /** True for the name, or the address, and the password of a registration that waits, whoever has the address. */
  async isWaiting(key: string, password: string): Promise<boolean> {
    const { database, hasher, now, emailVerification } = this.#deps
    if (emailVerification !== 'required') return false
    const waiting = await findWaitingRegistration(database.db, key, now().toISOString())
    return hasher.verify(waiting?.password_hash, password)
  }

  /** Registrations nobody proved in time, and names whose time is over; a batch at a time. */
  async purge(): Promise<number> {
    const { database, now } = this.#deps
    const before = isoAfter(now(), -pendingSeconds)
    const names = await database.unitOfWork(({ tx }) => deleteEndedReservations(tx, now().toISOString(), 500))
    const ids = await listPendingUserIds(database.db, before, 100)
    for (const id of ids) await database.unitOfWork((uow) => removePending(uow, id))
    return names + ids.length
  }
}
