import {
  type CharSet,
  everything,
  isEverything,
  mostMatched,
  type PatternItem,
  type SafePattern,
} from '../../../platform/db/tables/pattern.ts'

/** Why a text is no pattern, in words for its author. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

const limits = { text: 200, alternatives: 5, repeats: 100, places: 500, work: 1_000_000 }

const forms =
  'regex takes characters, ".", [a-z], [^a-z], \\d \\w \\s, ^ at the beginning, $ at the end, | between whole patterns, and ? * + {2,5} behind one character or class'

const digits: CharSet = [[48, 57]]
const shorthands: Record<string, CharSet> = {
  d: digits,
  w: [...digits, [65, 90], [95, 95], [97, 122]],
  s: [
    [9, 13],
    [32, 32],
  ],
}
const controls: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/**
 * What every engine understands alike and none can be kept busy with: no groups, so nothing is repeated that repeats
 * in itself. Throws PatternError.
 */
export function parsePattern(text: string): SafePattern {
  if (text.length > limits.text) throw new PatternError(`A pattern has at most ${limits.text} characters`)
  if (!text.isWellFormed() || text.includes('\0')) throw new PatternError(forms)
  const pattern = new Reader(text).read().map(shortened)
  if (pattern.length > limits.alternatives) {
    throw new PatternError(`A pattern has at most ${limits.alternatives} parts between |`)
  }
  for (const { items } of pattern) {
    const places = items.reduce((sum, { min, max }) => sum + (max ?? min + 1), 0)
    if (places > limits.places) throw new PatternError(`A pattern may repeat up to ${limits.places} characters in all`)
  }
  if (pattern.some((one) => workOf(one) > limits.work)) {
    throw new PatternError(
      'This pattern could be found in too many ways: begin it with ^, or let what follows a repeat be something else than what is repeated',
    )
  }
  return pattern
}

