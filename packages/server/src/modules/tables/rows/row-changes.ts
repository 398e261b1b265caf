import type { Clock } from '../../../platform/clock.ts'
import type { UnitOfWork } from '../../../platform/db/unit-of-work.ts'
import type { EventBus } from '../../../platform/events/event-bus.ts'
import { headsAfter, type NewEvent, streamsAdvanced } from '../../../platform/events/streams.ts'
import { addRevisions, type NewRevision } from '../history/revisions.repository.ts'
import { rowChanged, rowStream } from '../live/live.schema.ts'
import type { TableAccess } from '../policy/table-access.ts'
import { hasHistory, isLive, type TableEntry } from '../registry.ts'
import { type RowImage, readImages, rowId, shortenedImage } from './row-images.ts'

export interface RowChangesDependencies {
  bus: EventBus
  now: Clock
}

export type RowAction = 'insert' | 'update' | 'delete'

interface Touched {
  entry: TableEntry
  /** By `rowId`; undefined for a row that was not there. */
  before: Map<string, { key: readonly string[]; image: RowImage | undefined }>
}

/**
 * What one transaction does to rows. Every write passes here, whatever asked for it: `before` (or `made`) for the rows,
 * then the write, and `settle` as the last thing of the transaction. So a row, its event and its revision are committed
 * together, or not at all.
 */
export class RowChanges {
  readonly #deps: RowChangesDependencies
  readonly #uow: UnitOfWork
  readonly #access: TableAccess
  readonly #touched = new Map<string, Touched>()

  constructor(deps: RowChangesDependencies, uow: UnitOfWork, access: TableAccess) {
    this.#deps = deps
    this.#uow = uow
    this.#access = access
  }

  /** Rows that are about to be changed or deleted, and locked. */
  async before(entry: TableEntry, keys: readonly (readonly string[])[]): Promise<void> {
    if (!this.#isKept(entry)) return
    const { before } = this.#of(entry)
    const fresh = keys.filter((key) => !before.has(rowId(key)))
    const images = await readImages(this.#uow.tx, this.#access, entry, fresh)
    for (const key of fresh) before.set(rowId(key), { key, image: images.get(rowId(key)) })
  }

  /** Rows that were not there before. */
  made(entry: TableEntry, keys: readonly (readonly string[])[]): void {
    if (!this.#isKept(entry)) return
    const { before } = this.#of(entry)
    for (const key of keys) if (!before.has(rowId(key))) before.set(rowId(key), { key, image: undefined })
  }

  /** Called once, after every other lock of the transaction: writes down what has become of the rows. */
  async settle(): Promise<void> {
    const { books } = this.#access.snapshot
    if (!books || this.#touched.size === 0) return
    const { tx } = this.#uow
    const events: NewEvent[] = []
    const revisions: NewRevision[] = []
    for (const { entry, before } of this.#touched.values()) {
      const keys = [...before.values()].map(({ key }) => key)
      const images = await readImages(tx, this.#access, entry, keys)
      for (const [id, { key, image }] of before) {
        const after = images.get(id)
        const action = actionOf(image, after)
        if (action === undefined) continue
        const { name } = entry.table
        if (isLive(entry)) events.push(toEvent(entry, key, action, image))
        if (hasHistory(entry)) revisions.push({ table: name, key, action, before: image, after })
      }
    }
    const at = this.#deps.now().toISOString()
    await addRevisions(tx, revisions, { at, by: this.#access.caller.userId })
    const appended = await books.append(tx, events, this.#deps.now)
    if (appended.length === 0) return
    this.#uow.afterCommit(() => this.#deps.bus.publish(streamsAdvanced, headsAfter(appended)))
  }

  #of(entry: TableEntry): Touched {
    const { name } = entry.table
    const touched = this.#touched.get(name) ?? { entry, before: new Map() }
    this.#touched.set(name, touched)
    return touched
  }

  #isKept(entry: TableEntry): boolean {
    return this.#access.snapshot.books !== undefined && (isLive(entry) || hasHistory(entry))
  }
}

/** Undefined where nothing has become of it. */
function actionOf(before: RowImage | undefined, after: RowImage | undefined): RowAction | undefined {
  if (!before) return after ? 'insert' : undefined
  if (!after) return 'delete'
  return Object.keys(after).every((name) => before[name] === after[name]) ? undefined : 'update'
}

const toEvent = (
  entry: TableEntry,
  key: readonly string[],
  action: RowAction,
  before: RowImage | undefined,
): NewEvent => ({
  stream: rowStream(entry.table.name),
  type: rowChanged,
  refs: {
    action,
    key: JSON.stringify(key),
    ...(before ? { before: JSON.stringify(shortenedImage(entry, before)) } : {}),
  },
})
