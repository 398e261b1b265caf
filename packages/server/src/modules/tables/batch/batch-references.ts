import { platformErrors } from '../../../platform/errors.ts'

/** Answers of earlier requests, by their id. */
export type Earlier = ReadonlyMap<string, unknown>

const whole = /^\$([A-Za-z0-9_-]{1,64})\.([A-Za-z_]\w{0,127})$/
const inPath = /\$([A-Za-z0-9_-]{1,64})\.([A-Za-z_]\w{0,127})/g

/** Whether a text is, or holds, a value that an earlier answer has yet to give. */
export const isReference = (text: string): boolean => whole.test(text) || text.search(inPath) >= 0

const invalid = (pointer: string, message: string) =>
  platformErrors.validation_failed({ members: { errors: [{ pointer, code: 'unknown_reference', message }] } })

function fieldOf(earlier: Earlier, id: string, field: string, pointer: string): unknown {
  const answer = earlier.get(id)
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, field)) {
    throw invalid(pointer, 'No earlier answer has this field')
  }
  return (answer as Record<string, unknown>)[field]
}

/** Every text `$1.id` becomes the value it names; `$$1.id` is the text `$1.id`. Throws validation_failed. */
export function withValues(value: unknown, earlier: Earlier, pointer: string): unknown {
  if (typeof value === 'string') {
    if (value.startsWith('$$') && whole.test(value.slice(1))) return value.slice(1)
    const [, id, field] = whole.exec(value) ?? []
    return id === undefined || field === undefined ? value : fieldOf(earlier, id, field, pointer)
  }
  if (Array.isArray(value)) return value.map((item, index) => withValues(item, earlier, `${pointer}/${index}`))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withValues(item, earlier, `${pointer}/${name}`)]),
  )
}

/** Values in a path are encoded, so that none of them can lead elsewhere. Throws validation_failed. */
export function pathWithValues(path: string, earlier: Earlier, pointer: string): string {
  return path.replace(inPath, (_, id: string, field: string) => {
    const text = textOf(fieldOf(earlier, id, field, pointer), pointer)
    if (text === '' || text === '.' || text === '..') throw invalid(pointer, 'This value cannot stand in an address')
    return encodeURIComponent(text)
  })
}

/**
 * A parameter is a value as a whole, or, where it is JSON, holds them as texts of its own: what a value says is never
 * read as a part of a filter. Throws validation_failed.
 */
export function queryWithValues(query: string, earlier: Earlier, pointer: string): string {
  if (!query.includes('$')) return query
  const parameters = [...new URLSearchParams(query)].map(([name, value]): [string, string] => {
    const json = name === 'filter' ? objectIn(value) : undefined
    if (json !== undefined) return [name, JSON.stringify(withValues(json, earlier, pointer))]
    return [name, textOf(withValues(value, earlier, pointer), pointer)]
  })
  return new URLSearchParams(parameters).toString()
}

function textOf(value: unknown, pointer: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw invalid(pointer, 'Only text, numbers, true and false can stand in an address')
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
