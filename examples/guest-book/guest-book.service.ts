import {
  type Actor,
  type AppendedEvent,
  defineEvent,
  type Ground,
  Id,
  type ModuleWork,
  newId,
  Type,
} from '@atrium/server'
import { guestBookErrors } from './guest-book.errors.ts'
import {
  countSince,
  deleteEntry,
  deleteOfAuthor,
  deleteOlder,
  type EntryRow,
  findEntries,
  type GuestBookTables,
  insertEntry,
  listEntries,
} from './guest-book.repository.ts'
import { Entry, type EntryList, type GuestBookSettings, type ListQuery, type NewEntry } from './guest-book.schema.ts'

export const entryCreated = defineEvent('guest_book.entry_created', Entry)
export const entryRemoved = defineEvent('guest_book.entry_removed', Type.Object({ id: Id }))

const day = 86_400_000

/** The rules of the book: who may write how much, and what everyone is told. */
export class GuestBook {
  readonly #ground: Ground<GuestBookTables, GuestBookSettings>
  readonly #board: string

  constructor(ground: Ground<GuestBookTables, GuestBookSettings>) {
    this.#ground = ground
    this.#board = ground.streams.named('board')
  }

  async list({ limit = 20, cursor }: ListQuery): Promise<EntryList> {
    const { db, cursors } = this.#ground
    const [before] = cursor === undefined ? [] : cursors.decode<[string]>('entries', cursor)
    const rows = await listEntries(db, { ...(before ? { before } : {}), limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    const next = hasMore ? cursors.encode('entries', [last.id]) : null
    return { data: await this.#show(shown), page: { limit, next_cursor: next, prev_cursor: null, has_more: hasMore } }
  }

  /** Throws guest_book_full. */
  async write(actor: Actor, { text }: NewEntry): Promise<Entry> {
    const { unitOfWork, now, settings } = this.#ground
    const at = now()
    const row: EntryRow = { id: newId(), author_id: actor.userId, text, created_at: at.toISOString() }
    await unitOfWork(async ({ tx, append }) => {
      const today = await countSince(tx, actor.userId, new Date(at.getTime() - day).toISOString())
      if (today >= settings.GUEST_BOOK_ENTRIES_PER_DAY) throw guestBookErrors.guest_book_full()
      await insertEntry(tx, row)
      await append([{ stream: this.#board, type: entryCreated.type, refs: { entry_id: row.id } }])
    })
    const [entry] = await this.#show([row])
    return entry as Entry
  }

  /** One's own, or anybody's for who may. Throws guest_book_entry_not_found. */
  async remove(actor: Actor, id: string, mayRemoveOthers: boolean): Promise<void> {
    const { unitOfWork, audit } = this.#ground
    await unitOfWork(async ({ tx, append }) => {
      const [row] = await findEntries(tx, [id])
      const isOwn = row?.author_id === actor.userId
      if (!row || !(isOwn || mayRemoveOthers)) throw guestBookErrors.guest_book_entry_not_found()
      await deleteEntry(tx, id)
      if (!isOwn) {
        const resource = { type: 'guest_book_entry', id }
        await audit.record(tx, { type: 'guest_book.entry_removed', userId: row.author_id, resource })
      }
      await append([{ stream: this.#board, type: entryRemoved.type, refs: { entry_id: id } }])
    })
  }

  /** What was removed meanwhile is told without content. */
  async tellCreated(events: readonly AppendedEvent[]): Promise<(Entry | undefined)[]> {
    const ids = events.map(({ refs }) => String(refs.entry_id))
    const entries = await this.#show(await findEntries(this.#ground.db, ids))
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    return ids.map((id) => byId.get(id))
  }

  async purge(): Promise<number> {
    const { unitOfWork, now, settings } = this.#ground
    const before = new Date(now().getTime() - settings.GUEST_BOOK_KEEP_DAYS * day).toISOString()
    return unitOfWork(({ tx }) => deleteOlder(tx, before))
  }

  async forget({ tx }: ModuleWork<GuestBookTables>, userId: string): Promise<void> {
    await deleteOfAuthor(tx, userId)
  }

  async #show(rows: readonly EntryRow[]): Promise<Entry[]> {
    const people = await this.#ground.people(rows.map(({ author_id }) => author_id))
    return rows.map(({ id, author_id, text, created_at }) => {
      return { id, author: people.get(author_id)?.username ?? 'somebody', text, created_at }
    })
  }
}
