import { expect, it } from 'vitest'
import { mentionAt, toggleSign, withMention } from './marked-text.ts'

it('puts signs around a selection and takes them away again', () => {
  const bold = toggleSign({ text: 'a word here', start: 2, end: 6 }, '**')
  expect(bold).toEqual({ text: 'a **word** here', start: 4, end: 8 })
  expect(toggleSign(bold, '**')).toEqual({ text: 'a word here', start: 2, end: 6 })
  expect(toggleSign({ text: '**word**', start: 0, end: 8 }, '**')).toEqual({ text: 'word', start: 0, end: 4 })
  expect(toggleSign({ text: '', start: 0, end: 0 }, '`')).toEqual({ text: '``', start: 1, end: 1 })
})

it('finds the name that is being typed', () => {
  expect(mentionAt('Hello @an', 9)).toEqual({ from: 6, name: 'an' })
  expect(mentionAt('@', 1)).toEqual({ from: 0, name: '' })
  expect(mentionAt('(@anna', 6)).toEqual({ from: 1, name: 'anna' })
  expect(mentionAt('anna@example', 12)).toBeUndefined()
  expect(mentionAt('@anna is', 8)).toBeUndefined()
})

it('completes a name', () => {
  expect(withMention({ text: 'Hello @an there', start: 9, end: 9 }, 6, 'anna')).toEqual({
    text: 'Hello @anna there',
    start: 12,
    end: 12,
  })
})
