import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import { findFact, insertFact } from './installation.ts'

let test: TestHandle

beforeAll(async () => {
  test = await openTestDatabase({ poolSize: 4 })
})
afterAll(() => test.drop())

const put = (name: string, value = '1') => test.handle.unitOfWork(({ tx }) => insertFact(tx, name, value))
const find = (name: string) => findFact(test.handle.db, name)

describe('units of work together', () => {
  it('are one transaction, whose reads see what was written; effects come after the one commit', async () => {
    const told: string[] = []
    const answer = await test.handle.together(async () => {
      await test.handle.unitOfWork(async (uow) => {
        uow.afterCommit(() => told.push('first'))
        await insertFact(uow.tx, 'one', '1')
      })
      expect(await find('one')).toBe('1')
      await put('two')
      expect(told).toEqual([])
      return 42
    })
    expect(answer).toBe(42)
    expect(told).toEqual(['first'])
    expect(await Promise.all([find('one'), find('two')])).toEqual(['1', '1'])
  })

  it('are taken back together, with their effects', async () => {
    const told: string[] = []
    const work = test.handle.together(async () => {
      await test.handle.unitOfWork(async (uow) => {
        uow.afterCommit(() => told.push('never'))
        await insertFact(uow.tx, 'gone', '1')
      })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await find('gone')).toBeUndefined()
    expect(told).toEqual([])
  })

  it('fail alone: one that violates a constraint leaves the others, and reading goes on', async () => {
    await test.handle.together(async () => {
      await put('alone')
      const error = await put('alone', '2').catch((reason: unknown) => reason)
      expect(test.handle.dialect.isUniqueViolation(error, 'installation_pkey')).toBe(true)
      expect(await find('alone')).toBe('1')
      await put('after')
    })
    expect(await Promise.all([find('alone'), find('after')])).toEqual(['1', '1'])
  })

  it('take turns when they are begun at once', async () => {
    await test.handle.together(async () => {
      const names = ['a', 'b', 'a', 'c']
      const ends = await Promise.allSettled(names.map((name) => put(`turn ${name}`)))
      expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
      expect(await Promise.all(['a', 'b', 'c'].map((name) => find(`turn ${name}`)))).toEqual(['1', '1', '1'])
    })
  })

  it('are repeated as a whole after a failure that may pass, whatever the work makes of it', async () => {
    let tries = 0
    const passing = Object.assign(new Error('deadlock'), { code: '40P01', errno: 1213 })
    if (!test.handle.dialect.isRetryable(passing)) Object.assign(passing, { code: 'SQLITE_BUSY' })
    await test.handle.together(async () => {
      tries++
      await put('again')
      await test.handle
        .unitOfWork(async () => {
          if (tries === 1) throw passing
        })
        .catch(() => 'swallowed')
    })
    expect(tries).toBe(2)
    expect(await find('again')).toBe('1')
  })

  it('leave nothing behind that begins something when they were taken back', async () => {
    const late = Promise.withResolvers<void>()
    let straggler: Promise<unknown> | undefined
    const work = test.handle.together(async () => {
      straggler = late.promise.then(() => put('straggler'))
      straggler.catch(() => {})
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    late.resolve()
    await expect(straggler).rejects.toThrow('taken back')
    expect(await find('straggler')).toBeUndefined()
  })

  it('within others of the same database are part of them', async () => {
    const work = test.handle.together(async () => {
      await test.handle.together(() => put('inner'))
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await find('inner')).toBeUndefined()
  })
})
