import type { ColumnType } from './catalogue.ts'
import type { SteadyStatements } from './tables-dialect.ts'

const pieces = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\?/g

/** Types whose values stand bare beside a column; around the others is a cast, which SQLite does not look into. */
const seen: ReadonlySet<ColumnType> = new Set<ColumnType>(['text', 'uuid', 'date', 'time', 'datetime', 'json'])

/**
 * Where statistics of an index are kept, SQLite reads a value that is compared with its column before it chooses a way,
 * and so chooses anew, from the text on, each time the statement is asked: that takes it longer than reading a page. What
 * stands behind a plus it does not read.
 */
export const sqliteSteady: SteadyStatements = {
  seen,
  blind: (text, isHidden) => {
    let index = 0
    return text.replace(pieces, (piece) => (piece === '?' && isHidden[index++] ? '+?' : piece))
  },
  explain: (text) => `explain query plan ${text}`,
  isSure: (steps, { equal, behind }) => {
    const [only, ...more] = steps as readonly { detail?: unknown }[]
    // Any further step reads another table, or sorts what was found.
    if (!only || more.length > 0) return false
    const [, bounds] = /^SEARCH \S+ USING .*?\(([^()]*)\)$/.exec(String(only.detail)) ?? []
    if (bounds === undefined) return false
    const used = new Set(bounds.split(' AND '))
    return (
      equal.every((name) => used.has(`${name}=?`)) &&
      (behind === undefined || used.has(`${behind}>?`) || used.has(`${behind}<?`))
    )
  },
}
