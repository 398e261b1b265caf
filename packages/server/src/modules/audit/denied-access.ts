import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { AppError } from '../../platform/errors.ts'
import { MemoryRateLimiter } from '../../platform/limits/memory-rate-limiter.ts'
import type { Limit } from '../../platform/limits/rate-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import type { AuditService } from './audit.service.ts'

export interface DeniedAccessDependencies {
  database: DatabaseHandle
  audit: AuditService
  log: Logger
}

/** Refusals that say "not you"; the others say "not yet". */
const codes = ['forbidden', 'admin_required', 'scope_missing']
/** So that nobody fills the disk with what is refused to them; enough for the watch to see it. */
const perPerson: Limit = { name: 'denied-access', limit: 10, windowSeconds: 60 }
const maxWaiting = 100

/** Writes down what the policy refused to somebody who is known, beside the call: it neither waits for it nor fails by it. */
export class DeniedAccess {
  readonly #deps: DeniedAccessDependencies
  /** Its own, which no setting switches off. */
  readonly #limiter = new MemoryRateLimiter()
  readonly #waiting = new Set<Promise<void>>()

  constructor(deps: DeniedAccessDependencies) {
    this.#deps = deps
  }

  note(actor: Actor, error: AppError): void {
    if (!codes.includes(error.code) || this.#waiting.size >= maxWaiting) return
    const written = this.#write(actor, error)
      .catch((failure: unknown) => this.#deps.log.warn({ err: failure }, 'a refused call could not be written down'))
      .finally(() => this.#waiting.delete(written))
    this.#waiting.add(written)
  }

  /** Resolves when what was noted so far is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting)
  }

  async #write({ userId }: Actor, { code, members }: AppError): Promise<void> {
    const { remaining } = await this.#limiter.take(perPerson, userId)
    if (remaining < 0) return
    const missing = members.required_scope ?? members.required_permission
    const detail = { code, ...(typeof missing === 'string' ? { missing } : {}) }
    const { database, audit } = this.#deps
    // A refused part of a batch takes the batch back, and not this.
    await database.apart(() =>
      database.unitOfWork(({ tx }) =>
        audit.record(tx, { type: 'unauthorized_access_attempt', outcome: 'denied', userId, detail }),
      ),
    )
  }
}
