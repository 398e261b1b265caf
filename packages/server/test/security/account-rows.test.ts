import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect } from '../live-client.ts'
import { type Answer, createTestApp, password, type TestApp } from '../test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const register = (username: string, more: object = {}) =>
  app.visitor().post('/auth/register', {
    username,
    email: `${Buffer.from(username).toString('hex')}@example.com`,
    password,
    ...more,
  })

it('AU15: at the first start there is no account, and the printed token makes one administrator', async () => {
  const fresh = await createTestApp()
  const users = await fresh.database.db.selectFrom('users').select('id').execute()
  expect(users).toEqual([])
  for (const [identifier, word] of [
    ['admin', 'admin'],
    ['admin', 'password'],
    ['root', 'root'],
    ['atrium', 'atrium'],
  ]) {
    const tried = await fresh.visitor().post('/auth/login', { identifier, password: word })
    expect(outcome(tried)).toEqual([401, 'invalid_credentials'])
  }
  const token = await fresh.services.setup.prepare()
  const first = { token, username: 'dora', email: 'dora@example.com', password }
  expect((await fresh.visitor().post('/setup', { ...first, token: 'guessed' })).status).toBe(401)
  const made = await fresh.visitor().post('/setup', first)
  expect(made.json.user.roles).toContain('admin')
  const again = { ...first, username: 'eve', email: 'eve@example.com' }
  expect(outcome(await fresh.visitor().post('/setup', again))).toEqual([404, 'not_found'])
  await fresh.drop()
})

it('SE7: a session ends unused after 7 days, and after 30 days however much it is used', async () => {
  const own = await createTestApp()
  const idle = await own.person()
  own.advance(7 * 86_400 + 1)
  expect((await idle.post('/auth/refresh')).status).toBe(401)

  const busy = await own.person()
  for (let day = 0; day < 27; day += 3) {
    own.advance(3 * 86_400)
    const refreshed = await busy.post('/auth/refresh')
    expect([day, refreshed.status]).toEqual([day, 200])
  }
  own.advance(3 * 86_400 + 1)
  expect((await busy.post('/auth/refresh')).status).toBe(401)
  expect((await busy.get('/users/me')).status).toBe(401)
  await own.drop()
})

it('M04: a name that looks like another, or like the system, is refused or is its own', async () => {
  for (const name of ['admin', 'ADMIN', 'Admin ', 'ＡＤＭＩＮ', 'аdmin', 'root', 'system', '.', '..', '-_.', 'a b']) {
    expect([name, (await register(name)).status]).toEqual([name, 422])
  }
  expect((await register('user_1')).status).toBe(201)
  expect(outcome(await register('USER_1'))).toEqual([409, 'username_taken'])
})

it('M30 AZ3: nobody gives themselves what is not theirs to give', async () => {
  const ann = await app.person()
  const before = await ann.get('/users/me')
  const tricks = [
    { role: 'admin' },
    { roles: ['admin'] },
    { user: { role: 'admin' } },
    { id: ann.sessionId },
    { email_verified: true },
    { kind: 'service' },
    { status: 'active' },
    { password_hash: 'x' },
    { permissions: ['*'] },
    { mfa_enabled: true },
    { created_at: '2000-01-01T00:00:00.000Z' },
    { version: 99 },
  ]
  for (const trick of tricks) {
    expect([trick, (await ann.patch('/users/me', trick)).status]).toEqual([trick, 422])
    expect([trick, (await register('mallory', trick)).status]).toEqual([trick, 422])
  }
  const polluted = '{"bio":"x","__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}'
  const answer = await ann.send('PATCH', '/users/me', polluted, { 'content-type': 'application/json' })
  expect([400, 422]).toContain(answer.status)
  expect(({} as { role?: string }).role).toBeUndefined()
  const after = await ann.get('/users/me')
  expect([after.json.roles, after.json.version]).toEqual([before.json.roles, before.json.version])
})

