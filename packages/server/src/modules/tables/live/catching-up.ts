import type { Actor } from '../../../platform/actor.ts'
import type { Bookkeeping } from '../../../platform/db/tables/bookkeeping.ts'
import { AppError } from '../../../platform/errors.ts'
import { readEvents } from '../../../platform/events/streams.ts'
import { type DataCatchUp, type DataPosition, rowStream } from './live.schema.ts'
import type { LiveCursors } from './live-cursors.ts'
import type { RowFeed } from './row-feed.ts'
import { rowNews } from './row-news.ts'
import type { Watching } from './watching.ts'

/** What came after the places somebody holds, for those who ask instead of listening. */
export class CatchingUp {
  readonly #feed: RowFeed
  readonly #cursors: LiveCursors

  constructor({ feed, cursors }: { feed: RowFeed; cursors: LiveCursors }) {
    this.#feed = feed
    this.#cursors = cursors
  }

  /** `limit` for all of them together. Throws bad_filter. */
  async catchUp(actor: Actor, positions: readonly DataPosition[], limit: number): Promise<DataCatchUp[]> {
    const answers: DataCatchUp[] = []
    let left = limit
    for (const position of positions) {
      const answer = await this.#one(actor, position, left)
      left -= answer.events.length
      answers.push(answer)
    }
    return answers
  }

  async #one(actor: Actor, { cursor, ...wanted }: DataPosition, limit: number): Promise<DataCatchUp> {
    const answer = { table: wanted.table, events: [], reset: false, removed: false, more: false }
    let watching: Watching
    try {
      watching = await this.#feed.watch(actor, wanted)
    } catch (error) {
      if (error instanceof AppError && ['not_found', 'forbidden', 'state_conflict'].includes(error.code)) {
        return { ...answer, removed: true }
      }
      throw error
    }
    const { position, isReset } = await this.#feed.placeOf(watching, cursor)
    if (isReset) return { ...answer, reset: true, cursor: this.#cursors.seal(watching, position) }
    const { handle } = watching.access.snapshot.books as Bookkeeping
    const read = await readEvents(handle.db, rowStream(wanted.table), position, Math.max(1, limit) + 1)
    const events = read.slice(0, Math.max(1, limit))
    const news = await rowNews(watching, events)
    return {
      ...answer,
      events: news.flatMap((each, index) =>
        each ? [{ ...each, cursor: this.#cursors.seal(watching, events[index]?.seq ?? position) }] : [],
      ),
      cursor: this.#cursors.seal(watching, events.at(-1)?.seq ?? position),
      more: read.length > events.length,
    }
  }
}
