import type { ClientInfo } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { networkOf } from '../../platform/limits/network.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { findUserByIdentifier } from './accounts.repository.ts'
import type { Availability } from './availability.schema.ts'
import { emailKey, usernameProblem } from './identity.ts'
import { isNameFree } from './registration.ts'

export interface AvailabilityDependencies {
  database: DatabaseHandle
  limiter: RateLimiter
  now: Clock
  emailVerification: 'off' | 'optional' | 'required'
}

const checkLimit: Limit = { name: 'check', limit: 20, windowSeconds: 60 }

/** Tells a form, before it is sent, whether a name can be had. */
export class AvailabilityService {
  readonly #deps: AvailabilityDependencies

  constructor(deps: AvailabilityDependencies) {
    this.#deps = deps
  }

  /** Nothing is told of addresses where they must be proved. Throws rate_limited. */
  async check(input: { username?: string; email?: string }, client: ClientInfo): Promise<Availability> {
    const { limiter, emailVerification } = this.#deps
    assertAllowed(await limiter.take(checkLimit, networkOf(client.ip)))
    return {
      ...(input.username === undefined ? {} : { username: await this.#username(input.username) }),
      ...(input.email === undefined || emailVerification === 'required'
        ? {}
        : { email: await this.#email(input.email) }),
    }
  }

  async #username(username: string) {
    const { database, now } = this.#deps
    const problem = usernameProblem(username)
    if (problem) return { valid: false, available: false, code: problem.code, message: problem.message }
    return { valid: true, available: await isNameFree(database.db, username.toLowerCase(), now().toISOString()) }
  }

  async #email(email: string) {
    const key = emailKey(email.trim())
    if (key === undefined) {
      return { valid: false, available: false, code: 'email_invalid', message: 'Invalid email format' }
    }
    return { valid: true, available: (await findUserByIdentifier(this.#deps.database.db, key)) === undefined }
  }
}
