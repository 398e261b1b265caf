import type { Clock } from '../../../platform/clock.ts'
import type { Ending } from '../../../platform/db/endings.ts'
import type { Db } from '../../../platform/db/schema.ts'
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
 * What one unit of work does to rows. Every write passes here, whatever asked for it: `before` (or `made`) for the rows,
 * then the write; and the unit leaves it to `settleRowChanges`. So a row, its event and its revision are committed
 * together, or not at all.
 */
export class RowChanges {
  readonly deps: RowChangesDependencies
  readonly access: TableAccess
  readonly #tx: Db
  readonly #touched = new Map<string, Touched>()

  constructor(deps: RowChangesDependencies, tx: Db, access: TableAccess) {
    this.deps = deps
    this.access = access
    this.#tx = tx
  }

  /** By table. */
  get touched(): ReadonlyMap<string, Touched> {
    return this.#touched
  }

  /** Rows that are about to be changed or deleted, and locked. */
  async before(entry: TableEntry, keys: readonly (readonly string[])[]): Promise<void> {
    if (!this.#isKept(entry)) return
    const { before } = this.#of(entry)
    const fresh = keys.filter((key) => !before.has(rowId(key)))
    const images = await readImages(this.#tx, this.access, entry, fresh)
    for (const key of fresh) before.set(rowId(key), { key, image: images.get(rowId(key)) })
  }

  /** Rows that were not there before. */
  made(entry: TableEntry, keys: readonly (readonly string[])[]): void {
    if (!this.#isKept(entry)) return
    const { before } = this.#of(entry)
    for (const key of keys) if (!before.has(rowId(key))) before.set(rowId(key), { key, image: undefined })
  }

  #of(entry: TableEntry): Touched {
    const { name } = entry.table
    const touched = this.#touched.get(name) ?? { entry, before: new Map() }
    this.#touched.set(name, touched)
    return touched
  }

  #isKept(entry: TableEntry): boolean {
    return this.access.snapshot.books !== undefined && (isLive(entry) || hasHistory(entry))
  }
}

/**
 * The end of a transaction, after every other lock of it: writes down what has become of the rows. One that several units
 * have changed is one change, from what it was before the first of them: nobody ever sees what lies between.
 */
export const settleRowChanges: Ending<RowChanges> = async ({ tx, afterCommit }, all) => {
  const [first] = all
  const books = first?.access.snapshot.books
  if (!first || !books) return
  const events: NewEvent[] = []
  const revisions: NewRevision[] = []
  for (const { access, entry, before } of merged(all)) {
    const keys = [...before.values()].map(({ key }) => key)
    const images = await readImages(tx, access, entry, keys)
    for (const [id, { key, image }] of before) {
      const after = images.get(id)
      const action = actionOf(image, after)
      if (action === undefined) continue
      const { name } = entry.table
      if (isLive(entry)) events.push(toEvent(entry, key, action, image))
      if (hasHistory(entry)) revisions.push({ table: name, key, action, before: image, after })
    }
  }
  const { bus, now } = first.deps
  // The units of one transaction are of one request, and so of one caller.
  await addRevisions(tx, revisions, { at: now().toISOString(), by: first.access.caller.userId })
  const appended = await books.append(tx, events, now)
  if (appended.length > 0) afterCommit(() => bus.publish(streamsAdvanced, headsAfter(appended)))
}

function merged(all: readonly RowChanges[]): Iterable<Touched & { access: TableAccess }> {
  const tables = new Map<string, Touched & { access: TableAccess }>()
  for (const { access, touched } of all) {
    for (const [name, { entry, before }] of touched) {
      const earlier = tables.get(name)?.before ?? []
      // In the order of the first change, and as they were before it.
      tables.set(name, { access, entry, before: new Map([...earlier, ...before, ...earlier]) })
    }
  }
  return tables.values()
}

/** Undefined where nothing has become of it. */
function actionOf(before: RowImage | undefined, after: RowImage | undefined): RowAction | undefined {
  if (!before) return after ? 'insert' : undefined
  if (!after) return 'delete'
  return Object.keys(after).every((name) => before[name] === after[name]) ? undefined : 'update'
}

export const toEvent = (
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
