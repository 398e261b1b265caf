import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { isRedisMissing, type RedisProcess, startRedis } from '../../../test/redis-process.ts'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let redis: RedisProcess | undefined
beforeAll(async () => {
  redis = isRedisMissing ? undefined : await startRedis()
})
afterAll(() => redis?.drop())

let app: TestApp
afterEach(() => app.drop())

const guess = async (name: string, times: number) => {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) {
    statuses.push((await app.visitor().post('/auth/login', { identifier: name, password: 'a wrong guess' })).status)
  }
  return statuses
}

it('L02: an administrator sees who is refused and lets them begin anew; nobody else does', async () => {
  app = await createTestApp({
    RATE_LIMIT_PROFILE: 'standard',
    RATE_LIMIT_PER_MINUTE: '1000',
    ACCOUNT_LOCKOUT_THRESHOLD: '50',
  })
  const root = await app.holderOf(['admin'])
  expect((await root.get('/admin/rate-limits')).json).toEqual({
    data: [],
    page: { limit: 0, next_cursor: null, prev_cursor: null, has_more: false },
  })

  await guess('nobody', 5)
  expect((await root.get('/admin/rate-limits')).json.data).toEqual([])
  expect(await guess('nobody', 1)).toEqual([429])
  const list = await root.get('/admin/rate-limits')
  expect(list.json.data).toEqual([
    {
      ...{ key: expect.stringMatching(/^login\.[\w-]{22}$/), limit: 'login', retry_after: expect.any(Number) },
      // A name that was tried may be a password, or nobody's: only its hash is known.
      ...{ user: null, network: null },
    },
  ])
  expect(list.body).not.toMatch(/nobody|127\.0\.0\.1/)
  const { key } = list.json.data[0]

  const ann = await app.person('ann')
  for (const [who, status] of [
    [app.visitor(), 401],
    [ann, 403],
  ] as const) {
    expect((await who.get('/admin/rate-limits')).status).toBe(status)
    expect((await who.delete(`/admin/rate-limits/${key}`)).status).toBe(status)
  }
  expect(await guess('nobody', 1)).toEqual([429])

  expect((await root.delete(`/admin/rate-limits/${key}`)).status).toBe(204)
  expect((await root.get('/admin/rate-limits')).json.data).toEqual([])
  expect(await guess('nobody', 6)).toEqual([401, 401, 401, 401, 401, 429])
  expect((await app.visitor().post('/auth/login', { identifier: 'ann', password })).status).toBe(200)

  const written = await app.database.db
    .selectFrom('audit_events')
    .selectAll()
    .where('type', '=', 'rate_limit_lifted')
    .execute()
  expect(written).toHaveLength(1)
  expect(written[0]).toMatchObject({ actor_id: root.userId, resource_id: key, outcome: 'success' })
})

it.each([
  ['alone', () => undefined],
  ['through Redis', () => redis?.url],
])('L02: an administrator sees whose account, session and key, and which network is refused, %s', async (_how, at) => {
  const url = at()
  if (_how !== 'alone' && url === undefined) return
  const variables = { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '3', ...(url ? { REDIS_URL: url } : {}) }
  app = await createTestApp(variables, { redisTimeoutMs: 5_000 })
  const root = await app.holderOf(['admin'])
  const [ann, bob] = [await app.person('ann'), await app.person('bob')]
  const { key } = (await bob.post('/users/me/api-keys', { name: 'k', scopes: ['account:read'], rate_limit: 1 })).json
  const byKey = () => app.visitor().send('GET', '/api/v1/users/me', undefined, { 'x-api-key': key })
  expect([(await byKey()).status, (await byKey()).status]).toEqual([200, 429])
  for (let i = 0; i < 16; i++) await ann.get('/users/me')
  for (let i = 0; i < 4; i++) await app.visitor().get('/meta')

  type Listed = { limit: string; user: { username: string } | null; network: string | null }
  const listed = async () =>
    ((await root.get('/admin/rate-limits')).json.data as Listed[])
      .map(({ limit, user, network }) => `${limit}: ${user?.username} ${network}`)
      .sort()
  await expect.poll(listed).toEqual(['anonymous: undefined 127.0.0.1', 'api-key: bob null', 'user: ann null'])
  // Once, for all the looks at it.
  const looks = app.database.db.selectFrom('audit_events').select('id').where('type', '=', 'admin_read')
  expect(await looks.where('resource_type', '=', 'rate_limit').execute()).toHaveLength(1)
})

it('a key that blocks nobody is not found, whatever it looks like', async () => {
  app = await createTestApp()
  const root = await app.holderOf(['admin'])
  for (const key of ['login', `login.${'x'.repeat(22)}`, '__proto__', '..%2f..', 'x'.repeat(100)]) {
    const answer = await root.delete(`/admin/rate-limits/${key}`)
    expect([key, answer.status, answer.json.code]).toEqual([key, 404, 'not_found'])
  }
})
