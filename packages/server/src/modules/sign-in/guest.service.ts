import { randomBytes } from 'node:crypto'
import type { Actor, ClientInfo } from '../../platform/actor.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { accessErrors } from '../../platform/policy.ts'
import {
  createUser,
  type GuestUpgraded,
  type GuestUpgradeService,
  type PasswordHasher,
  type PasswordPolicy,
  prepareUser,
  type RegistrationService,
} from '../accounts/index.ts'
import type { GuestUpgrade } from './sign-in.schema.ts'
import type { SignInDependencies, SignInOptions, SignInResult, SignInService } from './sign-in.service.ts'

export interface GuestDependencies extends SignInDependencies {
  signIn: SignInService
  registration: RegistrationService
  guestUpgrade: GuestUpgradeService
  hasher: PasswordHasher
  policy: PasswordPolicy
  limiter: RateLimiter
  allowed(): boolean
}

const guestLimit: Limit = { name: 'guest', limit: 5, windowSeconds: 3600 }

/** Looking around without a name, and becoming somebody later with everything kept. */
export class GuestService {
  readonly #deps: GuestDependencies

  constructor(deps: GuestDependencies) {
    this.#deps = deps
  }

  /** Throws forbidden where guests are not wanted. */
  async enter(options: SignInOptions, client: ClientInfo, deviceToken: string | undefined): Promise<SignInResult> {
    const { database, limiter, signIn, audit, now, allowed } = this.#deps
    if (!allowed()) throw accessErrors.forbidden({ detail: 'Guests are not let in here' })
    assertAllowed(await limiter.take(guestLimit, networkOf(client.ip)))
    const username = `guest-${randomBytes(6).toString('hex')}`
    const email = `${username}@guest.invalid`
    const row = await database.unitOfWork(async (uow) => {
      const identity = { username, usernameKey: username, email, emailKey: email }
      const made = await createUser(
        uow,
        { identity, passwordHash: null, roles: ['guest'], profile: {}, kind: 'guest' },
        now,
      )
      await audit.record(uow.tx, { type: 'user_created', userId: made.id, actorId: made.id, detail: { kind: 'guest' } })
      return made
    })
    return signIn.start(row, { userId: row.id, method: 'guest', client, options, deviceToken })
  }

  /**
   * The same account with a name and a password; a new session, because the rights changed. Where addresses must be
   * proved, the guest stays one until then.
   */
  async upgrade(
    actor: Actor,
    input: GuestUpgrade,
    client: ClientInfo,
    deviceToken: string | undefined,
  ): Promise<SignInResult | Extract<GuestUpgraded, { status: 'verification_required' }>> {
    const { signIn, registration, guestUpgrade } = this.#deps
    registration.assertWelcome(input)
    const upgraded = await guestUpgrade.upgrade(actor.userId, await prepareUser(input, { roles: ['user'] }, this.#deps))
    if (upgraded.status === 'verification_required') return upgraded
    const { row } = upgraded
    return signIn.start(row, { userId: row.id, method: 'password', client, options: {}, deviceToken })
  }
}
