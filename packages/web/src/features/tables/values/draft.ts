import type { Column } from '../types.ts'
import { fromWallTime, toWallTime } from './wall-time.ts'

/** A value as it is typed. `null` is something else than a text without letters. */
export type Draft = string | null

export type DraftProblem = 'required' | 'integer' | 'number' | 'date' | 'time' | 'json' | 'uuid'

export function toDraft(value: unknown, column: Pick<Column, 'type'>, timeZone: string | undefined): Draft {
  if (value === null || value === undefined) return null
  if (column.type === 'json') return JSON.stringify(value, null, 2)
  if (column.type === 'datetime') {
    const at = new Date(String(value))
    return Number.isNaN(at.getTime()) ? String(value) : toWallTime(at, timeZone)
  }
  return String(value)
}

export type Parsed = { value: unknown; problem?: undefined } | { problem: DraftProblem }

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What is typed, as the server takes it. What only the server can judge it judges. */
export function fromDraft(draft: Draft, column: Column, timeZone: string | undefined): Parsed {
  const isText = column.type === 'text' && !column.values
  if (draft === null || (!isText && draft.trim() === '')) {
    return column.nullable ? { value: null } : { problem: 'required' }
  }
  const text = draft.trim()
  switch (column.type) {
    case 'integer':
      return /^[+-]?\d{1,20}$/.test(text) ? { value: text.replace(/^\+/, '') } : { problem: 'integer' }
    case 'decimal':
      return /^[+-]?\d+(\.\d+)?$/.test(text) ? { value: text } : { problem: 'number' }
    case 'number':
      return Number.isFinite(Number(text)) ? { value: Number(text) } : { problem: 'number' }
    case 'boolean':
      return { value: text === 'true' }
    case 'uuid':
      return uuid.test(text) ? { value: text } : { problem: 'uuid' }
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? { value: text } : { problem: 'date' }
    case 'time':
      return /^\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)
        ? { value: text.length === 5 ? `${text}:00` : text }
        : { problem: 'time' }
    case 'datetime': {
      const at = fromWallTime(text, timeZone)
      return at ? { value: at.toISOString() } : { problem: 'date' }
    }
    case 'json':
      try {
        return { value: JSON.parse(text) }
      } catch {
        return { problem: 'json' }
      }
    default:
      return { value: draft }
  }
}