class Reader {
  readonly #points: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#points = [...text]
  }

  read(): { atStart: boolean; atEnd: boolean; items: PatternItem[] }[] {
    const all = [this.#alternative()]
    while (this.#takes('|')) all.push(this.#alternative())
    return all
  }

  #takes(char: string): boolean {
    if (this.#points[this.#at] !== char) return false
    this.#at++
    return true
  }

  #alternative() {
    const atStart = this.#takes('^')
    const items: PatternItem[] = []
    for (;;) {
      const char = this.#points[this.#at]
      if (char === undefined || char === '|') return { atStart, atEnd: false, items }
      this.#at++
      if (char === '$') {
        const after = this.#points[this.#at]
        if (after !== undefined && after !== '|') throw new PatternError(forms)
        return { atStart, atEnd: true, items }
      }
      items.push({ set: this.#setOf(char), ...this.#times() })
    }
  }

  #setOf(char: string): CharSet {
    if (char === '.') return everything
    if (char === '[') return this.#class()
    if (char === '\\') return this.#escaped()
    if ('^*+?{}()]'.includes(char)) throw new PatternError(forms)
    return [only(char)]
  }

  #escaped(): CharSet {
    const char = this.#points[this.#at++]
    if (char === undefined) throw new PatternError(forms)
    const shorthand =
      shorthands[char] ?? (shorthands[char.toLowerCase()] && complement(shorthands[char.toLowerCase()] ?? []))
    if (shorthand) return shorthand
    const control = controls[char]
    if (control !== undefined) return [[control, control]]
    // Letters and digits would mean something else on every engine.
    if (/^[A-Za-z0-9]$/.test(char)) throw new PatternError(`\\${char} is not taken; ${forms}`)
    return [only(char)]
  }

  #class(): CharSet {
    const isNot = this.#takes('^')
    const ranges: (readonly [number, number])[] = []
    for (let isFirst = true; ; isFirst = false) {
      const char = this.#points[this.#at++]
      if (char === undefined || (char === '[' && /^[:.=]$/.test(this.#points[this.#at] ?? '')))
        throw new PatternError(forms)
      if (char === ']' && !isFirst) break
      if (char === ']') throw new PatternError('A class [] needs something in it')
      const set = char === '\\' ? this.#escaped() : [only(char)]
      const isRange = this.#points[this.#at] === '-' && this.#points[this.#at + 1] !== ']'
      if (!isRange) ranges.push(...set)
      else {
        this.#at++
        const last = this.#points[this.#at++]
        const to = last === undefined ? [] : last === '\\' ? this.#escaped() : [only(last)]
        const [low, high] = [single(set), single(to)]
        if (low === undefined || high === undefined || low > high)
          throw new PatternError('A range in [] goes up: [a-z]')
        ranges.push([low, high])
      }
    }
    const set = united(ranges)
    const chosen = isNot ? complement(set) : set
    if (chosen.length === 0) throw new PatternError('A class [] needs something in it')
    return chosen
  }

  #times(): { min: number; max: number | undefined } {
    if (this.#takes('?')) return { min: 0, max: 1 }
    if (this.#takes('*')) return { min: 0, max: undefined }
    if (this.#takes('+')) return { min: 1, max: undefined }
    if (!this.#takes('{')) return { min: 1, max: 1 }
    const end = this.#points.indexOf('}', this.#at)
    const [, low, comma, high] = /^(\d{1,3})(?:(,)(\d{1,3})?)?$/.exec(this.#points.slice(this.#at, end).join('')) ?? []
    if (low === undefined || end < 0) throw new PatternError(forms)
    this.#at = end + 1
    const min = Number(low)
    const max = comma === undefined ? min : high === undefined ? undefined : Number(high)
    if (min > limits.repeats || (max !== undefined && (max > limits.repeats || max < min))) {
      throw new PatternError(`Something may be repeated up to ${limits.repeats} times: {2,5}`)
    }
    return { min, max }
  }
}

const only = (char: string): readonly [number, number] => {
  const point = char.codePointAt(0) ?? 0
  return [point, point]
}

const single = (set: CharSet): number | undefined =>
  set.length === 1 && set[0]?.[0] === set[0]?.[1] ? set[0]?.[0] : undefined

/** In order, without overlaps, and without what no text can hold. */
function united(ranges: readonly (readonly [number, number])[]): CharSet {
  const whole = ranges.flatMap(([from, to]) =>
    everything.flatMap(([low, high]) => {
      const [start, end] = [Math.max(from, low), Math.min(to, high)]
      return start <= end ? [[start, end] as [number, number]] : []
    }),
  )
  const result: [number, number][] = []
  for (const [from, to] of whole.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  return result
}

function complement(set: CharSet): CharSet {
  const gaps: [number, number][] = []
  let from = 1
  for (const [low, high] of [...set, [0x110000, 0x110000] as const]) {
    if (low > from) gaps.push([from, low - 1])
    from = high + 1
  }
  return united(gaps)
}

/** The same question asked shorter: at an open end, what may be longer or missing says nothing. */
function shortened({ atStart, atEnd, items }: SafePattern[number]): SafePattern[number] {
  const kept = [...items]
  const [isAnyStart, isAnyEnd] = [atStart && isGap(kept[0]), atEnd && isGap(kept.at(-1))]
  const isOpenStart = !atStart || isAnyStart
  const isOpenEnd = !atEnd || isAnyEnd
  const least = (item: PatternItem): PatternItem => ({ ...item, max: item.min })
  while (isOpenStart && kept[0]?.min === 0) kept.shift()
  if (isOpenStart && kept[0]) kept[0] = least(kept[0])
  while (isOpenEnd && kept.at(-1)?.min === 0) kept.pop()
  const last = kept.at(-1)
  if (isOpenEnd && last) kept[kept.length - 1] = least(last)
  return { atStart: !isOpenStart, atEnd: !isOpenEnd, items: kept.filter(({ max }) => max !== 0) }
}

const isGap = (item: PatternItem | undefined): boolean =>
  item !== undefined && item.min === 0 && item.max === undefined && isEverything(item.set)

/**
 * How often an engine that tries one way after the other may have to begin again: at every place where what follows a
 * repeat could also be one more of it, and at every character where no beginning is given.
 */
function workOf({ atStart, items }: SafePattern[number]): number {
  const ways = items.map(({ set, min, max }, index) => {
    if (min === max) return 1
    const behind = items.slice(index + 1)
    const needed = behind.findIndex((item) => item.min > 0)
    const next = needed < 0 ? behind : behind.slice(0, needed + 1)
    return next.some((item) => overlaps(set, item.set)) ? (max === undefined ? mostMatched : max - min + 1) : 1
  })
  return ways.reduce((product, count) => product * count, atStart ? 1 : mostMatched)
}

const overlaps = (one: CharSet, other: CharSet): boolean =>
  one.some(([from, to]) => other.some(([low, high]) => from <= high && low <= to))
