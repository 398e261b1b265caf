import { ApiError, NetworkError } from '@atrium/client'
import { expect, it, vi } from 'vitest'
import { placeFieldErrors } from './form-errors.ts'

const problem = (code: string, errors?: { pointer: string; code: string; message: string }[]) =>
  new ApiError({
    type: `/problems/${code}`,
    title: code,
    status: 422,
    detail: code,
    instance: '/',
    code,
    request_id: 'r',
    ...(errors ? { errors } : {}),
  })
const fields = ['username', 'password'] as const

it('puts the texts of the server at their fields', () => {
  const setError = vi.fn()
  const error = problem('validation_failed', [
    { pointer: '/password', code: 'password_too_short', message: 'Too short' },
    { pointer: '/elsewhere', code: 'x', message: 'Not here' },
  ])
  expect(placeFieldErrors(error, setError, fields)).toBe(true)
  expect(setError).toHaveBeenCalledExactlyOnceWith('password', { message: 'Too short' }, { shouldFocus: true })
})

it('uses own words for errors that concern one field', () => {
  const setError = vi.fn()
  const words = { username_taken: ['username', 'Taken'] as ['username', string] }
  expect(placeFieldErrors(problem('username_taken'), setError, fields, words)).toBe(true)
  expect(setError).toHaveBeenCalledWith('username', { message: 'Taken' }, { shouldFocus: true })
})

it('leaves the rest to the form', () => {
  const setError = vi.fn()
  expect(placeFieldErrors(problem('forbidden'), setError, fields)).toBe(false)
  expect(placeFieldErrors(new NetworkError(new Error('gone')), setError, fields)).toBe(false)
  expect(setError).not.toHaveBeenCalled()
})
