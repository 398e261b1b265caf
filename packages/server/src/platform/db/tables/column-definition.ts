/** The definition of a column as it stands in the statement that makes its table, taken apart. */
export interface ColumnDefinition {
  name: string
  type: string
  /** `not null`, `default 5`, `check (…)`, each with its name where it has one. */
  clauses: string[]
}

const tick = '`'
const plain = String.raw`--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|${tick}(?:[^${tick}]|${tick}{2})*${tick}|\[[^\]]*\]|[\p{L}_][\p{L}\p{N}_$]*|\d[\w.]*|\s+|.`
const words = {
  plain: new RegExp(`'(?:[^']|'')*'|${plain}`, 'gsu'),
  escaped: new RegExp(String.raw`'(?:[^'\\]|''|\\.)*'|${plain}`, 'gsu'),
}

/** Everything of the text, piece by piece. `escaped`: a backslash in quotes takes its next character with it. */
export const wordsOf = (text: string, quotes: keyof typeof words = 'plain'): string[] => text.match(words[quotes]) ?? []

/** Parts between commas that stand in no brackets. */
export function partsOf(pieces: readonly string[]): string[][] {
  const parts: string[][] = [[]]
  let depth = 0
  for (const piece of pieces) {
    if (piece === '(') depth++
    if (piece === ')') depth--
    if (piece === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(piece)
  }
  return parts
}

const isBlank = (piece: string): boolean => /^(\s|--|\/\*)/.test(piece)

export function nameOf(piece: string): string {
  const first = piece[0]
  if (first === '[') return piece.slice(1, -1)
  if (first === '"' || first === '`') return piece.slice(1, -1).replaceAll(first + first, first)
  return piece
}

const beginnings = new Set(
  'CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS CHARACTER COMMENT ON AUTO_INCREMENT INVISIBLE COMPRESSED'.split(
    ' ',
  ),
)
/** What belongs to the word before it. */
const follows = (word: string, before: string): boolean =>
  (word === 'NULL' && (before === 'NOT' || before === 'DEFAULT')) ||
  (word === 'AS' && before === 'ALWAYS') ||
  (word === 'ON' && before !== '' && !beginnings.has(before))

export function definitionIn(pieces: readonly string[]): ColumnDefinition {
  const start = pieces.findIndex((piece) => !isBlank(piece))
  const groups: string[][] = [[]]
  let depth = 0
  let before = ''
  let isNamed = false
  for (const piece of pieces.slice(start + 1)) {
    const word = piece.toUpperCase()
    const isStart = depth === 0 && beginnings.has(word) && !follows(word, before)
    if (isStart && !isNamed) groups.push([])
    if (isStart) isNamed = word === 'CONSTRAINT'
    if (piece === '(') depth++
    if (piece === ')') depth--
    groups.at(-1)?.push(piece.startsWith('--') ? ' ' : piece)
    if (!isBlank(piece)) before = word
  }
  const [type = '', ...clauses] = groups.map((group) => group.join('').trim())
  return { name: nameOf(pieces[start] ?? ''), type, clauses }
}

/** What a clause begins with, past the name it may have. */
export const isClause = (clause: string, words: RegExp): boolean =>
  words.test(clause.replace(/^constraint\s+\S+\s+/i, ''))
