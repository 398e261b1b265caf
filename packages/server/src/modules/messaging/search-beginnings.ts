import { pause } from '../../platform/db/time-limit.ts'
import { listFiles } from '../files/index.ts'
import { attachmentIds } from './attachments.ts'
import type { MessagingDependencies } from './dependencies.ts'
import type { MessageRow } from './messages.repository.ts'
import {
  endProgress,
  findProgress,
  listSearchable,
  lockMessages,
  lockProgress,
  moveProgress,
  updateTermsOf,
} from './search-beginnings.repository.ts'
import { searchTerms } from './search-terms.ts'

/** As much as may be written at once without anybody waiting long for it. */
const messagesPerBatch = 50
const batchesPerRun = 100

/** Messages that were stored before words had terms for their beginnings are given them, bit by bit. */
export class SearchBeginnings {
  readonly #deps: Pick<MessagingDependencies, 'database'>
  #areComplete = false
  #isRunning = false

  constructor(deps: Pick<MessagingDependencies, 'database'>) {
    this.#deps = deps
  }

  /** Whether every message has them; once it is so it stays so. */
  async areComplete(): Promise<boolean> {
    this.#areComplete ||= (await findProgress(this.#deps.database.db)) === undefined
    return this.#areComplete
  }

  /** Answers how many messages were given theirs. */
  async run(): Promise<number> {
    if (this.#isRunning || (await this.areComplete())) return 0
    this.#isRunning = true
    try {
      let done = 0
      for (let batch = 0; batch < batchesPerRun; batch++) {
        const count = await this.#next()
        if (count === 0) break
        done += count
        // SQLite answers without ever letting anybody else have a turn.
        await pause(0)
      }
      return done
    } finally {
      this.#isRunning = false
    }
  }

  #next(): Promise<number> {
    const { database } = this.#deps
    return database.unitOfWork(async ({ tx }) => {
      const progress = await lockProgress(tx, database.dialect)
      if (!progress) return 0
      const ids = await listSearchable(tx, progress.message_id, messagesPerBatch)
      const last = ids.at(-1)
      if (last === undefined) {
        await endProgress(tx)
        return 0
      }
      const messages = await lockMessages(tx, database.dialect, ids)
      const files = new Map((await listFiles(tx, messages.flatMap(attachmentIds))).map((file) => [file.id, file.name]))
      const namesOf = (message: MessageRow) => attachmentIds(message).flatMap((id) => files.get(id) ?? [])
      await updateTermsOf(
        tx,
        messages.map((message) => ({ id: message.id, terms: searchTerms(message, namesOf(message)) })),
      )
      await moveProgress(tx, last)
      return ids.length
    })
  }
}
