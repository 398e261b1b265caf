import { afterEach, expect, it } from 'vitest'
import { createTestDatabase } from '../databases.ts'
import { addTotp } from '../second-factors.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const [first, second] = ['kdjfhg8374hgf-2389rhfwe-9283hfwei7', 'Zq3-8dPqkXv27_ttWmNbR5yHc1LfJ6sAxx']
let app: TestApp
afterEach(() => app.drop())

/** The same database under another key; `carry` takes the browser along. */
async function restart(database: Awaited<ReturnType<typeof createTestDatabase>>, variables: Record<string, string>) {
  await app?.close()
  app = await createTestApp(variables, {}, database)
}
const outcome = ({ status, json }: Answer) => [status, json?.code]

it('TK5: an old key verifies until its tokens end, the new one signs, and without it they are worth nothing', async () => {
  const database = await createTestDatabase()
  await restart(database, { SECRET_KEY: first })
  const ann: Visitor = await app.person('ann')
  const phone = await addTotp(app, ann)

  await restart(database, { SECRET_KEY: second, SECRET_KEYS_OLD: first })
  const browser = ann.copy(app)
  expect((await browser.get('/users/me')).json.username).toBe('ann')
  await browser.get('/auth/csrf')
  expect((await browser.post('/auth/refresh')).status).toBe(200)
  const renewed = browser.copy(app)
  // A seed sealed with the old key still opens.
  const login = await app.visitor().post('/auth/login', { identifier: 'ann', password })
  app.advance(60)
  const code = phone.code(2)
  expect(login.json.status).toBe('mfa_required')
  expect(
    (await app.visitor().post('/auth/mfa/verify', { mfa_token: login.json.mfa_token, method: 'totp', code })).status,
  ).toBe(200)

  await restart(database, { SECRET_KEY: second })
  expect(outcome(await ann.copy(app).get('/users/me'))).toEqual([401, 'token_invalid'])
  expect((await renewed.copy(app).get('/users/me')).status).toBe(200)
})
