import { createHash } from 'node:crypto'
import type { Db } from '../../../platform/db/schema.ts'
import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableEntry } from '../registry.ts'
import { matching, selectRows } from './select.ts'

/** All columns of a row in their canonical texts, as they were at one moment. Never leaves the server as it is. */
export type RowImage = Readonly<Record<string, string | null>>

const maxKeptLength = 16 * 1024
const rowsPerRead = 200

/** A text too long to be kept is kept as its digest, in a form its column could hold: it tells whether it has changed. */
export function shortened({ type }: Column, text: string | null): string | null {
  if (text === null || text.length <= maxKeptLength || (type !== 'text' && type !== 'json' && type !== 'binary')) {
    return text
  }
  const digest = `sha256:${createHash('sha256').update(text).digest('base64url')}`
  if (type === 'json') return JSON.stringify(digest)
  return type === 'binary' ? Buffer.from(digest).toString('hex') : digest
}

export const shortenedImage = ({ table }: TableEntry, image: RowImage): RowImage =>
  Object.fromEntries(
    Object.entries(image).map(([name, text]) => {
      const column = table.columns.get(name)
      return [name, column ? shortened(column, text) : text]
    }),
  )

/** By `rowId` of their keys, the rows as they are in this transaction. */
export async function readImages(
  db: Db,
  access: TableAccess,
  entry: TableEntry,
  keys: readonly (readonly string[])[],
): Promise<Map<string, RowImage>> {
  const whole = access.whole(entry)
  const fields = [...whole.readable.values()]
  const places = entry.key.map((name) => fields.findIndex(({ column }) => column.name === name))
  const images = new Map<string, RowImage>()
  for (let start = 0; start < keys.length; start += rowsPerRead) {
    const alias = access.compiling.alias()
    const where = [matching(whole.key, keys.slice(start, start + rowsPerRead), alias, access.compiling)]
    const query = { view: whole, alias, fields: [], cells: fields, where, exactAsText: false }
    for (const { cells } of await selectRows(db, query, access.compiling)) {
      const image = Object.fromEntries(fields.map(({ column }, at) => [column.name, cells[at] ?? null]))
      images.set(rowId(places.map((at) => cells[at] ?? '')), image)
    }
  }
  return images
}

export const rowId = (key: readonly string[]): string => JSON.stringify(key)
