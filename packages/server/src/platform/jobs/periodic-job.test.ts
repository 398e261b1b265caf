import { expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { silent } from '../../../test/databases.ts'
import { PeriodicJob } from './periodic-job.ts'

it('a turn that fails is remembered and ends nothing; two at once are counted until both have ended', async () => {
  const waiting: PromiseWithResolvers<number>[] = []
  const at = new Date('2026-01-01T00:00:00.000Z')
  const job = new PeriodicJob({
    ...{ name: 'x', everyMs: 60_000, now: () => at, log: silent },
    run: () => {
      const turn = Promise.withResolvers<number>()
      waiting.push(turn)
      return turn.promise
    },
  })
  const [one, two] = [job.run(), job.run()]
  expect(job.state).toMatchObject({ isRunning: true, turns: 0, last: undefined, nextAt: undefined })
  waiting[0]?.reject(new Error(`no ${'x'.repeat(400)}`))
  await one
  expect(job.state).toMatchObject({ isRunning: true, turns: 1, failures: 1, last: { startedAt: at, done: undefined } })
  expect(job.state.last?.error).toHaveLength(300)
  waiting[1]?.resolve(3)
  await two
  expect(job.state).toMatchObject({ isRunning: false, turns: 2, failures: 1, last: { done: 3, error: undefined } })
  job.start()
  expect(job.state.nextAt).toEqual(new Date('2026-01-01T00:01:00.000Z'))
  job.stop()
  expect(job.state.nextAt).toBe(undefined)
})

it('F29 what fails at every turn is told once, until it has done its work again; an outage is nobody’s error', async () => {
  const log = collectLog()
  let error: Error | undefined
  const job = new PeriodicJob({
    ...{ name: 'x', everyMs: 60_000, now: () => new Date(), log: log.logger, isOutage: (each) => each === away },
    run: async () => {
      if (error) throw error
      return 0
    },
  })
  const away = new Error('away')
  for (const each of [new Error('bad'), new Error('bad'), undefined, away, new Error('bad')]) {
    error = each
    await job.run()
  }
  expect(log.find('job failed').map(({ level, err }) => [level, err.message])).toEqual([
    ['error', 'bad'],
    ['warn', 'bad'],
    ['warn', 'away'],
    ['error', 'bad'],
  ])
})
