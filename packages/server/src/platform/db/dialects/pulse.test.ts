import { afterEach, beforeEach, expect, it } from 'vitest'
import { silent } from '../../../../test/databases.ts'
import { PoolMeter } from '../query-meter.ts'
import { DatabaseOverrunError, DatabaseUnavailableError } from './dialect.ts'
import { Pulse } from './pulse.ts'

let answer: () => Promise<number>
let pool: PoolMeter
let pulse: Pulse
beforeEach(() => {
  pool = new PoolMeter(10)
  pulse = new Pulse({ log: silent, probe: () => answer(), pool })
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

it('F10: twice as many as there are connections wait for a slow database; any number for a quick one', async () => {
  const isRefused = () => {
    try {
      pulse.assertRoom()
      return false
    } catch (error) {
      expect(error).toBeInstanceOf(DatabaseOverrunError)
      return true
    }
  }
  let times = 0
  let took = 5
  answer = async () => {
    times++
    return took
  }
  const looked = async (more: number) => {
    const before = times
    await expect.poll(() => times, { timeout: 5_000 }).toBeGreaterThanOrEqual(before + more)
  }
  pool.waiting = 50
  await looked(2)
  expect(isRefused()).toBe(false)
  took = 500
  await looked(2)
  expect(isRefused()).toBe(true)
  pool.waiting = 20
  expect(isRefused()).toBe(false)
  // Nobody waits, and it is looked at until it is quick again: who comes next is not refused for what has been.
  pool.waiting = 0
  took = 5
  await looked(1)
  pool.waiting = 50
  expect(isRefused()).toBe(false)
})
