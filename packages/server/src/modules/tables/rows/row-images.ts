import { createHash } from 'node:crypto'
import type { Db } from '../../../platform/db/schema.ts'
import type { TableAccess } from '../policy/table-access.ts'
import type { TableEntry } from '../registry.ts'
import { matching, selectRows } from './select.ts'

/** A value in its canonical text, or the digest of one that is too long to be kept. */
export type ImageCell = string | null | { digest: string }

/** All columns of a row as they were at one moment, whoever may see them. Never leaves the server as it is. */
export type RowImage = Readonly<Record<string, ImageCell>>

const maxKeptLength = 16 * 1024
const rowsPerRead = 200

export const toImageCell = (text: string | null): ImageCell =>
  text === null || text.length <= maxKeptLength
    ? text
    : { digest: createHash('sha256').update(text).digest('base64url') }

export const isSameCell = (a: ImageCell | undefined, b: ImageCell | undefined): boolean =>
  typeof a === 'object' && a !== null && typeof b === 'object' && b !== null ? a.digest === b.digest : a === b

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
      const image = Object.fromEntries(fields.map(({ column }, at) => [column.name, toImageCell(cells[at] ?? null)]))
      images.set(rowId(places.map((at) => cells[at] ?? '')), image)
    }
  }
  return images
}

export const rowId = (key: readonly string[]): string => JSON.stringify(key)
