const maxLength = 1_000
const words = new Set(['select', 'insert', 'update', 'delete', 'with'])
const frame = /^\s*(begin|commit|rollback|start transaction|savepoint|release)\b/i

/** The kind of a statement, of which there are few. */
export function wordOf(sql: string): string {
  if (frame.test(sql)) return 'transaction'
  const word = /^\s*(\w+)/.exec(sql)?.[1]?.toLowerCase() ?? ''
  return words.has(word) ? word : 'other'
}

/**
 * The text of a statement as people are shown it: without what stands in quotes, and the same however many values or rows
 * it was given.
 */
export function statementOf(sql: string): string {
  const text = sql
    .slice(0, 20_000)
    .replace(/'(?:[^']|'')*'/g, "'…'")
    .replace(/\s+/g, ' ')
    .replace(/\$\d+/g, '?')
    .replace(/\?(?:, \?)+/g, '?, …')
    .replace(/\((\?(?:, …)?)\)(?:, \(\?(?:, …)?\))+/g, '($1), …')
    .trim()
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
}
