import type { Row } from './types.ts'

/** The key as it stands in an address: parts between commas, each percent-encoded. Undefined where a part is missing. */
export function keyPath(key: readonly string[], row: Row): string | undefined {
  if (key.length === 0) return undefined
  const parts = key.map((column) => row[column])
  if (parts.some((part) => part === undefined || part === null)) return undefined
  return parts.map((part) => encodeURIComponent(String(part))).join(',')
}