it('M34: nobody joins a foreign conversation or room, or speaks for somebody else, over a socket', async () => {
  const [ann, bob, eve] = [await app.person(), await app.person(), await app.person()]
  const room = await app.conversation(ann, bob)
  const socket = await connect(app, eve)
  for (const [name, input] of [
    ['message.send', { conversation_id: room, client_id: '1', text: 'forged' }],
    ['message.read', { conversation_id: room, seq: 1 }],
    ['join', { room: `user_${ann.userId}` }],
    ['conversation.open', { conversation_id: room }],
    ['message.send', { conversation_id: room, client_id: '2', text: 'forged', sender_id: ann.userId }],
  ] as const) {
    expect((await socket.ask(name, input)).ok).toBe(false)
  }
  await ann.post(`/conversations/${room}/messages`, { client_id: '3', text: 'between the two of us' })
  // Its answer comes after anything that was on its way before.
  await socket.ask('ping')
  await expect(
    Promise.race([socket.hears('message.created').then(() => 'heard'), socket.ask('ping').then(() => 'silence')]),
  ).resolves.toBe('silence')
  expect((await bob.get(`/conversations/${room}/messages`)).json.data).toHaveLength(1)
  socket.close()
})

it('SE8: one sees one’s own sessions with where they are from, and ends one only with a recent proof', async () => {
  const fresh = await createTestApp()
  const [ann, bob] = [await fresh.person('ann'), await fresh.person('bob')]
  const phone = fresh.visitor()
  const signedIn = await phone.post('/auth/login', { identifier: 'ann', password, device_name: 'Phone' })
  const { data } = (await ann.get('/users/me/sessions')).json
  expect(data.map((each: { current: boolean; device_name: string }) => [each.current, each.device_name])).toEqual(
    expect.arrayContaining([
      [true, null],
      [false, 'Phone'],
    ]),
  )
  expect(data).toHaveLength(2)
  const seen = { ip: '127.0.0.1', user_agent: expect.any(String), created_at: expect.any(String) }
  for (const each of data) expect(each).toMatchObject({ ...seen, last_seen_at: expect.any(String) })

  const foreign = await bob.delete(`/users/me/sessions/${signedIn.json.session_id}`)
  expect(outcome(foreign)).toEqual([404, 'not_found'])
  fresh.advance(601)
  const late = await ann.delete(`/users/me/sessions/${signedIn.json.session_id}`)
  expect(outcome(late)).toEqual([403, 'reauthentication_required'])
  await ann.post('/auth/reauthenticate', { password })
  expect((await ann.delete(`/users/me/sessions/${signedIn.json.session_id}`)).status).toBe(204)
  expect((await phone.get('/users/me')).status).toBe(401)
  await fresh.drop()
})

it('AZ2 M29: what belongs to others is as unknown as what is not there', async () => {
  const [ann, bob, eve] = [await app.person(), await app.person(), await app.person()]
  const room = await app.conversation(ann, bob)
  const { id: key } = (await ann.post('/users/me/api-keys', { name: 'Backup', scopes: ['account:read'] })).json
  const theirs: [
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: (id: string) => string,
    id: string,
    body?: object,
  ][] = [
    ['DELETE', (id) => `/users/me/sessions/${id}`, ann.sessionId],
    ['GET', (id) => `/users/me/api-keys/${id}`, key],
    ['PATCH', (id) => `/users/me/api-keys/${id}`, key, { name: 'Mine' }],
    ['POST', (id) => `/users/me/api-keys/${id}/rotate`, key],
    ['DELETE', (id) => `/users/me/api-keys/${id}`, key],
    ['GET', (id) => `/conversations/${id}`, room],
    ['GET', (id) => `/conversations/${id}/messages`, room],
    ['POST', (id) => `/conversations/${id}/messages`, room, { client_id: 'c-1', text: 'let me in' }],
    ['PUT', (id) => `/conversations/${id}/read`, room, { seq: 0 }],
  ]
  for (const [method, path, id, body] of theirs) {
    const nobodys = `${id.slice(0, -4)}${id.endsWith('0000') ? '1111' : '0000'}`
    const [known, unknown] = [await eve.send(method, path(id), body), await eve.send(method, path(nobodys), body)]
    expect([path(id), ...outcome(known)]).toEqual([path(id), 404, 'not_found'])
    const told = ({ json: { request_id: _r, instance: _i, ...rest } }: Answer) => rest
    expect(told(known)).toEqual(told(unknown))
  }
})
