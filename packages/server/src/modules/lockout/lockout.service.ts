import { createHmac } from 'node:crypto'
import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { inBatches } from '../../platform/db/in-batches.ts'
import type { Db } from '../../platform/db/schema.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { Keys } from '../../platform/keys.ts'
import { lockoutErrors } from './lockout.errors.ts'
import {
  deleteIdleThrottles,
  deleteThrottles,
  findThrottle,
  insertThrottle,
  listThrottles,
  lockThrottle,
  type ThrottleRow,
  updateThrottle,
} from './lockout.repository.ts'

export interface LockoutPolicy {
  threshold: number
  durationSeconds: number
}

export interface LockoutDependencies {
  database: DatabaseHandle
  keys: Keys
  now: Clock
  policy: LockoutPolicy
}

/**
 * A name and an address lead to one account, so 50 wrong passwords in a row for each make the 100 that
 * NIST SP 800-63B-4 allows for an account.
 */
const totalLimit = 50
const longLockSeconds = 30 * 86_400
const takeRounds = 20

/**
 * Locks a name after too many wrong passwords, whether an account has that name or not (security.md section 4). The
 * truth is in SQL; a try is counted before the password is checked, so tries side by side cannot all slip through.
 */
export class Lockout {
  readonly #deps: LockoutDependencies

  constructor(deps: LockoutDependencies) {
    this.#deps = deps
  }

  /** What a canonical name or address is counted under. */
  keyOf(identifierKey: string): string {
    return createHmac('sha256', this.#deps.keys.identifier).update(`lockout:${identifierKey}`).digest('base64url')
  }

  /** Everything that is counted for one account. */
  keysOf(user: { id: string; username_key: string; email_key: string }): string[] {
    return [user.username_key, user.email_key, `mfa:${user.id}`, `reauthenticate:${user.id}`].map((key) =>
      this.keyOf(key),
    )
  }

  /** Until when these accounts are locked for strangers, of those that are. */
  async lockedUntil(
    users: readonly { id: string; username_key: string; email_key: string }[],
  ): Promise<Map<string, string>> {
    const owners = new Map(
      users.flatMap((user) => [user.username_key, user.email_key].map((key) => [this.keyOf(key), user.id] as const)),
    )
    const locked = new Map<string, string>()
    for (const row of await listThrottles(this.#deps.database.db, [...owners.keys()])) {
      const until = this.#lockedUntil(row)
      const id = owners.get(row.key)
      if (until !== undefined && id !== undefined && until > (locked.get(id) ?? '')) locked.set(id, until)
    }
    return locked
  }

  get durationSeconds(): number {
    return this.#deps.policy.durationSeconds
  }

  /** Throws account_locked; counts nothing. */
  async assertOpen(key: string): Promise<void> {
    const row = await findThrottle(this.#deps.database.db, key)
    const until = row && this.#lockedUntil(row)
    if (until !== undefined) throw this.#locked(until)
  }

  /**
   * Takes one try. Throws account_locked when none is left. `locksNow`: it was the last one, and unless it succeeds the
   * name is locked.
   */
  async take(key: string): Promise<{ locksNow: boolean }> {
    const { database } = this.#deps
    for (let round = 1; ; round++) {
      try {
        return await this.#takeOnce(key)
      } catch (error) {
        // Two first tries at once: the second one finds the row now, unless a success has cleared it in between.
        if (!database.dialect.isUniqueViolation(error, 'login_throttles_pkey')) throw error
        if (round === takeRounds) throw platformErrors.busy({ cause: error })
      }
    }
  }

  async #takeOnce(key: string): Promise<{ locksNow: boolean }> {
    const { database } = this.#deps
    const taken = await database.unitOfWork(async ({ tx }) => {
      const row = await lockThrottle(tx, database.dialect, key)
      const lockedUntil = row && this.#lockedUntil(row)
      if (lockedUntil !== undefined) return { lockedUntil, locksNow: false }
      const next = this.#counted(key, row)
      await (row ? updateThrottle(tx, next) : insertThrottle(tx, next))
      return { lockedUntil: undefined, locksNow: next.locked_until !== null }
    })
    if (taken.lockedUntil !== undefined) throw this.#locked(taken.lockedUntil)
    return { locksNow: taken.locksNow }
  }

  /**
   * Gives a try back that ended without an answer, as when the server is too busy to check a password: whoever made it
   * learned nothing. A lock that counted it is lifted.
   */
  async giveBack(key: string): Promise<void> {
    const { database, policy } = this.#deps
    await database.unitOfWork(async ({ tx }) => {
      const row = await lockThrottle(tx, database.dialect, key)
      if (!row || row.failures === 0) return
      const [failures, total] = [row.failures - 1, row.total_failures - 1]
      const isLocked = failures >= policy.threshold || total >= totalLimit
      const locked_until = isLocked ? row.locked_until : null
      await updateThrottle(tx, { ...row, failures, total_failures: total, locked_until })
    })
  }

  #counted(key: string, row: ThrottleRow | undefined): ThrottleRow {
    const { now, policy } = this.#deps
    const at = now()
    // Slow guessing starts a new window, and still counts towards the limit nothing but a success resets.
    const isOld = !row || row.locked_until !== null || row.updated_at < isoAfter(at, -policy.durationSeconds)
    const failures = isOld ? 1 : row.failures + 1
    const total = (row?.total_failures ?? 0) + 1
    const seconds =
      total >= totalLimit ? longLockSeconds : failures >= policy.threshold ? policy.durationSeconds : undefined
    return {
      key,
      failures,
      total_failures: total,
      locked_until: seconds === undefined ? null : isoAfter(at, seconds),
      updated_at: at.toISOString(),
    }
  }

  #lockedUntil(row: ThrottleRow): string | undefined {
    return row.locked_until !== null && row.locked_until > this.#deps.now().toISOString() ? row.locked_until : undefined
  }

  #locked(until: string): Error {
    const seconds = Math.max(1, Math.ceil((Date.parse(until) - this.#deps.now().getTime()) / 1000))
    return lockoutErrors.account_locked({ members: { locked_until: until, retry_after: seconds } })
  }

  /** After a success, a reset or an administrator's word: these names start from zero. */
  async clear(tx: Db, keys: readonly string[]): Promise<number> {
    return deleteThrottles(tx, keys)
  }

  async purge(): Promise<number> {
    const before = isoAfter(this.#deps.now(), -longLockSeconds)
    const { database } = this.#deps
    return inBatches((limit) => database.unitOfWork(({ tx }) => deleteIdleThrottles(tx, before, limit)))
  }
}
