import type { DatabaseHandle } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors.ts'
import type { Lockout } from '../lockout/index.ts'
import { oneTimeErrors } from '../one-time/index.ts'
import { accountErrors } from './accounts.errors.ts'
import type { UserRow } from './accounts.repository.ts'
import { invalidFields } from './identity.ts'
import type { PasswordHasher } from './password-hasher.ts'

export interface OwnPasswordDependencies {
  database: DatabaseHandle
  hasher: PasswordHasher
  lockout: Lockout
}

/** The password of an account, asked again where much depends on who is at the keyboard. */
export class OwnPassword {
  readonly #deps: OwnPasswordDependencies

  constructor(deps: OwnPasswordDependencies) {
    this.#deps = deps
  }

  /**
   * Who has none is believed by the session's recent proof. Throws current_password_incorrect, too_many_attempts, and
   * validation_failed where it is missing.
   */
  async assert(row: UserRow, password: string | undefined): Promise<void> {
    if (row.password_hash === null) return
    if (password === undefined) {
      throw invalidFields([{ pointer: '/password', code: 'required', message: 'Type your password' }])
    }
    await this.verify(row, password)
  }

  /** The same work for an account without a password, which none is right for. */
  async verify(row: UserRow, password: string): Promise<void> {
    const { database, hasher, lockout } = this.#deps
    const key = lockout.keyOf(`reauthenticate:${row.id}`)
    await lockout.take(key).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'account_locked') throw error
      throw oneTimeErrors.too_many_attempts({ members: { ...error.members, remaining_attempts: 0 } })
    })
    const isRight = await hasher.verify(row.password_hash, password).catch(async (error: unknown) => {
      await lockout.giveBack(key)
      throw error
    })
    if (!isRight) throw accountErrors.current_password_incorrect()
    await database.unitOfWork(({ tx }) => lockout.clear(tx, [key]))
  }
}
