import { openTestApp } from '@atrium/server/testing'
import { expect, it } from 'vitest'
import guestBook from './index.ts'

it('I02: the guest book is written in by people', async () => {
  const app = await openTestApp([guestBook])
  const ann = await app.person('ann')
  const answer = await ann.send('POST', '/api/v1/modules/guest-book/entries', { text: 'Hello' })
  expect([answer.status, answer.body.author]).toEqual([201, 'ann'])
  expect((await app.stranger.send('GET', '/api/v1/modules/guest-book/entries')).status).toBe(401)
  await app.drop()
})
