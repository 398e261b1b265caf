import type { Db } from '../../../platform/db/schema.ts'
import { type AppendedEvent, readEvents } from '../../../platform/events/streams.ts'
import { compile } from '../query/compile.ts'
import { showImages } from '../rows/image-rows.ts'
import { type RowImage, rowId, shortened } from '../rows/row-images.ts'
import { rowPath } from '../rows/row-key.ts'
import { matching, type Row, selectRows } from '../rows/select.ts'
import { type DataChange, rowStream } from './live.schema.ts'
import type { Watching } from './watching.ts'

export type RowNews = Omit<DataChange, 'cursor'>

const rowsPerRead = 200

/** Of events that came while these were read; of more, the row as it is now says enough. */
const laterEvents = 500

/**
 * What events mean to somebody: what the row was before the event and what the event made of it, both as they would see
 * it. A row that comes into view is new, one that leaves it is gone, and where nothing they see is different there is
 * nothing to tell. What is told is the row as it is now.
 */
export async function rowNews(watching: Watching, events: readonly AppendedEvent[]): Promise<(RowNews | undefined)[]> {
  const { view, fields, access, filter, wanted } = watching
  const { db } = access.snapshot.handle
  const exactAsText = wanted.numbers === 'string'
  const now = await rowsNow(db, watching, events.map(keyOf))
  const all = [...events, ...(await readLater(watching, events))]
  const known = all.flatMap(({ refs }, index) => (refs.before === undefined ? [] : [index]))
  const images = known.map((index) => JSON.parse(String(all[index]?.refs.before)) as RowImage)
  const shown = await showImages(db, access, view, images, { fields, filter, exactAsText })
  const before = new Map(known.map((index, at) => [index, shown.get(at)]))
  const following = followingOf(all)
  return events.map((event, index): RowNews | undefined => {
    const key = keyOf(event)
    const next = following[index]
    const [was, is] = [before.get(index), now.get(rowId(key))]
    // The row may be further on: what it was before the next event is what this one has made of it.
    const became = next === undefined ? is && shortenedRow(watching, is) : before.get(next)
    const base = { table: wanted.table, key: rowPath(view.entry, key) }
    if (was && !became) return { ...base, action: 'delete', changed: [] }
    // It has left since: what made it leave comes later, and says so.
    if (!became || !is) return undefined
    const record = JSON.parse(is.json) as Record<string, unknown>
    if (!was) return { ...base, action: 'insert', record, changed: [] }
    const changed = fields.filter((_, at) => was.cells[at] !== became.cells[at])
    if (changed.length === 0) return undefined
    return { ...base, action: 'update', record, changed: changed.map(({ column }) => column.name) }
  })
}

const keyOf = ({ refs }: AppendedEvent): string[] => JSON.parse(String(refs.key)) as string[]

/** As it would be in the image of an event. */
const shortenedRow = ({ fields }: Watching, { cells }: Row): Pick<Row, 'cells'> => ({
  cells: fields.map(({ column }, at) => shortened(column, cells[at] ?? null)),
})

/** Committed after these events and before their rows were read, or a moment later. */
async function readLater({ access, wanted }: Watching, events: readonly AppendedEvent[]): Promise<AppendedEvent[]> {
  const { books } = access.snapshot
  const last = events.at(-1)
  if (!books || !last) return []
  const later = await readEvents(books.handle.db, rowStream(wanted.table), last.seq, laterEvents)
  const rows = new Set(events.map((event) => rowId(keyOf(event))))
  return later.filter((event) => rows.has(rowId(keyOf(event))))
}

/** Of each event the index of the next one about the same row. */
function followingOf(events: readonly AppendedEvent[]): (number | undefined)[] {
  const next = new Map<string, number>()
  const following: (number | undefined)[] = []
  for (const [index, event] of [...events.entries()].reverse()) {
    const id = rowId(keyOf(event))
    following[index] = next.get(id)
    next.set(id, index)
  }
  return following
}

/** By `rowId`, those that are there and seen. */
async function rowsNow(
  db: Db,
  { view, access: { compiling: context }, fields, filter, wanted }: Watching,
  keys: readonly (readonly string[])[],
): Promise<Map<string, Row>> {
  const distinct = [...new Map(keys.map((key) => [rowId(key), key])).values()]
  const found = new Map<string, Row>()
  for (let start = 0; start < distinct.length; start += rowsPerRead) {
    const alias = context.alias()
    const rows = await selectRows(
      db,
      {
        ...{ view, alias, fields, cells: [...fields, ...view.key] },
        where: [
          matching(view.key, distinct.slice(start, start + rowsPerRead), alias, context),
          view.visible(alias),
          filter && compile(filter, alias, context),
        ],
        exactAsText: wanted.numbers === 'string',
      },
      context,
    )
    for (const row of rows) {
      found.set(rowId(row.cells.slice(fields.length).map((text) => text ?? '')), {
        json: row.json,
        cells: row.cells.slice(0, fields.length),
      })
    }
  }
  return found
}
