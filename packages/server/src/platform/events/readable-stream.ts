import type { Db } from '../db/schema.ts'

/** A stream someone may read today, with its bounds. */
export interface ReadableStream {
  stream: string
  head: number
  tail: number
  /** Events up to this seq came before the reader's time. */
  visibleFrom: number
}

/** A module's answer to "which of your streams may this person read?" */
export type StreamSource = (db: Db, userId: string) => Promise<ReadableStream[]>

/** The source of a stream that belongs to one person. */
export const findReadableStream =
  (name: (userId: string) => string): StreamSource =>
  (db, userId) =>
    findStreams(db, [name(userId)])

/** Those of these streams that are there, readable from their beginning. */
export async function findStreams(db: Db, ids: readonly string[]): Promise<ReadableStream[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('streams')
    .select((row) => ['id as stream', 'head', 'tail', row.lit(0).as('visibleFrom')])
    .where('id', 'in', ids)
    .execute()
}
