import { describe, expect, it } from 'vitest'
import type { Column } from '../types.ts'
import { type Draft, fromDraft, toDraft } from './draft.ts'

const column = (type: string, more: Partial<Column> = {}): Column => ({
  name: 'value',
  type,
  nullable: true,
  has_default: false,
  generated: false,
  writable: true,
  ...more,
})
const parsed = (draft: Draft, type: string, more: Partial<Column> = {}) =>
  fromDraft(draft, column(type, more), 'Europe/Berlin')

describe('what is typed into a cell', () => {
  it('keeps all digits of numbers that a double would lose', () => {
    expect(parsed('9223372036854775807', 'integer')).toEqual({ value: '9223372036854775807' })
    expect(parsed('0.10000000000000000001', 'decimal')).toEqual({ value: '0.10000000000000000001' })
    expect(parsed('1.5', 'number')).toEqual({ value: 1.5 })
    expect(parsed('twelve', 'integer')).toEqual({ problem: 'integer' })
    expect(parsed('1,5', 'decimal')).toEqual({ problem: 'number' })
  })

  it('tells no value from a text without letters', () => {
    expect(parsed('', 'text')).toEqual({ value: '' })
    expect(parsed(null, 'text')).toEqual({ value: null })
    expect(parsed('', 'integer')).toEqual({ value: null })
    expect(parsed('', 'date', { nullable: false })).toEqual({ problem: 'required' })
    expect(parsed('', 'text', { nullable: false })).toEqual({ value: '' })
  })

  it('reads times as the clock of the reader shows them', () => {
    expect(toDraft('2026-07-01T12:00:00.000Z', column('datetime'), 'Europe/Berlin')).toBe('2026-07-01T14:00:00')
    expect(parsed('2026-07-01T14:00', 'datetime')).toEqual({ value: '2026-07-01T12:00:00.000Z' })
    expect(parsed('2026-12-01T14:00:00.250', 'datetime')).toEqual({ value: '2026-12-01T13:00:00.250Z' })
    expect(parsed('14:30', 'time')).toEqual({ value: '14:30:00' })
    expect(parsed('never', 'datetime')).toEqual({ problem: 'date' })
  })

  it('takes JSON as it is', () => {
    expect(parsed('{"a":[1,null]}', 'json')).toEqual({ value: { a: [1, null] } })
    expect(parsed('{a}', 'json')).toEqual({ problem: 'json' })
    expect(toDraft({ a: 1 }, column('json'), undefined)).toBe('{\n  "a": 1\n}')
  })
})
