import { describe, expect, it } from 'vitest'
import { moved } from './grid-keys.ts'

const bounds = { rows: 100, columns: 4, page: 20 }
const at = (row: number, column: number, key: string, ctrl = false) => moved({ row, column }, key, ctrl, bounds)

describe('keys in the grid', () => {
  it('stay inside it', () => {
    expect(at(0, 1, 'ArrowUp')).toEqual({ row: -1, column: 1 })
    expect(at(-1, 1, 'ArrowUp')).toEqual({ row: -1, column: 1 })
    expect(at(99, 4, 'ArrowDown')).toEqual({ row: 99, column: 4 })
    expect(at(99, 4, 'ArrowRight')).toEqual({ row: 99, column: 4 })
    expect(at(5, 0, 'ArrowLeft')).toEqual({ row: 5, column: 0 })
    expect(at(90, 2, 'PageDown')).toEqual({ row: 99, column: 2 })
    expect(at(5, 2, 'PageUp')).toEqual({ row: 0, column: 2 })
  })

  it('lead to the ends', () => {
    expect(at(5, 2, 'Home')).toEqual({ row: 5, column: 0 })
    expect(at(5, 2, 'End')).toEqual({ row: 5, column: 4 })
    expect(at(5, 2, 'End', true)).toEqual({ row: 99, column: 4 })
    expect(at(5, 2, 'Home', true)).toEqual({ row: 0, column: 0 })
    expect(at(5, 2, 'a')).toBeUndefined()
  })
})
