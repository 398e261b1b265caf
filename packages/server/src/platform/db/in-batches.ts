import { pause } from './time-limit.ts'

/** Few enough for nobody to wait for them. */
const batchSize = 500

/**
 * What is deleted by the thousand: `step` deletes at most `limit` in a transaction of its own, and between two of them
 * others have their turn. Answers how many went.
 */
export async function inBatches(step: (limit: number) => Promise<number>, limit = batchSize): Promise<number> {
  for (let removed = 0; ; await pause(0)) {
    const gone = await step(limit)
    removed += gone
    if (gone < limit) return removed
  }
}
