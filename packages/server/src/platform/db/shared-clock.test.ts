import { afterEach, describe, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { openTestDatabase, type TestHandle } from '../../../test/databases.ts'
import { SharedClock } from './shared-clock.ts'

let test: TestHandle | undefined
let clock: SharedClock | undefined
afterEach(async () => {
  clock?.close()
  await test?.drop()
})

const hourMs = 3_600_000

async function start() {
  const log = collectLog()
  test = await openTestDatabase()
  let shift = 0
  const own = () => new Date(Date.now() + shift)
  clock = new SharedClock({ database: test.handle, log: log.logger, own })
  await clock.start()
  return { test, clock, log, turn: (ms: number) => (shift = ms) }
}

describe('F21 the time', () => {
  it('is the same for all who share a database, whatever the clock of a machine says', async () => {
    const { test, clock, log, turn } = await start()
    const distance = () => Math.abs(clock.now().getTime() - Date.now())
    // The test and its database are on one machine.
    expect(distance()).toBeLessThan(10_000)
    for (const ms of [2 * hourMs, -2 * hourMs]) {
      turn(ms)
      if (test.handle.dialect.hasOwnClock) expect(distance()).toBeLessThan(10_000)
      else expect(distance()).toBeGreaterThan(hourMs)
    }
    turn(0)
    await clock.look()
    expect(log.find('clock of this machine')).toEqual([])
  })

  it('is said to be wrong once, and right once', async () => {
    const { test, clock, log, turn } = await start()
    const verdicts: boolean[] = []
    for (const ms of [90_000, 90_000, 5_000, 0]) {
      turn(ms)
      await clock.look()
      verdicts.push(clock.isTrue)
    }
    if (!test.handle.dialect.hasOwnClock) return expect(verdicts).toEqual([true, true, true, true])
    expect(verdicts).toEqual([false, false, true, true])
    expect(log.find('clock of this machine').map(({ level, ahead_s }) => [level, ahead_s])).toEqual([
      ['warn', 90],
      ['info', 5],
    ])
  })

  it('goes on while the database does not answer', async () => {
    const { test, clock } = await start()
    await test.handle.close()
    const before = clock.now().getTime()
    await clock.look()
    await expect.poll(() => clock.now().getTime()).toBeGreaterThan(before)
    expect(clock.isTrue).toBe(true)
  })
})
