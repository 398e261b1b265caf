import { afterEach, expect, it } from 'vitest'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

it('lets guests in only where they are wanted', async () => {
  app = await createTestApp()
  expect((await app.visitor().post('/auth/guest', {})).json.code).toBe('forbidden')
})

it('M33: a guest looks around and changes nothing', async () => {
  app = await createTestApp({ GUEST_ACCOUNTS: 'true' })
  const guest = app.visitor()
  const entered = await guest.post('/auth/guest', {})
  expect(entered.json.user).toMatchObject({ kind: 'guest', email: null, roles: ['guest'], has_password: false })
  expect((await guest.get('/conversations')).status).toBe(200)
  for (const [method, url, body] of [
    ['PATCH', '/users/me', { bio: 'x' }],
    ['POST', '/conversations', { kind: 'direct', username: 'ann' }],
  ] as const) {
    const refused = await guest.send(method, url, body)
    expect([url, refused.status, refused.json.code]).toEqual([url, 403, 'forbidden'])
  }
})

it('SE4: a guest becomes a person, keeps the account and gets a new session', async () => {
  app = await createTestApp({ GUEST_ACCOUNTS: 'true' })
  const guest = app.visitor()
  const { user, session_id } = (await guest.post('/auth/guest', {})).json
  const before = guest.copy()
  await app.person('ann')
  const taken = await guest.post('/auth/guest/upgrade', { username: 'Ann', email: 'new@example.com', password })
  expect([taken.status, taken.json.code]).toEqual([409, 'username_taken'])
  const upgraded = await guest.post('/auth/guest/upgrade', { username: 'gus', email: 'gus@example.com', password })
  expect(upgraded.json.user).toMatchObject({ id: user.id, username: 'gus', kind: 'person', roles: ['user'] })
  expect(upgraded.json.session_id).not.toBe(session_id)
  expect((await before.get('/users/me')).status).toBe(401)
  expect((await app.visitor().post('/auth/login', { identifier: 'gus', password })).status).toBe(200)
  const twice = await guest.post('/auth/guest/upgrade', { username: 'gus2', email: 'gus2@example.com', password })
  expect([twice.status, twice.json.code]).toEqual([409, 'state_conflict'])
})
