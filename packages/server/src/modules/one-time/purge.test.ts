import { expect, it } from 'vitest'
import { createTestApp } from '../../../test/test-app.ts'
import { definePurpose } from './one-time-tokens.ts'

const state = definePurpose<null>({ name: 'state', lifeSeconds: 600, newestOnly: false })

it('what has ended goes, however much of it there is', async () => {
  const app = await createTestApp()
  const { oneTime } = app.services
  await app.database.unitOfWork(async ({ tx }) => {
    for (let index = 0; index < 1_001; index++) await oneTime.issue(tx, state, 'subject', null)
  })
  // To make them takes its time, on a busy machine some seconds.
  app.advance(400)
  expect(await oneTime.purge()).toBe(0)
  app.advance(200)
  await app.database.unitOfWork(({ tx }) => oneTime.issue(tx, state, 'subject', null))
  expect(await oneTime.purge()).toBe(1_001)
  const left = await app.database.db.selectFrom('one_time_tokens').select('id').execute()
  expect(left).toHaveLength(1)
  await app.drop()
})
