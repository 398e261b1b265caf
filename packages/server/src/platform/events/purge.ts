import type { DatabaseHandle } from '../db/database.ts'
import { pause } from '../db/time-limit.ts'

export interface PurgeLimits {
  /** Events older than this go. */
  before: Date
  /** So many of each stream stay at most. */
  keep: number
  /** Rows of one transaction: a stream cannot grow while one runs. */
  batch: number
}

const weekMs = 7 * 24 * 3600 * 1000
const streamsPerPage = 500

export const defaultPurgeLimits = (now: Date): PurgeLimits => ({
  before: new Date(now.getTime() - weekMs),
  keep: 10_000,
  batch: 1000,
})

/** Removes old events and moves the tails of their streams with them. Answers how many went. */
export async function purgeEvents(handle: DatabaseHandle, limits: PurgeLimits): Promise<number> {
  let removed = 0
  let after = ''
  for (;;) {
    const page = await listStreams(handle, after)
    const last = page.at(-1)
    if (!last) return removed
    const before = limits.before.toISOString()
    for (const stream of page) {
      const isOld = stream.oldest_at !== null && stream.oldest_at < before
      const isLong = stream.head - stream.tail >= limits.keep
      if (isOld || isLong) removed += await purgeStream(handle, stream, limits)
    }
    after = last.id
    // SQLite answers without ever letting anybody else have a turn.
    await pause(0)
  }
}

type Stream = Awaited<ReturnType<typeof listStreams>>[number]

function listStreams({ db }: DatabaseHandle, after: string) {
  return db
    .selectFrom('streams')
    .leftJoin('events', (join) => join.onRef('stream_id', '=', 'id').onRef('seq', '=', 'tail'))
    .select(['id', 'head', 'tail', 'events.created_at as oldest_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(streamsPerPage)
    .execute()
}

async function purgeStream(handle: DatabaseHandle, stream: Stream, limits: PurgeLimits): Promise<number> {
  const tail = Math.max(await oldestKept(handle, stream, limits.before), stream.head - limits.keep + 1)
  let removed = 0
  for (let from = stream.tail; from < tail; from += limits.batch) {
    const batch = await moveTail(handle, stream.id, from, Math.min(from + limits.batch, tail))
    if (batch === undefined) break
    removed += batch
    await pause(0)
  }
  return removed
}

/** `seq` of the first event that is young enough, or the next one to come. */
async function oldestKept({ db }: DatabaseHandle, stream: Stream, before: Date): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select('seq')
    .where('stream_id', '=', stream.id)
    .where('seq', '>=', stream.tail)
    .where('created_at', '>=', before.toISOString())
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return row?.seq ?? stream.head + 1
}

/** Undefined when somebody else has moved the tail since it was read: then it is theirs to purge. */
async function moveTail(handle: DatabaseHandle, id: string, from: number, to: number): Promise<number | undefined> {
  return handle.unitOfWork(async ({ tx }) => {
    const { numUpdatedRows } = await tx
      .updateTable('streams')
      .set({ tail: to })
      .where('id', '=', id)
      .where('tail', '=', from)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) return undefined
    const { numDeletedRows } = await tx
      .deleteFrom('events')
      .where('stream_id', '=', id)
      .where('seq', '<', to)
      .executeTakeFirst()
    return Number(numDeletedRows)
  })
}
