import type { Clock } from '../../platform/clock.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { newToken } from '../../platform/ids.ts'
import {
  createUser,
  externalEmailKey,
  prepareExternalUser,
  type RegistrationService,
  type UserRow,
  type VerificationService,
} from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import { oauthErrors } from './oauth.errors.ts'
import type { ExternalIdentity, Vouched } from './provider.ts'

export interface NewcomersDependencies {
  registration: RegistrationService
  verification: VerificationService
  audit: AuditService
  emailVerification: 'off' | 'optional' | 'required'
  now: Clock
}

/** Accounts for people a provider sends here for the first time. */
export class Newcomers {
  readonly #deps: NewcomersDependencies

  constructor(deps: NewcomersDependencies) {
    this.#deps = deps
  }

  /** No account is open before its address is proved. */
  get proofRequired(): boolean {
    return this.#deps.emailVerification === 'required'
  }

  /** False when the address was mailed often enough for now. */
  async mayMail({ email }: ExternalIdentity): Promise<boolean> {
    const key = this.proofRequired ? externalEmailKey(email) : undefined
    return key === undefined || this.#deps.verification.mayMail(key)
  }

  /** Throws email_taken, and validation_failed where the operator takes other addresses only. */
  async create(uow: UnitOfWork, vouched: Vouched, proved: boolean): Promise<UserRow> {
    const { audit, verification, now } = this.#deps
    const row = await createUser(uow, await this.#prepare(uow, vouched, proved), now)
    const detail = { method: `oauth:${vouched.provider.id}` }
    await audit.record(uow.tx, { type: 'user_created', userId: row.id, actorId: row.id, detail })
    if (!proved && externalEmailKey(row.email) !== undefined) await verification.send(uow, row, null)
    return row
  }

  /** `browser` is for the registration cookie: there the mailed link will count. Throws email_missing. */
  async hold(uow: UnitOfWork, vouched: Vouched, mayMail: boolean): Promise<{ user?: UserRow; browser: string }> {
    if (externalEmailKey(vouched.identity.email) === undefined) throw oauthErrors.email_missing()
    const browser = newToken()
    const prepared = await this.#prepare(uow, vouched, false)
    const user = await this.#deps.registration.hold(uow, prepared, { browser, mayMail })
    return user ? { user, browser } : { browser }
  }

  async #prepare({ tx }: UnitOfWork, { identity }: Vouched, proved: boolean) {
    const { email, name, username } = identity
    if (email !== undefined) this.#deps.registration.assertEmail(email)
    const person = { email, emailVerified: proved, usernames: [username, name], displayName: name }
    return prepareExternalUser(tx, person, this.#deps.now)
  }
}
