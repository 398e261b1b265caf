import { afterEach, beforeEach, expect, it } from 'vitest'
import { silent } from '../../../../test/databases.ts'
import { DatabaseUnavailableError } from './dialect.ts'
import { Pulse } from './pulse.ts'

let answer: () => Promise<unknown>
let pulse: Pulse
beforeEach(() => {
  pulse = new Pulse({ log: silent, probe: () => answer() })
})
afterEach(() => pulse.close())

const never = () => new Promise<never>(() => {})
const silence = () => Promise.reject(new DatabaseUnavailableError('no answer'))

it('F25: what waits for a silent database fails together, what is new at once, until it answers', async () => {
  answer = silence
  const waiting = [pulse.guard(never), pulse.guard(never)]
  for (const each of waiting) await expect(each).rejects.toThrow('The database does not answer.')
  await expect(pulse.guard(async () => 1)).rejects.toThrow(DatabaseUnavailableError)
  answer = async () => 1
  await expect.poll(() => pulse.guard(async () => 'back').catch(() => 'not yet'), { timeout: 5_000 }).toBe('back')
})

it('F10: what is slow is waited for while the database answers, be it with an error', async () => {
  const asked = Promise.withResolvers<void>()
  answer = () => {
    asked.resolve()
    return Promise.reject(new Error('too many connections'))
  }
  const slow = Promise.withResolvers<string>()
  const waiting = pulse.guard(() => slow.promise)
  await asked.promise
  slow.resolve('done')
  expect(await waiting).toBe('done')
  expect(await pulse.guard(async () => 'next')).toBe('next')
})
