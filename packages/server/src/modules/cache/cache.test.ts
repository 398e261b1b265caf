import { afterEach, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import type { CacheStats } from './cache.schema.ts'

let app: TestApp
afterEach(() => app.drop())

it('B08: an administrator sees how much is kept in memory and empties it; what it is, nobody sees', async () => {
  app = await createTestApp()
  const root = await app.holderOf(['admin'])
  const stats = async (name: string): Promise<CacheStats> =>
    (await root.get('/admin/cache/stats')).json.data.find((each: CacheStats) => each.name === name)
  const before = await stats('roles.catalogue')
  expect(before.hits + before.misses).toBeGreaterThan(0)
  const answer = await root.get('/admin/cache/stats')
  expect(Object.keys(answer.json.data[0])).toEqual(['name', 'entries', 'max_entries', 'hits', 'misses'])
  expect(answer.body).not.toContain(root.sessionId)

  expect((await stats('accounts.own')).name).toBe('accounts.own')
  await root.get('/users/me')
  expect((await stats('accounts.own')).entries).toBeGreaterThan(0)
  expect((await root.delete('/admin/cache?prefix=accounts.')).status).toBe(204)
  expect((await stats('accounts.own')).entries).toBe(0)
  expect((await stats('sessions.states')).entries).toBeGreaterThan(0)
  expect((await root.get('/users/me')).status).toBe(200)
  expect((await root.get('/admin/audit?event_type=cache_cleared')).json.data).toEqual([
    expect.objectContaining({ resource: { type: 'cache', id: 'accounts.' } }),
  ])

  const ann = await app.person('ann')
  expect((await ann.get('/admin/cache/stats')).status).toBe(403)
  expect((await ann.delete('/admin/cache')).status).toBe(403)
})
