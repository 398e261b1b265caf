import type { Clock } from '../../platform/clock.ts'
import { isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { UnitOfWork } from '../../platform/db/unit-of-work.ts'
import { platformErrors } from '../../platform/errors.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { SessionsService } from '../sessions/index.ts'
import { accountErrors } from './accounts.errors.ts'
import { findUser, findUserByIdentifier, type UserRow } from './accounts.repository.ts'
import { setPendingEmail } from './life-cycle.repository.ts'
import type { RegistrationService } from './registration.service.ts'
import { isNameFree, namingConflicts, type PreparedUser, upgradeGuest } from './registration.ts'
import { releaseHeldNames, reserveName } from './reserved-names.repository.ts'
import { pendingSeconds, type VerificationService } from './verification.service.ts'

export interface GuestUpgradeDependencies {
  database: DatabaseHandle
  registration: RegistrationService
  verification: VerificationService
  sessions: SessionsService
  audit: AuditService
  limiter: RateLimiter
  now: Clock
  emailVerification: 'off' | 'optional' | 'required'
}

export type GuestUpgraded =
  | { status: 'complete'; row: UserRow }
  /** The guest is a guest until somebody proves that they read the mail of the address. */
  | { status: 'verification_required'; expires_in: number }

/** Each of them may mail somebody. */
const upgradeLimit: Limit = { name: 'guest-upgrade', limit: 5, windowSeconds: 3600 }

/** A guest gets a name, an address and a password: at once, or when the address is proved where it has to be. */
export class GuestUpgradeService {
  readonly #deps: GuestUpgradeDependencies

  constructor(deps: GuestUpgradeDependencies) {
    this.#deps = deps
  }

  /** Throws state_conflict, username_taken, rate_limited, and email_taken where addresses need no proof. */
  async upgrade(guestId: string, prepared: PreparedUser): Promise<GuestUpgraded> {
    const { database, emailVerification, limiter, verification } = this.#deps
    const { dialect } = database
    if (emailVerification !== 'required') {
      const row = await namingConflicts(dialect, () =>
        database.unitOfWork((uow) => this.#enter(uow, guestId, prepared)),
      )
      return { status: 'complete', row }
    }
    assertAllowed(await limiter.take(upgradeLimit, guestId))
    const mayMail = await verification.mayMail(prepared.identity.emailKey)
    await namingConflicts(dialect, () => database.unitOfWork((uow) => this.#wait(uow, guestId, prepared, mayMail)))
    return { status: 'verification_required', expires_in: pendingSeconds }
  }

  async #enter(uow: UnitOfWork, guestId: string, prepared: PreparedUser): Promise<UserRow> {
    const { registration, sessions, audit, now } = this.#deps
    const guest = await ownGuest(uow, guestId)
    const row = await upgradeGuest(uow, guest, prepared, now)
    await registration.greet(uow, row)
    await sessions.end(uow, { userId: guest.id }, 'role_changed')
    await audit.record(uow.tx, { type: 'user_updated', userId: guest.id, detail: { upgraded: true } })
    return row
  }

  /** As with a registration that waits, nobody learns whether the address is taken: only its owner is told. */
  async #wait(uow: UnitOfWork, guestId: string, prepared: PreparedUser, mayMail: boolean): Promise<void> {
    const { registration, verification, now } = this.#deps
    const { usernameKey, email, emailKey } = prepared.identity
    const at = now().toISOString()
    const guest = await ownGuest(uow, guestId)
    if (!(await isNameFree(uow.tx, usernameKey, at, guest.id))) throw accountErrors.username_taken()
    await releaseHeldNames(uow.tx, guest.id)
    await reserveName(
      uow.tx,
      {
        username_key: usernameKey,
        expires_at: isoAfter(now(), pendingSeconds),
        held_by: guest.id,
        email_key: emailKey,
        password_hash: prepared.passwordHash,
      },
      at,
    )
    await setPendingEmail(uow.tx, guest.id, email)
    if (!mayMail) return
    const known = await findUserByIdentifier(uow.tx, emailKey)
    if (!known || known.status === 'pending') return verification.sendForGuest(uow, guest, prepared)
    await verification.pretend(uow, emailKey, known.id)
    await registration.tellOwner(uow, known)
  }
}

async function ownGuest(uow: UnitOfWork, id: string): Promise<UserRow> {
  const guest = await findUser(uow.tx, id)
  if (guest?.kind !== 'guest') throw platformErrors.state_conflict({ detail: 'This account is no guest' })
  return guest
}
