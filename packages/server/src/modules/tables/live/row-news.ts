import type { Db } from '../../../platform/db/schema.ts'
import type { AppendedEvent } from '../../../platform/events/streams.ts'
import { compile } from '../query/compile.ts'
import { showImages } from '../rows/image-rows.ts'
import { type RowImage, rowId, shortened } from '../rows/row-images.ts'
import { rowPath } from '../rows/row-key.ts'
import { matching, type Row, selectRows } from '../rows/select.ts'
import type { DataChange } from './live.schema.ts'
import type { Watching } from './watching.ts'

export type RowNews = Omit<DataChange, 'cursor'>

const rowsPerRead = 200

/**
 * What events mean to somebody: made of the row as it is now, beside what it was before the event, both as they would see
 * it. A row that comes into view is new, one that leaves it is gone, and where nothing they see is different there is
 * nothing to tell.
 */
export async function rowNews(watching: Watching, events: readonly AppendedEvent[]): Promise<(RowNews | undefined)[]> {
  const { view, fields, access, filter, wanted } = watching
  const { db } = access.snapshot.handle
  const exactAsText = wanted.numbers === 'string'
  const keys = events.map(({ refs }) => JSON.parse(String(refs.key)) as string[])
  const now = await rowsNow(db, watching, keys)
  const images = events.map(({ refs }) =>
    refs.before === undefined ? {} : (JSON.parse(String(refs.before)) as RowImage),
  )
  const known = events.flatMap(({ refs }, index) => (refs.before === undefined ? [] : [index]))
  const shown = await showImages(
    db,
    access,
    view,
    known.map((index) => images[index] ?? {}),
    { fields, filter, exactAsText },
  )
  const before = new Map(known.map((index, at) => [index, shown.get(at)]))
  return events.map((_, index): RowNews | undefined => {
    const key = keys[index] ?? []
    const [was, is] = [before.get(index), now.get(rowId(key))]
    const base = { table: wanted.table, key: rowPath(view.entry, key) }
    if (!is) return was && { ...base, action: 'delete', changed: [] }
    const record = JSON.parse(is.json) as Record<string, unknown>
    if (!was) return { ...base, action: 'insert', record, changed: [] }
    const changed = fields.filter(({ column }, at) => was.cells[at] !== shortened(column, is.cells[at] ?? null))
    if (changed.length === 0) return undefined
    return { ...base, action: 'update', record, changed: changed.map(({ column }) => column.name) }
  })
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
