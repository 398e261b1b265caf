import type { Actor } from '../../platform/actor.ts'
import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Db } from '../../platform/db/schema.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { assertAllowed, type Limit, type RateLimiter } from '../../platform/limits/rate-limiter.ts'
import { invalidFields } from '../accounts/index.ts'
import { deletePresence, insertPresence, listPresenceRows, updatePresence } from './presence.repository.ts'
import { maxWatched, type NewPresence, type OwnPresence, type Presence, presenceChanged } from './presence.schema.ts'
import { chosen, type PresenceViews } from './presence-views.ts'

export interface PresenceDependencies {
  database: DatabaseHandle
  views: PresenceViews
  bus: EventBus
  limiter: RateLimiter
  now: Clock
}

const changes: Limit = { name: 'presence', limit: 20, windowSeconds: 60 }
const longestDays = 366

const invalid = (pointer: string, code: string, message: string) => invalidFields([{ pointer, code, message }])

export class PresenceService {
  readonly #deps: PresenceDependencies

  constructor(deps: PresenceDependencies) {
    this.#deps = deps
  }

  /** One for each id, in their order, whether or not there is such a person. */
  async list(actor: Actor, userIds: readonly string[]): Promise<Presence[]> {
    const ids = [...new Set(userIds)]
    if (ids.length > maxWatched) throw invalid('/user_ids', 'too_many', `At most ${maxWatched} people at once`)
    const viewOf = await this.#deps.views.read([actor.userId], ids)
    return ids.map((id) => viewOf(actor.userId, id))
  }

  async own(actor: Actor): Promise<OwnPresence> {
    const { database, now } = this.#deps
    const [row] = await listPresenceRows(database.db, [actor.userId])
    return { user_id: actor.userId, ...chosen(row, now().toISOString()) }
  }

  async set(actor: Actor, { state, text: given, until: end }: NewPresence): Promise<OwnPresence> {
    const { database, limiter, bus } = this.#deps
    const text = given?.trim() || null
    const until = end ? this.#assertComing(end) : null
    assertAllowed(await limiter.take(changes, actor.userId))
    const change = { state, text, until }
    const save = () =>
      database.unitOfWork(async ({ tx }) => {
        if (await updatePresence(tx, actor.userId, change)) return
        await insertPresence(tx, { user_id: actor.userId, ...change, last_seen_at: null })
      })
    await save().catch((error: unknown) => {
      // The row was made meanwhile: it can be changed now.
      if (!database.dialect.isUniqueViolation(error, 'presence_pkey')) throw error
      return save()
    })
    bus.publish(presenceChanged, { userIds: [actor.userId] })
    return { user_id: actor.userId, ...change }
  }

  #assertComing(text: string): string {
    const now = this.#deps.now().getTime()
    const until = new Date(text)
    if (until.getTime() > now && until.getTime() < now + longestDays * 86_400_000) return until.toISOString()
    throw invalid('/until', 'out_of_range', 'It ends in the future, within a year')
  }

  /** What is kept of somebody whose account ends. */
  async forget(tx: Db, userId: string): Promise<void> {
    await deletePresence(tx, userId)
  }
}
