import type { Clock } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { OutsideRules } from '../../platform/http/outside-address.ts'
import type { Logger } from '../../platform/log.ts'
import { encryptPush, longestPayload } from '../../platform/push/push-encryption.ts'
import { postPush } from '../../platform/push/push-request.ts'
import { vapidHeader } from '../../platform/push/vapid.ts'
import { deleteSubscriptions, listSubscriptions, type SubscriptionRow } from './push.repository.ts'
import type { VapidKeys } from './vapid-keys.ts'

export interface PushSenderDependencies {
  database: DatabaseHandle
  keys: VapidKeys
  rules: OutsideRules
  /** Whom a push service writes to when something is wrong: mailto: or https:. */
  subject: string
  /** Which of these sessions no longer count. */
  listEnded(sessionIds: readonly string[]): Promise<string[]>
  now: Clock
  log: Logger
  limits?: Partial<typeof defaultLimits>
}

export interface PushMessage {
  userId: string
  payload: object
}

/** Makes the messages for those of the people who have a browser to be told in. */
export type MakeMessages = (userIds: ReadonlySet<string>) => Promise<PushMessage[]>

interface Job {
  userIds: readonly string[]
  make: MakeMessages
}

const defaultLimits = { waiting: 1_000, lanes: 4, perJob: 8, answerMs: 10_000, restMs: 60_000 }
const ttlSeconds = 86_400
const gone = new Set([404, 410])

/** Pushes what happened, after it happened: at best once, never in the way of what it tells of. */
export class PushSender {
  readonly #deps: PushSenderDependencies
  readonly #limits: typeof defaultLimits
  readonly #waiting: Job[] = []
  readonly #lanes = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  /** Services that could not be reached are left alone for a while; by the monotonic clock. */
  readonly #resting = new Map<string, number>()

  constructor(deps: PushSenderDependencies) {
    this.#deps = deps
    this.#limits = { ...defaultLimits, ...deps.limits }
  }

  /** Neither waits nor throws. What comes when too much waits already is not pushed. */
  offer(userIds: readonly string[], make: MakeMessages): void {
    if (this.#closing.signal.aborted) return
    if (this.#waiting.length >= this.#limits.waiting) {
      this.#deps.log.warn({ people: userIds.length }, 'too many pushes wait; these are left out')
      return
    }
    this.#waiting.push({ userIds, make })
    if (this.#lanes.size >= this.#limits.lanes) return
    const lane = this.#work().finally(() => this.#lanes.delete(lane))
    this.#lanes.add(lane)
  }

  /** Everything that was offered is done with. */
  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#waiting.length = 0
    await this.settled()
  }

  async #work(): Promise<void> {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) {
      try {
        await this.#do(job)
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'pushes could not be made')
      }
    }
  }

  async #do({ userIds, make }: Job): Promise<void> {
    const { database, listEnded } = this.#deps
    const rows = await listSubscriptions(database.db, userIds)
    if (rows.length === 0) return
    const ended = new Set(await listEnded([...new Set(rows.map(({ session_id }) => session_id))]))
    const live = rows.filter(({ session_id }) => !ended.has(session_id))
    const lost = rows.filter(({ session_id }) => ended.has(session_id)).map(({ id }) => id)
    const messages = live.length > 0 ? await make(new Set(live.map(({ user_id }) => user_id))) : []
    const posts = messages.flatMap(({ userId, payload }) =>
      live.filter((row) => row.user_id === userId).map((row) => ({ row, body: bytesOf(payload) })),
    )
    for (let first = 0; first < posts.length; first += this.#limits.perJob) {
      const some = posts.slice(first, first + this.#limits.perJob)
      const isGone = await Promise.all(some.map(({ row, body }) => this.#post(row, body)))
      lost.push(...some.filter((_, index) => isGone[index]).map(({ row }) => row.id))
    }
    if (lost.length > 0) await database.unitOfWork(({ tx }) => deleteSubscriptions(tx, { ids: lost }))
  }

  /** True when the service says that the subscription is no more. */
  async #post(row: SubscriptionRow, body: Buffer): Promise<boolean> {
    const { keys, subject, rules, now, log } = this.#deps
    const url = new URL(row.endpoint)
    if (this.#closing.signal.aborted || (this.#resting.get(url.origin) ?? 0) > performance.now()) return false
    try {
      const authorization = vapidHeader(await keys.get(), url, subject, now())
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#limits.answerMs)])
      const push = { endpoint: row.endpoint, authorization, body: encryptPush(body, row), ttlSeconds, signal }
      const status = await postPush(push, rules)
      if (status >= 300 && !gone.has(status)) log.warn({ service: url.host, status }, 'a push was refused')
      if (status === 429 || status >= 500) this.#rest(url.origin)
      return gone.has(status)
    } catch (error) {
      if (!this.#closing.signal.aborted) log.warn({ err: error, service: url.host }, 'a push could not be sent')
      this.#rest(url.origin)
      return false
    }
  }

  #rest(origin: string): void {
    if (this.#resting.size >= 1_000) this.#resting.clear()
    this.#resting.set(origin, performance.now() + this.#limits.restMs)
  }
}

/** What is too long says where to look instead. */
function bytesOf(payload: object): Buffer {
  const bytes = Buffer.from(JSON.stringify(payload))
  return bytes.length <= longestPayload ? bytes : Buffer.from('{}')
}
