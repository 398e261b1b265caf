import type { Column, ColumnType } from '../../../platform/db/tables/catalogue.ts'
import { withZone } from '../transfer/row-values.ts'
import { canonical, ValueError } from '../values.ts'

const numbers = ['integer', 'decimal', 'number'] as const

/** From which types a column of this type can be made; every one becomes text. */
const sources: Partial<Record<ColumnType, readonly ColumnType[]>> = {
  integer: [...numbers, 'boolean', 'text'],
  decimal: [...numbers, 'boolean', 'text'],
  number: [...numbers, 'boolean', 'text'],
  boolean: [...numbers, 'boolean', 'text'],
  uuid: ['uuid', 'text'],
  date: ['date', 'datetime', 'text'],
  time: ['time', 'text'],
  datetime: ['date', 'datetime', 'text'],
  json: ['json', 'text'],
  binary: ['binary', 'text'],
}

export const canBecome = (from: ColumnType, to: ColumnType): boolean =>
  from !== 'other' && (to === 'text' || (sources[to]?.includes(from) ?? false))

const anyDecimal: Column = {
  ...{ name: '', type: 'decimal', nativeType: '', nullable: true, default: null },
  ...{ autoIncrement: false, generated: false, byBytes: true, canonicalTime: true },
}

const lost = (message: string) => new ValueError('inexact', message)

/**
 * The canonical text of a value in another column. Throws ValueError where it would not be the same value any more:
 * nothing is rounded and nothing cut off. Worked out here and not by the engines, which do not agree on it.
 */
export function converted(from: Column, to: Column, text: string): string {
  switch (to.type) {
    case 'text':
      return canonical(to, asText(from, text), 'query')
    case 'integer':
    case 'decimal':
      return canonical(to, digitsOf(from, text), 'query')
    case 'number': {
      const digits = digitsOf(from, text)
      const double = canonical(to, digits, 'query')
      if (plainDigits(double) !== digits) throw lost('Has more digits than such a number keeps')
      return double
    }
    case 'boolean':
      return truth(from, text)
    case 'date':
      if (from.type !== 'datetime') return canonical(to, text, 'query')
      if (!/T00:00:00\.0+Z$/.test(text)) throw lost('Has a time of day')
      return text.slice(0, 10)
    case 'time':
      return keepingFraction(to, text)
    case 'datetime':
      return keepingFraction(to, from.type === 'text' ? withZone(text) : text)
    case 'json':
      if (from.type === 'text') canonical(to, text, 'query')
      return text
    case 'binary':
      return from.type === 'binary' ? text : canonical(to, text, 'query')
    default:
      return canonical(to, text, 'query')
  }
}

/** As the API writes it. */
function asText({ type }: Column, text: string): string {
  if (type === 'number') return canonical({ ...anyDecimal, type }, text, 'query')
  if (type === 'binary') return Buffer.from(text, 'hex').toString('base64')
  // Engines put spaces into it or not.
  return type === 'json' ? text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1') : text
}

const plainDigits = (text: string): string => canonical(anyDecimal, text, 'query')

function digitsOf({ type }: Column, text: string): string {
  if (type === 'boolean') return text === 'true' ? '1' : '0'
  // What begins with a zero is a code and no number: the zero would be lost.
  if (type === 'text' && !/^-?(0|[1-9]\d*)(\.\d+)?$/.test(text)) throw new ValueError('wrong_type', 'Needs a number')
  return plainDigits(text)
}

function truth(from: Column, text: string): string {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase()
  const digits = digitsOf(from, text)
  if (digits !== '0' && digits !== '1') throw new ValueError('wrong_type', 'Needs true or false')
  return digits === '1' ? 'true' : 'false'
}

/** Requests may send more digits of a second than are kept; a change of the column takes none away. */
function keepingFraction(to: Column, text: string): string {
  const result = canonical(to, text, 'query')
  const fraction = (value: string) => (/\.(\d+)/.exec(value)?.[1] ?? '').replace(/0+$/, '')
  if (fraction(result) !== fraction(text)) throw lost('Has smaller parts of a second than the column keeps')
  return result
}

/**
 * A canonical text that was kept while its column may have been of another type: as a text this column can hold, or null
 * where it says nothing to it.
 */
export function keptText(column: Column, text: string): string | null {
  const { type } = column
  const isSame = type === 'other' || (type === 'text' && !column.values) || sameForm[type]?.test(text)
  if (isSame) return text
  try {
    return converted({ ...anyDecimal, type: /^(true|false)$/.test(text) ? 'boolean' : 'text' }, column, text)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    return null
  }
}

/** What is certainly a canonical text of the type, without a closer look. */
const sameForm: Partial<Record<ColumnType, RegExp>> = {
  integer: /^-?\d{1,18}$/,
  boolean: /^(true|false)$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  binary: /^([0-9a-f]{2})*$/,
  number: /^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/i,
  decimal: /^-?\d+(\.\d+)?$/,
}
