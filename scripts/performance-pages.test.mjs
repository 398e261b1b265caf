import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { made, published } from '../bench/pages.mjs'

const root = join(import.meta.dirname, '..')

const comparison = (median) => ({
  id: 'P1',
  title: 'reading',
  target: { reference: 'bare', of: 'rate', atLeast: 0.9 },
  references: ['bare'],
  at: '2026-01-02',
  subjects: [
    { name: 'Atrium', measured: { rate: { median: 100 } }, ratios: { bare: { median, min: median, max: 2 } } },
    { name: 'bare', measured: { rate: { median: 100 } }, ratios: {} },
  ],
})
const pageOf = (conclusion) => made([conclusion])[0][1]

it.each(published().map(([file, text]) => ({ file, text })))(
  '$file says what bench/results holds',
  ({ file, text }) => {
    expect(readFileSync(join(root, file), 'utf8'), 'node bench/pages.mjs makes it').toBe(text)
  },
)

it('a page says what was measured, and whether the target was met', () => {
  expect(pageOf(comparison(0.9))).toContain('| P1, reading | 100/s | bare: 100/s | **0.9 (0.9–2)** | ≥ 0.9: met |')
  expect(pageOf(comparison(0.89))).toContain('| ≥ 0.9: **missed** |')
  const [memory] = [comparison(1.2)].map((each) => ({
    ...each,
    target: { reference: 'bare', of: 'rate', atMost: 1.2, alone: { atMost: 99, unit: 'MiB' } },
  }))
  expect(pageOf(memory)).toContain('| ≤ 1.2: met; 99 MiB: **missed** |')
})
