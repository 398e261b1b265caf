import { expect, it } from 'vitest'
import { initials, personName, tintOf } from './person.ts'

const person = (username: string, display_name: string | null = null) => ({ id: username, username, display_name })

it('says the name, or else the username', () => {
  expect(personName(person('anna', 'Anna Lindqvist'))).toBe('Anna Lindqvist')
  expect(personName(person('anna', '  '))).toBe('anna')
})

it.each([
  ['Anna Lindqvist', 'AL'],
  ['Anna Maria van der Berg', 'AB'],
  ['Madonna', 'M'],
  ['😀 Smile', '😀S'],
  ['élodie', 'É'],
])('takes the letters of %s', (name, letters) => {
  expect(initials(person('x', name))).toBe(letters)
})

it('takes the letters of a username apart', () => {
  expect(initials(person('tom.baker'))).toBe('TB')
  expect(initials(person('...'))).toBe('')
})

it('gives each person always the same colour', () => {
  expect(tintOf(person('anna'), 6)).toBe(tintOf(person('anna', 'Another Name'), 6))
  expect(tintOf(person('anna'), 6)).toBeLessThan(6)
})
