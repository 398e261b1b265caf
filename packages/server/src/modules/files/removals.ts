import { type Clock, isoAfter } from '../../platform/clock.ts'
import type { DatabaseHandle } from '../../platform/db/database.ts'
import type { Logger } from '../../platform/log.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { deleteRemovals, dueRemovalsQuery, postponeRemovals } from './uploads.repository.ts'

interface RemovalsDependencies {
  database: DatabaseHandle
  storage: Storage
  now: Clock
  log: Logger
}

const batch = 100

/** Takes bytes out of the storage after the row that named them is gone, for as long as it takes. */
export class Removals {
  readonly #deps: RemovalsDependencies
  #running: Promise<number> | undefined
  #again = false

  constructor(deps: RemovalsDependencies) {
    this.#deps = deps
  }

  /** Everything that is due. Answers how much went. */
  async run(): Promise<number> {
    this.#again = true
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** What `run` began is done. */
  async settled(): Promise<void> {
    await this.#running?.catch(() => undefined)
  }

  async #runAll(): Promise<number> {
    let removed = 0
    while (this.#again) {
      this.#again = false
      for (let done = batch; done === batch; removed += done) done = await this.#runBatch()
    }
    return removed
  }

  async #runBatch(): Promise<number> {
    const { database, storage, now, log } = this.#deps
    const due = await dueRemovalsQuery(database.db, now().toISOString(), batch).execute()
    if (due.length === 0) return 0
    const results = await Promise.allSettled(due.map(({ storage_key }) => storage.remove(storage_key)))
    const keysOf = (status: string) =>
      due.flatMap(({ storage_key }, index) => (results[index]?.status === status ? [storage_key] : []))
    const failed = keysOf('rejected')
    const removed = keysOf('fulfilled')
    await database.unitOfWork(async ({ tx }) => {
      await deleteRemovals(tx, removed)
      await postponeRemovals(tx, failed, isoAfter(now(), waitSeconds(due[0]?.attempts ?? 0)))
    })
    const reason = results.find((result) => result.status === 'rejected')
    if (reason) log.warn({ err: reason.reason, failed: failed.length }, 'bytes of removed files could not be removed')
    return removed.length
  }
}

const waitSeconds = (attempts: number): number => Math.min(15 * 2 ** attempts, 300)
