import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { EventBus } from '../../platform/events/event-bus.ts'
import { newId } from '../../platform/ids.ts'
import {
  deleteConnections,
  deleteDeadInstance,
  deleteInstance,
  insertConnections,
  insertInstance,
  listConnectedTo,
  listDeadInstances,
  touchLastSeen,
  updateBeat,
} from './presence.repository.ts'
import { presenceChanged } from './presence.schema.ts'

export interface AttendanceDependencies {
  database: DatabaseHandle
  bus: EventBus
  now: Clock
}

/** Who reloads a page is not gone. */
const graceMs = 5_000
const lastSeenEverySeconds = 60
const batchSize = 500

/**
 * Who is connected to this process, written down for the others: one row for each person, however many sockets, in
 * batches. The rows count while the beat of this process is fresh.
 */
export class Attendance {
  readonly #deps: AttendanceDependencies
  readonly #instanceId = newId()
  /** Open sockets of each person. */
  readonly #sockets = new Map<string, number>()
  readonly #written = new Set<string>()
  /** By the monotonic clock, when the last socket closed. */
  readonly #leftAt = new Map<string, number>()
  #isKnown = false
  #writing: Promise<number> | undefined

  constructor(deps: AttendanceDependencies) {
    this.#deps = deps
  }

  enter(userId: string): void {
    this.#sockets.set(userId, (this.#sockets.get(userId) ?? 0) + 1)
    this.#leftAt.delete(userId)
  }

  leave(userId: string): void {
    const left = (this.#sockets.get(userId) ?? 0) - 1
    if (left > 0) this.#sockets.set(userId, left)
    else {
      this.#sockets.delete(userId)
      this.#leftAt.set(userId, performance.now())
    }
  }

  /** Writes down who came and who left; answers how many that were. Run again and again, once a second. */
  async write(): Promise<number> {
    // The next turn does what this one finds in the way.
    if (this.#writing) return 0
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
    })
    await this.#writing
    return 0
  }

  async #write(): Promise<number> {
    const came = [...this.#sockets.keys()].filter((userId) => !this.#written.has(userId))
    const limit = performance.now() - graceMs
    const left = [...this.#leftAt].filter(([, at]) => at < limit).map(([userId]) => userId)
    for (const userIds of batches(came)) await this.#writeCame(userIds)
    for (const userIds of batches(left)) await this.#writeLeft(userIds)
    return came.length + left.length
  }

  async #writeCame(userIds: readonly string[]): Promise<void> {
    const { database } = this.#deps
    await database.unitOfWork(async ({ tx }) => {
      if (!this.#isKnown && !(await updateBeat(tx, database.dialect, this.#instanceId))) {
        await insertInstance(tx, database.dialect, this.#instanceId)
      }
      await deleteConnections(tx, this.#instanceId, userIds)
      await insertConnections(tx, this.#instanceId, userIds)
    })
    this.#isKnown = true
    for (const userId of userIds) this.#written.add(userId)
    this.#tell(userIds)
  }

  async #writeLeft(userIds: readonly string[]): Promise<void> {
    const { database, now } = this.#deps
    const [at, unlessAfter] = [now().toISOString(), isoAfter(now(), -lastSeenEverySeconds)]
    const known = userIds.filter((userId) => this.#written.has(userId))
    if (known.length > 0) {
      await database.unitOfWork(async ({ tx }) => {
        await deleteConnections(tx, this.#instanceId, known)
        await touchLastSeen(tx, known, { at, unlessAfter })
      })
    }
    for (const userId of userIds) {
      this.#written.delete(userId)
      // Who came back meanwhile is written anew by the next turn.
      if (!this.#sockets.has(userId)) this.#leftAt.delete(userId)
    }
    this.#tell(known)
  }

  /** Shows that this process lives, and removes those that do not; answers how many. Run every ten seconds. */
  async beat(): Promise<number> {
    const { database } = this.#deps
    const { dialect } = database
    if (this.#written.size > 0) {
      const isAlive = await database.unitOfWork(({ tx }) => updateBeat(tx, dialect, this.#instanceId))
      // Taken for dead, after a long sleep say: everybody is written down again.
      if (!isAlive) {
        this.#isKnown = false
        this.#written.clear()
      }
    }
    const dead = await listDeadInstances(database.db, dialect)
    for (const instance of dead) await this.#remove(instance)
    return dead.length
  }

  async #remove({ id, silentMs }: { id: string; silentMs: number }): Promise<void> {
    const { database, now } = this.#deps
    const seenAt = isoAfter(now(), -silentMs / 1000)
    const userIds = await database.unitOfWork(async ({ tx }) => {
      if (!(await deleteDeadInstance(tx, database.dialect, id))) return []
      const there = await listConnectedTo(tx, id)
      for (const batch of batches(there)) await touchLastSeen(tx, batch, { at: seenAt, unlessAfter: seenAt })
      await deleteConnections(tx, id)
      return there
    })
    this.#tell(userIds)
  }

  /** Nobody is connected here any more. */
  async close(): Promise<void> {
    await this.#writing?.catch(() => {})
    if (!this.#isKnown) return
    const { database, now } = this.#deps
    const there = [...this.#written]
    const [at, unlessAfter] = [now().toISOString(), isoAfter(now(), -lastSeenEverySeconds)]
    await database.unitOfWork(async ({ tx }) => {
      await deleteInstance(tx, this.#instanceId)
      for (const batch of batches(there)) await touchLastSeen(tx, batch, { at, unlessAfter })
      await deleteConnections(tx, this.#instanceId)
    })
    this.#tell(there)
  }

  #tell(userIds: readonly string[]): void {
    for (const batch of batches(userIds)) this.#deps.bus.publish(presenceChanged, { userIds: batch })
  }
}

function batches<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / batchSize) }, (_, index) =>
    all.slice(index * batchSize, (index + 1) * batchSize),
  )
}
