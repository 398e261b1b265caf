import { afterEach, expect, it } from 'vitest'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const limited = (more: Record<string, string> = {}) =>
  createTestApp({
    RATE_LIMIT_PROFILE: 'standard',
    RATE_LIMIT_PER_MINUTE: '1000',
    ACCOUNT_LOCKOUT_THRESHOLD: '50',
    ...more,
  })
const repeated = async (times: number, ask: () => Promise<{ status: number }>) => {
  const statuses: number[] = []
  for (let i = 0; i < times; i++) statuses.push((await ask()).status)
  return statuses
}

it('counts failed sign-ins per name, known or invented alike, and no success', async () => {
  app = await limited()
  await app.person('ann')
  const tries = (identifier: string, word: string) => () =>
    app.visitor().post('/auth/login', { identifier, password: word })
  expect(await repeated(8, tries('ann', password))).toEqual(Array(8).fill(200))
  for (const name of ['ann', 'nobody-by-that-name']) {
    expect(await repeated(6, tries(name, 'a wrong guess'))).toEqual([...Array(5).fill(401), 429])
  }
  const refused = await tries('ann', password)()
  expect([refused.status, refused.json.code, refused.headers['retry-after']]).toEqual([
    429,
    'rate_limited',
    expect.any(String),
  ])
})

it('counts failed sign-ins per network, whatever the names', async () => {
  app = await limited()
  let n = 0
  const statuses = await repeated(21, () =>
    app.visitor().post('/auth/login', { identifier: `name${n++}`, password: 'a wrong guess' }),
  )
  expect(statuses).toEqual([...Array(20).fill(401), 429])
})

it('lets three register in a minute, typing errors not counted', async () => {
  app = await limited()
  let n = 0
  const register = (username: string) => () =>
    app.visitor().post('/auth/register', { username, email: `r${n++}@example.com`, password })
  expect(await repeated(5, register('x'))).toEqual(Array(5).fill(422))
  expect(await repeated(1, register('first'))).toEqual([201])
  expect(await repeated(3, register('first'))).toEqual([409, 409, 429])
})

it('counts requests it turns away', async () => {
  app = await limited({ RATE_LIMIT_PER_MINUTE: '5' })
  const statuses = await repeated(7, () => app.visitor().get('/users/me', { authorization: 'Bearer nonsense' }))
  expect(statuses).toEqual([...Array(5).fill(401), 429, 429])
})

it('gives a signed-in person five times as many, and says so', async () => {
  app = await limited({ RATE_LIMIT_PER_MINUTE: '2' })
  const ann = await app.person('ann')
  const first = await ann.get('/users/me')
  expect(first.headers).toMatchObject({ 'ratelimit-policy': '"user";q=10;w=60', 'x-ratelimit-remaining': '9' })
  expect(await repeated(10, () => ann.get('/users/me'))).toEqual([...Array(9).fill(200), 429])
})
