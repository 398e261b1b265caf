import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import type { RateLimiter } from '../../platform/limits/rate-limiter.ts'
import type { AuditService } from '../audit/index.ts'
import type { RateLimitBlock } from './limits.schema.ts'

export interface LimitsDependencies {
  database: DatabaseHandle
  limiter: RateLimiter
  audit: AuditService
}

/** Who is slowed down right now, for administrators. */
export class LimitsService {
  readonly #deps: LimitsDependencies

  constructor(deps: LimitsDependencies) {
    this.#deps = deps
  }

  /** Those who wait longest come first. */
  async list(): Promise<RateLimitBlock[]> {
    const blocks = await this.#deps.limiter.blocks()
    return blocks
      .map(({ key, limit, retryAfter }) => ({ key, limit, retry_after: retryAfter }))
      .sort((a, b) => b.retry_after - a.retry_after)
  }

  /** Lets whoever is counted under this key begin anew. Throws not_found. */
  async lift(key: string): Promise<void> {
    const { database, limiter, audit } = this.#deps
    const [limit = ''] = key.split('.', 1)
    if (!(await limiter.lift(key))) throw platformErrors.not_found()
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'rate_limit_lifted', resource: { type: 'rate_limit', id: key }, detail: { limit } }),
    )
  }
}
