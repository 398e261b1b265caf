import type { Column } from '../../platform/db/tables/catalogue.ts'

/** Why a value does not fit its column. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const wrong = (message: string) => new ValueError('wrong_type', message)

/**
 * A value of a request as the canonical text of its column. Throws ValueError. `json` values come typed; a `query` has
 * text only.
 */
export function canonical(column: Column, value: unknown, from: 'json' | 'query'): string {
  const text = from === 'query' ? String(value) : undefined
  switch (column.type) {
    case 'integer':
      return integer(column, text ?? value)
    case 'decimal':
      return decimal(column, text ?? value)
    case 'number':
      return double(text ?? value)
    case 'boolean':
      if (value === true || text === 'true') return 'true'
      if (value === false || text === 'false') return 'false'
      throw wrong('Needs true or false')
    case 'text':
      return plainText(column, value)
    case 'uuid':
      return matching(value, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'Needs a UUID').toLowerCase()
    case 'date':
      return date(matching(value, /^\d{4}-\d\d-\d\d$/, 'Needs a date: 2026-11-21'))
    case 'time':
      return time(column, value)
    case 'datetime':
      return instant(column, value)
    case 'json':
      return from === 'query' ? parsedJson(value) : JSON.stringify(value)
    case 'binary':
      return base64(value)
    case 'other':
      throw new ValueError('read_only', 'Columns of this type can only be read')
  }
}

function integer(column: Column, value: unknown): string {
  const text = typeof value === 'number' && Number.isInteger(value) ? String(value) : value
  if (typeof text !== 'string' || !/^-?\d{1,20}$/.test(text)) throw wrong('Needs a whole number')
  const number = BigInt(text)
  const [low, high] = column.range ?? [-(2n ** 63n), 2n ** 63n - 1n]
  if (number < low || number > high) throw new ValueError('out_of_range', `Needs a number from ${low} to ${high}`)
  return String(number)
}

/** More digits than a double surely keeps have to come as text: what JSON made of them is not what was sent. */
const doubleDigits = 15

function decimal(column: Column, value: unknown): string {
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  const given = isNumber ? String(value) : value
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    (typeof given === 'string' &&
      given.length <= 100 &&
      /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,2}))?$/i.exec(given)) ||
    []
  if (sign === undefined) throw wrong('Needs a number')
  const [left, right] = shifted(whole, fraction, Number(exponent))
  const digits = left.length + right.length
  if (isNumber && digits > doubleDigits) {
    throw new ValueError('inexact', `Send numbers of more than ${doubleDigits} digits as text`)
  }
  const { scale, precision } = column
  if (scale !== undefined && right.length > scale) {
    throw new ValueError('out_of_range', `May have at most ${scale} digits behind the point`)
  }
  if (precision !== undefined && left.length > precision - (scale ?? 0) && scale !== undefined) {
    throw new ValueError('out_of_range', `May have at most ${precision - scale} digits before the point`)
  }
  if (precision !== undefined && digits > precision) {
    throw new ValueError('out_of_range', `May have at most ${precision} digits`)
  }
  const text = `${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`
  return sign === '-' && /[1-9]/.test(text) ? `-${text}` : text
}

/** Digits before and behind the point once the exponent is applied, without needless zeros. */
function shifted(whole: string, fraction: string, exponent: number): [string, string] {
  const digits = whole + fraction
  const point = whole.length + exponent
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(Math.max(point, digits.length), '0')
  const at = Math.max(point, 0)
  return [padded.slice(0, at).replace(/^0+/, ''), padded.slice(at).replace(/0+$/, '')]
}

function double(value: unknown): string {
  const isNumeric = typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(value)
  const number = isNumeric ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong('Needs a number')
  return String(Object.is(number, -0) ? 0 : number)
}

function plainText(column: Column, value: unknown): string {
  if (typeof value !== 'string') throw wrong('Needs text')
  if (column.values && !column.values.includes(value)) {
    throw new ValueError('invalid', `Needs one of ${column.values.slice(0, 50).join(', ')}`)
  }
  if (column.maxLength !== undefined && [...value].length > column.maxLength) {
    throw new ValueError('too_long', `May have at most ${column.maxLength} characters`)
  }
  return value
}

function matching(value: unknown, pattern: RegExp, message: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw wrong(message)
  return value
}

function date(text: string): string {
  const day = new Date(`${text}T00:00:00Z`)
  const isReal = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && !text.startsWith('0000')
  if (!isReal) throw wrong('There is no such day')
  return text
}

const fractionOf = (text: string, digits: number): string => text.slice(0, digits).replace(/0+$/, '')

function time(column: Column, value: unknown): string {
  const [, clock, fraction = ''] =
    (typeof value === 'string' && /^((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?$/.exec(value)) || []
  if (!clock) throw wrong('Needs a time of day: 14:30:00')
  const kept = fractionOf(fraction, column.fraction ?? 6)
  return kept === '' ? clock : `${clock}.${kept}`
}

/** To UTC; of the fraction, what the column keeps. A day alone is its beginning. */
function instant(column: Column, value: unknown): string {
  const [, day, clock = '00:00:00', fraction = '', zone = 'Z'] =
    (typeof value === 'string' &&
      /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d))?$/i.exec(
        value,
      )) ||
    []
  if (!day) throw wrong('Needs a time: 2026-11-21T14:30:00Z')
  date(day)
  const moment = new Date(`${day}T${clock}${zone.toUpperCase()}`)
  const year = moment.getUTCFullYear()
  if (Number.isNaN(moment.getTime()) || year < 1 || year > 9999) throw wrong('There is no such time')
  const seconds = moment.toISOString().slice(0, 19)
  return `${seconds}.${fractionOf(fraction, column.fraction ?? 6).padEnd(3, '0')}Z`
}

function parsedJson(value: unknown): string {
  try {
    return JSON.stringify(JSON.parse(String(value)))
  } catch {
    throw wrong('Needs JSON')
  }
}

function base64(value: unknown): string {
  const text = matching(value, /^[A-Za-z0-9+/]*={0,2}$/, 'Needs base64')
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text) throw wrong('Needs base64 with its padding')
  return bytes.toString('hex')
}
