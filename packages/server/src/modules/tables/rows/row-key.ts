import { platformErrors } from '../../../platform/errors.ts'
import type { TableView } from '../policy/table-view.ts'
import type { TableEntry } from '../registry.ts'
import { canonical, ValueError } from '../values.ts'

/** The key of an address: its values in the order of the key, between commas, each percent-encoded; one comma more may end it. */
export function parseKey(view: Pick<TableView, 'key'>, text: string): string[] {
  const parts = text.split(',')
  const fields = view.key
  if (parts.length === fields.length + 1 && parts.at(-1) === '') parts.pop()
  if (fields.length === 0 || parts.length !== fields.length) throw platformErrors.not_found()
  return fields.map(({ column }, index) => {
    try {
      const value = decodeURIComponent(parts[index] ?? '')
      if (value.includes('\0') || !value.isWellFormed()) throw platformErrors.not_found()
      return canonical(column, value, 'query')
    } catch (error) {
      // What cannot be a key is the key of no row.
      if (error instanceof ValueError || error instanceof URIError) throw platformErrors.not_found()
      throw error
    }
  })
}

/** What stands beside the rows of a table, and what clients take out of an address. */
const taken = new Set(['schema', 'aggregate', 'export', 'import', 'query', '', '.', '..'])

/** The address of a row by the canonical values of its key: bytes stand there as they stand in JSON. */
export const rowPath = ({ key: names, table }: TableEntry, key: readonly string[]): string =>
  keyPath(
    key.map((text, index) =>
      table.columns.get(names[index] ?? '')?.type === 'binary' ? Buffer.from(text, 'hex').toString('base64') : text,
    ),
  )

export function keyPath(key: readonly string[]): string {
  const path = key.map(encodeURIComponent).join(',')
  return taken.has(path) ? `${path},` : path
}
