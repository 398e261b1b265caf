import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import type { SealedBox } from '../../platform/sealed-box.ts'
import { findUser, setMfaEnabled } from '../accounts/index.ts'
import type { AuditService } from '../audit/index.ts'
import type { MailsService } from '../mails/index.ts'
import { notice } from './factor-changes.ts'
import {
  countRecoveryCodes,
  deleteRecoveryCode,
  deleteRecoveryCodes,
  deleteTotp,
  findTotp,
  type TotpRow,
  takeStep,
} from './factors.repository.ts'
import { countPasskeys, deletePasskeys } from './passkeys.repository.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import { matchingStep } from './totp.ts'
import type { FactorMethod } from './two-factor.schema.ts'

export interface SecondFactorsDependencies {
  database: DatabaseHandle
  audit: AuditService
  mails: MailsService
  box: SealedBox
  now: Clock
}

/** Second factors as signing in asks for them. Each code works once, whichever way in it was typed at (AU10, AU11). */
export class SecondFactors {
  readonly #deps: SecondFactorsDependencies

  constructor(deps: SecondFactorsDependencies) {
    this.#deps = deps
  }

  /** What this user can prove a second step with; none: signing in has one step. */
  async methodsOf(db: Db, userId: string): Promise<FactorMethod[]> {
    const methods: FactorMethod[] = []
    if ((await findTotp(db, userId))?.confirmed_at) methods.push('totp')
    if ((await countPasskeys(db, userId)) > 0) methods.push('passkey')
    if (methods.length > 0 && (await countRecoveryCodes(db, userId)) > 0) methods.push('recovery')
    return methods
  }

  /** True for the one use of a right code. Runs a unit of work of its own. */
  async verifyTotp(userId: string, code: string): Promise<boolean> {
    const { database, box, now } = this.#deps
    const row = await findTotp(database.db, userId)
    if (!row?.confirmed_at) return false
    const step = matchingStep(openSecret(box, row), code, now(), row.last_step)
    if (step === undefined) return false
    return database.unitOfWork(({ tx }) => takeStep(tx, row, step))
  }

  /** Uses up one code and tells the owner; answers how many are left, undefined when it was none of theirs. */
  async useRecoveryCode(userId: string, code: string): Promise<number | undefined> {
    const hash = recoveryCodeHash(code)
    return this.#deps.database.unitOfWork(async (uow) => {
      if (!(await deleteRecoveryCode(uow.tx, userId, hash))) return undefined
      const left = await countRecoveryCodes(uow.tx, userId)
      await this.#tellOfRecovery(uow, userId, left)
      return left
    })
  }

  async #tellOfRecovery(uow: UnitOfWork, userId: string, left: number): Promise<void> {
    const { audit, mails } = this.#deps
    await audit.record(uow.tx, { type: 'recovery_code_used', userId, actorId: userId, detail: { left } })
    const user = await findUser(uow.tx, userId)
    if (user) await mails.enqueue(uow, notice(user, 'recovery_code_used', { left }))
  }

  /** Removes every factor of a user; what is told of it is the caller's. */
  async removeAll(tx: Db, userId: string): Promise<void> {
    await deleteTotp(tx, userId)
    await deleteRecoveryCodes(tx, userId)
    await deletePasskeys(tx, userId)
    await setMfaEnabled(tx, userId, false, this.#deps.now().toISOString())
  }
}

/** Bound to the user: a seed copied to another row opens nothing. */
export const seedPurpose = (userId: string): string => `totp:${userId}`

export const openSecret = (box: SealedBox, row: TotpRow): string =>
  box.open(row.sealed_secret, seedPurpose(row.user_id))
