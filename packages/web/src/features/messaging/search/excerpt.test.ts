import { expect, it } from 'vitest'
import { excerpt } from './excerpt.ts'

const shape = (text: string, marks: { start: number; end: number }[]) =>
  excerpt(text, marks)
    .map((part) => (part.isMarked ? `[${part.text}]` : part.text))
    .join('')

it('marks the words that were found', () => {
  expect(
    shape('a plan for today', [
      { start: 2, end: 6 },
      { start: 11, end: 16 },
    ]),
  ).toBe('a [plan] for [today]')
  expect(shape('no marks', [])).toBe('no marks')
})

it('shows a long text around its first mark', () => {
  const text = `${'before '.repeat(40)}plan ${'after '.repeat(60)}`
  const shown = shape(text, [{ start: 280, end: 284 }])
  expect(shown).toContain('[plan] after')
  expect(shown.startsWith('…before')).toBe(true)
  expect(shown.endsWith('…')).toBe(true)
  expect(shown.length).toBeLessThan(220)
})

it('is not confused by marks that overlap or go too far', () => {
  expect(
    shape('plans', [
      { start: 0, end: 4 },
      { start: 2, end: 99 },
    ]),
  ).toBe('[plan][s]')
})
