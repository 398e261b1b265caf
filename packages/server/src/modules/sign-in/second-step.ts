import type { ClientInfo } from '../../platform/actor.ts'
import { AppError } from '../../platform/errors.ts'
import { findUser } from '../accounts/index.ts'
import { oneTimeErrors } from '../one-time/index.ts'
import { twoFactorErrors } from '../two-factor/index.ts'
import type { PasskeysDoor } from './factors.ts'
import type { MfaVerification } from './sign-in.schema.ts'
import {
  assertMaySignIn,
  mfaTicket,
  type SignInDependencies,
  type SignInResult,
  type SignInService,
} from './sign-in.service.ts'

export interface SecondStepDependencies extends SignInDependencies {
  signIn: SignInService
  passkeys: PasskeysDoor
}

/** The second step of signing in, and the same proofs where somebody signed in proves again who they are. */
export class SecondStep {
  readonly #deps: SecondStepDependencies

  constructor(deps: SecondStepDependencies) {
    this.#deps = deps
  }

  /**
   * Wrong codes count against the account, whatever ticket they came with. Throws mfa_invalid, too_many_attempts,
   * account_*.
   */
  async verify(
    input: MfaVerification,
    client: ClientInfo,
    deviceToken: string | undefined,
  ): Promise<SignInResult & { status: 'complete' }> {
    const { database, oneTime, signIn, audit } = this.#deps
    const ticket = await oneTime.find(database.db, mfaTicket, input.mfa_token)
    if (!ticket) throw twoFactorErrors.mfa_invalid()
    const row = await findUser(database.db, ticket.subject)
    assertMaySignIn(row, this.#deps.now())
    if (!(await this.prove(row.id, input))) {
      await database.unitOfWork(({ tx }) =>
        audit.record(tx, {
          type: 'mfa_failed',
          outcome: 'failure',
          userId: row.id,
          detail: { method: input.method },
        }),
      )
      throw twoFactorErrors.mfa_invalid()
    }
    // One factor was used up above; the ticket itself also works once.
    if (!(await database.unitOfWork(({ tx }) => oneTime.consume(tx, ticket)))) throw twoFactorErrors.mfa_invalid()
    return signIn.start(row, {
      userId: row.id,
      method: ticket.data.method,
      aal: 2,
      client,
      options: ticket.data.options,
      deviceToken,
      trustDevice: input.trust_device ?? false,
    })
  }

  /** Checks a second factor and uses it up. Throws too_many_attempts. */
  async prove(userId: string, input: Pick<MfaVerification, 'method' | 'code' | 'assertion'>): Promise<boolean> {
    const { database, factors, passkeys, lockout } = this.#deps
    // A challenge cannot be guessed: only codes are counted.
    if (input.method === 'passkey') {
      return (await passkeys.verify('mfa', input.assertion ?? {}, userId)) !== undefined
    }
    const key = lockout.keyOf(`mfa:${userId}`)
    await lockout.take(key).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'account_locked') throw error
      throw oneTimeErrors.too_many_attempts({ members: { ...error.members, remaining_attempts: 0 } })
    })
    const code = input.code ?? ''
    const right =
      input.method === 'totp'
        ? await factors.verifyTotp(userId, code)
        : (await factors.useRecoveryCode(userId, code)) !== undefined
    if (right) await database.unitOfWork(({ tx }) => lockout.clear(tx, [key]))
    return right
  }

  /** For the page that asks for a passkey as the second step. Throws mfa_invalid. */
  async passkeyOptions(mfaToken: string): Promise<unknown> {
    const { database, oneTime, passkeys } = this.#deps
    const ticket = await oneTime.find(database.db, mfaTicket, mfaToken)
    if (!ticket) throw twoFactorErrors.mfa_invalid()
    return passkeys.requestOptions('mfa', ticket.subject)
  }
}
