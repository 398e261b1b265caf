import type { Actor, ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import type { IssuedSession, SessionsService } from '../sessions/index.ts'
import { type FactorChanges, notice } from './factor-changes.ts'
import { confirmTotp, countRecoveryCodes, deleteTotp, findTotp, insertTotp } from './factors.repository.ts'
import { countPasskeys } from './passkeys.repository.ts'
import { qrSvg } from './qr-svg.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import { openSecret, seedPurpose } from './second-factors.service.ts'
import { matchingStep, newTotpSecret, otpauthUri } from './totp.ts'
import { twoFactorErrors } from './two-factor.errors.ts'
import type { MfaStatus, TotpEnrolment } from './two-factor.schema.ts'

export interface FactorEnrolmentDependencies {
  database: DatabaseHandle
  sessions: SessionsService
  changes: FactorChanges
  limiter: RateLimiter
  box: SealedBox
  now: Clock
  /** What the app calls the account beside the user's name. */
  issuer: string
}

/** Wrong codes count for the account; a right one takes its try back. */
const confirmLimit: Limit = { name: 'mfa-confirm', limit: 5, windowSeconds: 900 }

/** The owner's side: an authenticator app and recovery codes, added, renewed and removed. */
export class FactorEnrolment {
  readonly #deps: FactorEnrolmentDependencies

  constructor(deps: FactorEnrolmentDependencies) {
    this.#deps = deps
  }

  async status(actor: Actor): Promise<MfaStatus> {
    const { db } = this.#deps.database
    const totp = await findTotp(db, actor.userId)
    const confirmedAt = totp?.confirmed_at ?? null
    return {
      totp: { enabled: confirmedAt !== null, confirmed_at: confirmedAt },
      passkeys: await countPasskeys(db, actor.userId),
      recovery_codes_left: await countRecoveryCodes(db, actor.userId),
      required: this.#deps.changes.isRequired(actor),
    }
  }

  /** A new secret that counts for nothing until a code of it is typed; replaces one that was never confirmed. */
  async startTotp(actor: Actor): Promise<TotpEnrolment> {
    const { database, changes, box, now, issuer } = this.#deps
    const secret = newTotpSecret()
    const user = await database.unitOfWork(async ({ tx }) => {
      const holder = await changes.begin(tx, actor)
      if (holder.hasTotp) {
        throw platformErrors.already_exists({
          detail: 'An authenticator app is set up already; remove it before you set up another',
        })
      }
      await deleteTotp(tx, actor.userId)
      await insertTotp(tx, {
        user_id: actor.userId,
        sealed_secret: box.seal(secret, seedPurpose(actor.userId)),
        confirmed_at: null,
        last_step: 0,
        created_at: now().toISOString(),
      })
      return holder.user
    })
    const uri = otpauthUri({ issuer, account: user.username, secret })
    return { secret, otpauth_uri: uri, qr_svg: await qrSvg(uri) }
  }

  /** From here on signing in asks for a code. Throws mfa_invalid, state_conflict, rate_limited. */
  async confirmTotp(
    actor: Actor,
    code: string,
    client: ClientInfo,
  ): Promise<{ issued: IssuedSession; codes: string[] }> {
    const { database, sessions, changes, limiter, box, now } = this.#deps
    const row = await findTotp(database.db, actor.userId)
    if (!row || row.confirmed_at !== null) throw nothingToConfirm()
    const taken = await limiter.take(confirmLimit, actor.userId)
    assertAllowed(taken)
    const step = matchingStep(openSecret(box, row), code, now(), 0)
    if (step === undefined) throw twoFactorErrors.mfa_invalid({ members: { remaining_attempts: taken.remaining } })
    await limiter.giveBack(confirmLimit, actor.userId)

    const codes = newRecoveryCodes()
    const session = await database.unitOfWork(async (uow) => {
      const holder = await changes.begin(uow.tx, actor)
      if (!(await confirmTotp(uow.tx, row, step, now().toISOString()))) throw nothingToConfirm()
      await changes.replaceCodes(uow.tx, actor.userId, codes)
      const raised = await sessions.raise(uow, actor, client, 2)
      await changes.settle(uow, actor, holder, {
        audit: { type: 'mfa_enabled', userId: actor.userId, detail: { method: 'totp' } },
        mail: notice(holder.user, holder.passkeys > 0 ? 'totp_added' : 'mfa_enabled', {}),
        endsOthers: true,
      })
      return raised
    })
    return { issued: await sessions.issue(session), codes }
  }

  /** Throws not_found, state_conflict. */
  async removeTotp(actor: Actor): Promise<void> {
    const { database, changes } = this.#deps
    await database.unitOfWork(async (uow) => {
      const holder = await changes.begin(uow.tx, actor)
      if (!(await findTotp(uow.tx, actor.userId))) {
        throw platformErrors.not_found({ detail: 'There is no authenticator app on this account' })
      }
      if (holder.hasTotp) changes.assertNotLast(actor, holder)
      await deleteTotp(uow.tx, actor.userId)
      // One that was never confirmed changed nothing by coming, nor by going.
      if (!holder.hasTotp) return
      await changes.settle(uow, actor, holder, {
        audit: { type: 'mfa_disabled', userId: actor.userId, detail: { method: 'totp' } },
        mail: notice(holder.user, holder.passkeys > 0 ? 'totp_removed' : 'mfa_disabled', {}),
        endsOthers: true,
      })
    })
  }

  /** Ten new codes; the ones before are worth nothing. Throws state_conflict. */
  async renewRecoveryCodes(actor: Actor): Promise<string[]> {
    const { database, changes } = this.#deps
    const codes = newRecoveryCodes()
    await database.unitOfWork(async (uow) => {
      const holder = await changes.begin(uow.tx, actor)
      if (!holder.hasTotp && holder.passkeys === 0) {
        throw platformErrors.state_conflict({
          detail: 'Recovery codes stand in for a second factor; set up an authenticator app or a passkey first',
        })
      }
      await changes.replaceCodes(uow.tx, actor.userId, codes)
      await changes.tell(uow, holder, notice(holder.user, 'recovery_codes_created', {}))
    })
    return codes
  }
}

const nothingToConfirm = () =>
  platformErrors.state_conflict({
    detail: 'There is no authenticator app to confirm; begin with POST /users/me/mfa/totp',
  })
