import type { Actor } from '../../platform/actor.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import { platformErrors } from '../../platform/errors.ts'
import { limitNameOf } from '../../platform/limits/block-keys.ts'
import type { Block, RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { listPublicUsers, type PublicUser } from '../accounts/index.ts'
import { listKeyOwners } from '../api-keys/index.ts'
import type { AdminReads, AuditService } from '../audit/index.ts'
import { listSessionOwners } from '../sessions/index.ts'
import type { RateLimitBlock } from './limits.schema.ts'

export interface LimitsDependencies {
  database: DatabaseHandle
  limiter: RateLimiter
  audit: AuditService
  adminReads: AdminReads
}

/** Who is slowed down right now, for administrators. */
export class LimitsService {
  readonly #deps: LimitsDependencies

  constructor(deps: LimitsDependencies) {
    this.#deps = deps
  }

  /** Those who wait longest come first. */
  async list(actor: Actor): Promise<RateLimitBlock[]> {
    const { limiter, adminReads } = this.#deps
    await adminReads.note(actor, 'rate_limit')
    const blocks = await limiter.blocks()
    const users = await this.#users(blocks)
    return blocks
      .map(({ key, limit, retryAfter, subject }) => ({
        ...{ key, limit, retry_after: retryAfter },
        user: (subject && 'id' in subject && users.get(subject.id)) || null,
        network: subject && 'network' in subject ? subject.network : null,
      }))
      .sort((a, b) => b.retry_after - a.retry_after)
  }

  /** Lets whoever is counted under this key begin anew. Throws not_found. */
  async lift(key: string): Promise<void> {
    const { database, limiter, audit } = this.#deps
    const limit = limitNameOf(key)
    if (!(await limiter.lift(key))) throw platformErrors.not_found()
    await database.unitOfWork(({ tx }) =>
      audit.record(tx, { type: 'rate_limit_lifted', resource: { type: 'rate_limit', id: key }, detail: { limit } }),
    )
  }

  /** By what is counted: an account, or a session or key of it. */
  async #users(blocks: readonly Block[]): Promise<Map<string, PublicUser>> {
    const { db } = this.#deps.database
    const ids = blocks.flatMap(({ subject }) => (subject && 'id' in subject ? [subject.id] : []))
    const owners = new Map([...(await listSessionOwners(db, ids)), ...(await listKeyOwners(db, ids))])
    const users = await listPublicUsers(
      db,
      ids.map((id) => owners.get(id) ?? id),
    )
    const known = new Map(users.map((user) => [user.id, user]))
    return new Map(
      ids.flatMap((id) => {
        const user = known.get(owners.get(id) ?? id)
        return user ? [[id, user] as const] : []
      }),
    )
  }
}
