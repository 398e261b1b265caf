import { expect, it } from 'vitest'
import { firstRow } from './rows-in-order.ts'

it.each([0, 1, 2, 3, 6, 7])('of seven rows, %i are before the first one of which it is true', (before) => {
  const rows = Array.from({ length: 7 }, (_, index) => ({ offsetTop: index }) as HTMLElement)
  expect(firstRow(rows, ({ offsetTop }) => offsetTop >= before)).toBe(before)
})

it('a few rows of hundreds are looked at', () => {
  const rows = Array.from({ length: 240 }, (_, index) => ({ offsetTop: index }) as HTMLElement)
  let looks = 0
  firstRow(rows, ({ offsetTop }) => ++looks > 0 && offsetTop >= 200)
  expect(looks).toBeLessThanOrEqual(8)
})
