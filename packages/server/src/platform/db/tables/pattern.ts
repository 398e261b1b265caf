/** Code points, as ranges in order that do not touch. */
export type CharSet = readonly (readonly [from: number, to: number])[]

export interface PatternItem {
  set: CharSet
  min: number
  /** Undefined: any number. */
  max: number | undefined
}

/** A pattern without groups: one of its alternatives has to be found in the text. */
export type SafePattern = readonly { atStart: boolean; atEnd: boolean; items: readonly PatternItem[] }[]

/** Longer texts match no pattern, on any engine: what one row costs has to have an end. */
export const mostMatched = 1000

/** All characters a text can have. */
export const everything: CharSet = [
  [1, 0xd7ff],
  [0xe000, 0x10ffff],
]

/** As an engine with regular expressions of its own takes it; everything stands there by its number. */
export function written(
  pattern: SafePattern,
  words: { start: string; end: string; any: string; char(point: number): string },
): string {
  const one = ({ set, min, max }: PatternItem): string => {
    const ranges = set.map(([from, to]) => words.char(from) + (from === to ? '' : `-${words.char(to)}`))
    const chars = isEverything(set) ? words.any : `[${ranges.join('')}]`
    if (min === 1 && max === 1) return chars
    return chars + (min === max ? `{${min}}` : `{${min},${max ?? ''}}`)
  }
  return pattern
    .map(
      ({ atStart, atEnd, items }) => (atStart ? words.start : '') + items.map(one).join('') + (atEnd ? words.end : ''),
    )
    .join('|')
}

export const isEverything = (set: CharSet): boolean => JSON.stringify(set) === JSON.stringify(everything)

/** Patterns of one statement took more work than a statement may make. */
export class PatternTooCostlyError extends Error {
  override readonly name = 'PatternTooCostlyError'
  readonly code = 'ATRIUM_TOO_COSTLY'
}

/** Steps that one test of one statement may take, over all rows: about a second. */
const mostSteps = 30_000_000

interface Place {
  set: CharSet
  kind: 'one' | 'maybe' | 'any'
}

interface Ready {
  alternatives: readonly { atStart: boolean; atEnd: boolean; places: readonly Place[] }[]
  left: number
}

const placesOf = ({ set, min, max }: PatternItem): Place[] => [
  ...Array.from({ length: min }, (): Place => ({ set, kind: 'one' })),
  ...(max === undefined
    ? [{ set, kind: 'any' } as const]
    : Array.from({ length: max - min }, (): Place => ({ set, kind: 'maybe' }))),
]

/**
 * For an engine that has none: all ways through the pattern are followed at once, so that a text is read once whatever
 * the pattern. Throws PatternTooCostlyError.
 */
export class PatternMatcher {
  readonly #ready = new Map<string, Ready>()

  /** `pattern` is the JSON of a SafePattern; `use` tells its uses in statements apart. */
  matches(text: string, pattern: string, use: number): boolean {
    const ready = this.#find(pattern, use)
    if (text.length > mostMatched * 2) return false
    const points = Array.from(text, (char) => char.codePointAt(0) ?? 0)
    return points.length <= mostMatched && ready.alternatives.some((one) => found(one, points, ready))
  }

  #find(pattern: string, use: number): Ready {
    const name = `${use} ${pattern}`
    const known = this.#ready.get(name)
    if (known) return known
    // A statement has few, and statements do not run at the same time.
    if (this.#ready.size >= 20) this.#ready.clear()
    const alternatives = (JSON.parse(pattern) as SafePattern).map(({ items, ...ends }) => ({
      ...ends,
      places: items.flatMap(placesOf),
    }))
    const made = { alternatives, left: mostSteps }
    this.#ready.set(name, made)
    return made
  }
}

function found(
  { atStart, atEnd, places }: Ready['alternatives'][number],
  points: readonly number[],
  budget: { left: number },
): boolean {
  const end = places.length
  let current = new Uint8Array(end + 1)
  let next = new Uint8Array(end + 1)
  const skip = (states: Uint8Array) => {
    for (let at = 0; at < end; at++) if (states[at] && places[at]?.kind !== 'one') states[at + 1] = 1
  }
  current[0] = 1
  skip(current)
  for (const point of points) {
    if (current[end] && !atEnd) return true
    next.fill(0)
    let isAlive = false
    for (let at = 0; at < end; at++) {
      const place = places[at]
      if (!current[at] || !place || !has(place.set, point)) continue
      next[place.kind === 'any' ? at : at + 1] = 1
      isAlive = true
    }
    budget.left -= end + 1
    if (budget.left < 0) throw new PatternTooCostlyError('Patterns have taken too long')
    if (!atStart) next[0] = 1
    else if (!isAlive) return false
    skip(next)
    const before = current
    current = next
    next = before
  }
  return current[end] === 1
}

function has(set: CharSet, point: number): boolean {
  for (const [from, to] of set) if (point <= to) return point >= from
  return false
}
