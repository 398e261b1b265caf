import { platformErrors } from '../../../platform/errors.ts'
import type { TableView } from '../policy/table-view.ts'
import { canonical, ValueError } from '../values.ts'

/** The key of an address: its values in the order of the key, between commas, each percent-encoded. */
export function parseKey(view: TableView, text: string): string[] {
  const parts = text.split(',')
  const fields = view.key
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

export const keyPath = (key: readonly string[]): string => key.map(encodeURIComponent).join(',')
