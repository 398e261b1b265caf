import { badFilter } from './bad-filter.ts'

const longest = 10_000

/** What an array in a JSON column may be asked for, as its JSON. Throws bad_filter. */
export function itemText(value: unknown): string {
  if (typeof value === 'string') {
    if (value.length > longest) throw badFilter('A value in the filter is too long')
    // No engine keeps them in JSON, and one refuses to compare with them.
    if (value.includes('\0') || !value.isWellFormed()) throw badFilter('A text in the filter has to be valid Unicode')
    return JSON.stringify(value)
  }
  if (typeof value === 'boolean') return String(value)
  // Both noughts are one.
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  throw badFilter('An array is asked for texts, numbers, true or false')
}

const scalar = /^(?:true|false|null|-?\d.*|".*")$/s

/** From an address: `red,7,true,"7"`, or a JSON array. What is no JSON is text, and `"7"` in quotes is text too. */
export function writtenItems(text: string): unknown {
  if (text.startsWith('[')) return parsed(text) ?? text.split(',')
  return text.split(',').map((part) => {
    const value = scalar.test(part) ? parsed(part) : undefined
    return value === undefined ? part : value
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
