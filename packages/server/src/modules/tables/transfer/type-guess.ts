import type { Column } from '../../../platform/db/tables/catalogue.ts'
import type { NewTableColumn } from '../tables.schema.ts'
import { canonical, ValueError } from '../values.ts'
import { withZone } from './row-values.ts'

type GuessedType = NewTableColumn['type']

/** Digits that every engine keeps exactly. */
const decimalDigits = 15
const samples = 3
const sampleLength = 100

const number = /^-?(0|[1-9]\d*)(\.\d+)?$/
const scientific = /^-?\d+(\.\d+)?e[+-]?\d{1,3}$/i

const column = (type: GuessedType): Column => ({
  ...{ name: '', type, nativeType: '', nullable: true, default: null, autoIncrement: false, generated: false },
  ...{ byBytes: true, canonicalTime: true, fraction: 3 },
})

function isA(type: GuessedType, text: string): boolean {
  try {
    canonical(column(type), text, 'json')
    return true
  } catch (error) {
    if (error instanceof ValueError) return false
    throw error
  }
}

/** `007` is no number, and neither is what would not be written the same again. */
const tests = {
  boolean: (text: string) => /^(true|false)$/i.test(text),
  integer: (text: string) => number.test(text) && text !== '-0' && isA('integer', text),
  decimal: (text: string) => number.test(text),
  number: (text: string) => scientific.test(text) || (number.test(text) && String(Number(text)) === text),
  date: (text: string) => isA('date', text),
  datetime: (text: string) => !/\.\d{4,}/.test(text) && isA('datetime', withZone(text)),
  time: (text: string) => isA('time', text),
  uuid: (text: string) => isA('uuid', text),
} satisfies Partial<Record<GuessedType, (text: string) => boolean>>

type Tested = keyof typeof tests
const order = Object.keys(tests) as Tested[]
const ofNumbers = new Set<Tested>(['integer', 'decimal', 'number'])
const ofTexts = new Set<Tested>(['date', 'datetime', 'time', 'uuid'])

/** Finds the narrowest type that all values of a column have; the text they came as decides, not their look. */
export class TypeGuess {
  readonly #possible = new Set<Tested>(order)
  readonly #samples: string[] = []
  #count = 0
  #left = 0
  #scale = 0
  #longest = 0
  #isJson = false
  #isPositive = true

  /** `values`: as it came; undefined or null says nothing. Texts of CSV may be anything, those of JSON are texts. */
  see(value: unknown, from: 'csv' | 'json'): void {
    if (value === null || value === undefined) return
    this.#count++
    const isNumber = typeof value === 'number' || JSON.isRawJSON(value)
    if (typeof value === 'object' && !isNumber) this.#isJson = true
    const text = textOf(value)
    if (this.#samples.length < samples) this.#samples.push(text.slice(0, sampleLength))
    this.#longest = Math.max(this.#longest, text.length)
    for (const type of this.#possible) {
      const may =
        from === 'csv' || (isNumber ? ofNumbers : typeof value === 'boolean' ? onlyBoolean : ofTexts).has(type)
      if (!may || !tests[type](text)) this.#possible.delete(type)
    }
    if (!this.#possible.has('decimal')) return
    const [, left = '', right = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? []
    this.#left = Math.max(this.#left, left.length)
    this.#scale = Math.max(this.#scale, right.length)
    if (!/^[1-9]/.test(text)) this.#isPositive = false
    if (this.#left + this.#scale > decimalDigits) this.#possible.delete('decimal')
  }

  get samples(): readonly string[] {
    return this.#samples
  }

  get longest(): number {
    return this.#longest
  }

  /** Whether the database may count such a key on: MariaDB counts where a zero is sent. */
  get isCountable(): boolean {
    return this.#possible.has('integer') && this.#isPositive && this.#count > 0
  }

  get type(): { type: GuessedType; precision?: number; scale?: number } {
    if (this.#isJson) return { type: 'json' }
    const [type = 'text'] = this.#count === 0 ? [] : order.filter((item) => this.#possible.has(item))
    return type === 'decimal' ? { type, precision: decimalDigits, scale: this.#scale } : { type }
  }
}

const onlyBoolean = new Set<Tested>(['boolean'])

/** A value of JSON as text. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.isRawJSON(value) ? value.rawJSON : JSON.stringify(value)
}
