import { expect, it } from 'vitest'
import { GatheredLines } from './gathered-lines.ts'

it('lines are gathered as far as there is room, and what was written of them goes first', () => {
  const gathered = new GatheredLines(10)
  expect(gathered.bytes).toHaveLength(0)
  expect(['añ🜚\n', 'b\n', 'cccccc\n'].map((line) => gathered.add(line))).toEqual([true, true, false])
  expect(gathered.bytes.toString()).toBe('añ🜚\nb\n')
  gathered.drop(3)
  expect(gathered.take().toString()).toBe('🜚\nb\n')
  expect(gathered.bytes).toHaveLength(0)
  const long = `${'é'.repeat(100)}\n`
  expect(gathered.add(long)).toBe(true)
  expect(gathered.add('x')).toBe(true)
  expect(gathered.take().toString()).toBe(`${long}x`)
})

it('what was taken stays as it is', () => {
  const gathered = new GatheredLines(10)
  gathered.add('first\n')
  const taken = gathered.take()
  gathered.add('other\n')
  expect(taken.toString()).toBe('first\n')
  gathered.drop(6)
  expect(gathered.add('x'.repeat(50))).toBe(true)
  expect(gathered.take().toString()).toBe('x'.repeat(50))
})
