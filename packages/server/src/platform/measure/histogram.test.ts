import { expect, it } from 'vitest'
import { Histogram, quantileOf, queryBounds } from './histogram.ts'

it('tells shares as well as its bounds, and never more than the longest', () => {
  const histogram = new Histogram(queryBounds)
  expect([histogram.quantile(0.5), histogram.max]).toEqual([0, 0])
  for (let i = 1; i <= 1000; i++) histogram.observe(i / 1000)
  expect([histogram.count, histogram.max]).toEqual([1000, 1])
  for (const share of [0.5, 0.95, 0.99]) expect(Math.abs(histogram.quantile(share) - share)).toBeLessThan(0.1)
  histogram.observe(3600)
  expect(histogram.quantile(1)).toBe(3600)
  expect(histogram.cumulative().at(-1)?.count).toBe(1000)
})

it('several are taken together', () => {
  const [fast, slow] = [new Histogram([1, 2, 4]), new Histogram([1, 2, 4])]
  for (let i = 0; i < 90; i++) fast.observe(0.5)
  for (let i = 0; i < 10; i++) slow.observe(3)
  expect(quantileOf([fast, slow], 0.5)).toBeLessThanOrEqual(1)
  expect(quantileOf([fast, slow], 0.95)).toBeGreaterThan(2)
  fast.add(slow)
  expect([fast.count, fast.max, fast.quantile(0.95)]).toEqual([100, 3, quantileOf([fast], 0.95)])
})
