import type { Actor, ClientInfo } from '../../platform/actor.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { findUser, OwnPassword, type PasswordHasher, type UserRow } from '../accounts/index.ts'
import type { MailsService } from '../mails/index.ts'
import { definePurpose, oneTimeErrors } from '../one-time/index.ts'
import { type IssuedSession, sessionErrors } from '../sessions/index.ts'
import { twoFactorErrors } from '../two-factor/index.ts'
import type { PasskeysDoor } from './factors.ts'
import type { SecondStep } from './second-step.ts'
import { signInErrors } from './sign-in.errors.ts'
import type { Reauthentication } from './sign-in.schema.ts'
import type { SignInDependencies } from './sign-in.service.ts'

export interface ReauthenticationDependencies extends SignInDependencies {
  hasher: PasswordHasher
  secondStep: SecondStep
  passkeys: PasskeysDoor
  mails: MailsService
  limiter: RateLimiter
}

const mailedCode = definePurpose<null>({
  name: 'reauthenticate_code',
  lifeSeconds: 600,
  codeLifeSeconds: 600,
  newestOnly: true,
})
const mailLimit: Limit = { name: 'reauthenticate-mail', limit: 3, windowSeconds: 3600 }

/** Step-up: somebody who is signed in proves again who they are, with any factor the account has. */
export class Reauthenticator {
  readonly #deps: ReauthenticationDependencies
  readonly #ownPassword: OwnPassword

  constructor(deps: ReauthenticationDependencies) {
    this.#deps = deps
    this.#ownPassword = new OwnPassword(deps)
  }

  /** The same session with a fresh proof. Throws current_password_incorrect, mfa_invalid, passkey_invalid, too_many_attempts. */
  async reauthenticate(actor: Actor, input: Reauthentication, client: ClientInfo): Promise<IssuedSession> {
    const { database, sessions, audit } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (!row) throw sessionErrors.session_revoked()
    const { method, aal } = await this.#prove(row, input)
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'reauthenticated', userId: row.id, detail: { method } }),
    )
    return sessions.stepUp(actor, client, aal)
  }

  async #prove(row: UserRow, input: Reauthentication): Promise<{ method: string; aal: 1 | 2 }> {
    const { secondStep, passkeys } = this.#deps
    if (input.password !== undefined) {
      await this.#ownPassword.verify(row, input.password)
      return { method: 'password', aal: 1 }
    }
    if (input.assertion !== undefined) {
      const proved = await passkeys.verify('reauthenticate', input.assertion, row.id)
      if (!proved) throw signInErrors.passkey_invalid()
      return { method: 'passkey', aal: 2 }
    }
    const code = input.code ?? ''
    if (/^\d{8}$/.test(code)) {
      await this.#proveMailedCode(row, code)
      return { method: 'email', aal: 1 }
    }
    if (!(await secondStep.prove(row.id, { method: 'totp', code }))) throw twoFactorErrors.mfa_invalid()
    return { method: 'totp', aal: 2 }
  }

  /** For accounts without password and factors, made by another site's sign-in. Throws rate_limited. */
  async mailCode(actor: Actor): Promise<void> {
    const { database, oneTime, mails, limiter } = this.#deps
    const row = await findUser(database.db, actor.userId)
    if (row?.kind !== 'person' || row.email_verified !== 1) return
    assertAllowed(await limiter.take(mailLimit, row.id))
    await database.unitOfWork(async (uow) => {
      const { code, expiresAt } = await oneTime.issue(uow.tx, mailedCode, row.id, null)
      await mails.enqueue(uow, {
        to: row.email,
        template: 'confirm_identity',
        data: { name: row.display_name ?? row.username, code },
        locale: row.locale,
        userId: row.id,
        expiresAt,
      })
    })
  }

  async #proveMailedCode(row: UserRow, code: string): Promise<void> {
    const { database, oneTime } = this.#deps
    const tried = await oneTime.tryCode(mailedCode, row.id, code)
    if (!tried.ticket) {
      if (tried.remaining > 0) throw twoFactorErrors.mfa_invalid({ members: { remaining_attempts: tried.remaining } })
      throw oneTimeErrors.too_many_attempts({ members: { remaining_attempts: 0 } })
    }
    const { ticket } = tried
    if (!(await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))) throw twoFactorErrors.mfa_invalid()
  }
}
