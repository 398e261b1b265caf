import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { userStateChanged } from '../sessions/index.ts'

const log = collectLog()
const secrets = new Set<string>()
let app: TestApp
let ann: Visitor
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  await app.listen()
  ann = await app.person('ann')
  admin = await app.holderOf(['admin', 'user'], 'boss')
})
afterAll(async () => {
  await app.drop()
  expect(log.find('"msg":"request"').length).toBeGreaterThan(40)
  expect(log.leaks(secrets)).toEqual([])
})

const keys = '/users/me/api-keys'
const outcome = ({ status, json }: Answer) => [status, json?.code]

async function keyOf(person: Visitor, scopes: string[], more: object = {}): Promise<{ id: string; key: string }> {
  const answer = await person.post(keys, { name: 'a program', scopes, ...more })
  expect([answer.status, answer.json?.detail]).toEqual([201, undefined])
  secrets.add(answer.json.key)
  return answer.json
}

const as = (key: string, more: Record<string, string> = {}) =>
  Object.assign(app.visitor(), { headers: { 'x-api-key': key, ...more } })

describe('S14: who comes with an API key', () => {
  it('S14: is its owner, as X-API-Key or as bearer token, without cookies and CSRF', async () => {
    const { key } = await keyOf(ann, ['account:read', 'account:update'])
    for (const headers of [
      { 'x-api-key': key },
      { authorization: `Bearer ${key}` },
      { authorization: `bearer ${key}` },
      { authorization: `Bearer ${key}`, 'x-api-key': key },
      { 'x-api-key': key, cookie: admin.cookieHeader },
    ]) {
      const answer = await app.visitor().get('/users/me', headers)
      expect(answer.json.username).toBe('ann')
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect((await as(key).patch('/users/me', { bio: 'by a program' })).json.bio).toBe('by a program')
    // SE10: a page cannot make a browser send the header, so the origin of a request with it does not matter.
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await as(key, foreign).patch('/users/me', { bio: 'again' })).status).toBe(200)
  })

  it('M12: is read from no other place', async () => {
    const { key } = await keyOf(ann, ['account:read'])
    for (const headers of [
      { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
      { authorization: key },
      { authorization: `Bearer ${key}`, 'x-api-key': `${key}x` },
      { cookie: `access_token_cookie=${key}` },
      { 'x-api-key': `${key},${key}` },
      { 'x-api-key': ` ${key}x` },
      { 'x-api-key': key.slice(0, -1) },
      { 'x-api-key': `${key}A` },
      { 'x-api-key': key.toLowerCase() },
      { 'x-api-key': key.slice(3) },
      { 'x-api-key': 'sk_' },
      { 'x-api-key': '__proto__' },
      { 'x-api-key': `sk_${'A'.repeat(5000)}` },
    ] as Record<string, string>[]) {
      expect([headers, ...outcome(await app.visitor().get('/users/me', headers))]).toEqual([
        headers,
        401,
        'token_invalid',
      ])
    }
    for (const name of ['api_key', 'key', 'token', 'x-api-key']) {
      const answer = await app.visitor().get(`/users/me?${name}=${key}`)
      expect(outcome(answer)).toEqual([401, 'authentication_required'])
    }
  })

  it('WS1: is no credential of a socket', async () => {
    const { key } = await keyOf(ann, ['events:read'])
    await expect(connect(app, ann, { extraHeaders: {}, auth: { token: key } })).rejects.toMatchObject({
      problem: { status: 401, code: 'token_invalid' },
    })
    await expect(connect(app, ann, { extraHeaders: { 'x-api-key': key } })).rejects.toMatchObject({
      problem: { status: 401, code: 'authentication_required' },
    })
  })

  it('is written down as the key it was', async () => {
    const { id, key } = await keyOf(admin, ['roles:update'])
    expect((await as(key).post('/admin/roles', { name: 'by_key' })).status).toBe(201)
    const row = await app.database.db
      .selectFrom('audit_events')
      .select(['actor_id', 'actor_kind', 'session_id'])
      .where('resource_id', '=', 'by_key')
      .executeTakeFirstOrThrow()
    expect(row).toEqual({ actor_id: admin.userId, actor_kind: 'api_key', session_id: id })
  })
})

describe('AZ7: what a key may', () => {
  it('AZ7 M33: is what its scopes say and nothing else', async () => {
    const reading = as((await keyOf(ann, ['account:read', 'people:read'])).key)
    expect((await reading.get('/users/me')).status).toBe(200)
    expect((await reading.get('/users?search=bo')).status).toBe(200)
    for (const [answer, scope] of [
      [await reading.patch('/users/me', { bio: 'x' }), 'account:update'],
      [await reading.get('/conversations'), 'conversations:read'],
      [await reading.post('/conversations', { kind: 'direct', username: 'boss' }), 'conversations:create'],
      [await reading.post('/sync', { epoch: '', streams: {} }), 'events:read'],
    ] as const) {
      expect([...outcome(answer), answer.json.required_scope]).toEqual([403, 'scope_missing', scope])
    }
  })

  it('AZ7: opens no administration without scope, and none its owner does not have', async () => {
    const without = as((await keyOf(admin, ['account:read'])).key)
    expect(outcome(await without.get('/admin/roles'))).toEqual([403, 'scope_missing'])
    const reader = as((await keyOf(admin, ['roles:read'])).key)
    expect((await reader.get('/admin/roles')).status).toBe(200)
    expect(outcome(await reader.post('/admin/roles', { name: 'x_y' }))).toEqual([403, 'scope_missing'])
    // AZ6: what it makes is within its scopes, whatever its owner may.
    const writer = as((await keyOf(admin, ['roles:update', 'roles:read'])).key)
    const raised = await writer.post('/admin/roles', { name: 'raised', permissions: ['*'] })
    expect(outcome(raised)).toEqual([403, 'forbidden'])
    expect((await writer.post('/admin/roles', { name: 'level', permissions: ['roles:read'] })).status).toBe(201)
  })

  it('AZ7 M36: reaches nobody who may do more than its scopes say, whatever its owner may', async () => {
    const other = await app.holderOf(['admin', 'user'])
    const mona = await app.holderOf(['moderator', 'user'])
    const cleaner = as((await keyOf(admin, ['users:read', 'users:update', 'users:delete'])).key)
    const above = [
      await cleaner.patch(`/admin/users/${other.userId}`, { display_name: 'Taken over' }),
      await cleaner.post(`/admin/users/${other.userId}/reset-mfa`),
      await cleaner.post(`/admin/users/${other.userId}/force-password-reset`),
      await cleaner.delete(`/admin/users/${other.userId}`),
      await cleaner.delete(`/admin/users/${mona.userId}`),
    ]
    expect(above.map(outcome)).toEqual(above.map(() => [403, 'forbidden']))
    expect((await cleaner.post(`/admin/users/${ann.userId}/unlock`)).status).toBe(204)
    const { data } = (await cleaner.get('/admin/users?search=ann')).json
    expect(data[0].can_impersonate).toBe(false)
    const whole = as((await keyOf(admin, ['*'])).key)
    expect((await whole.post(`/admin/users/${other.userId}/unlock`)).status).toBe(204)
  })

  it('AZ7: makes no keys, and changes no credentials, on any route that does', async () => {
    const { id, key } = await keyOf(admin, ['*'])
    const { paths } = app.http.swagger() as unknown as { paths: Record<string, Record<string, { 'x-access': string }>> }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { 'x-access': access }]) => ({ path, method, access })),
    )
    const closed = routes.filter(({ path, access }) => access === 'user' || path.startsWith('/api/v1/auth/'))
    expect(closed.length).toBeGreaterThan(20)
    for (const { path, method } of closed) {
      const url = path.replace('/api/v1', '').replace(/\{\w+\}/, id)
      const answer = await as(key).send(method.toUpperCase() as 'GET', url, method === 'get' ? undefined : {})
      expect([method, url, ...outcome(answer)]).toEqual([method, url, 403, 'forbidden'])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    for (const path of ['/api/v1/users/me/api-keys', '/api/v1/users/me/password', '/api/v1/auth/login']) {
      expect(closed.map((route) => route.path)).toContain(path)
    }
    expect((await admin.get(`${keys}/${id}`)).json.version).toBe(1)
  })
})

describe('AZ7: a key dies', () => {
  const me = async (key: string) => outcome(await as(key).get('/users/me'))
  const works = [200, undefined]
  const dead = [401, 'token_invalid']

  it('AZ7: when it is deleted, and with its old text when it gets a new one', async () => {
    const { id, key } = await keyOf(ann, ['account:read'])
    expect(await me(key)).toEqual(works)
    const rotated = (await ann.post(`${keys}/${id}/rotate`)).json
    secrets.add(rotated.key)
    expect([await me(key), await me(rotated.key)]).toEqual([dead, works])
    await ann.delete(`${keys}/${id}`)
    expect(await me(rotated.key)).toEqual(dead)
  })

  it('AZ7: when its time is over', async () => {
    const { key } = await keyOf(ann, ['account:read'], { expires_at: new Date(Date.now() + 60_000).toISOString() })
    expect(await me(key)).toEqual(works)
    app.advance(61)
    expect(await me(key)).toEqual(dead)
    app.advance(-61)
    expect(await me(key)).toEqual(works)
  })

  it('AZ5 AZ7: with the rights of its owner', async () => {
    const chief = await app.holderOf(['moderator', 'admin'])
    const { key } = await keyOf(chief, ['roles:read', 'account:read'])
    expect((await as(key).get('/admin/roles')).status).toBe(200)
    await app.services.administration.setRoles(chief.username, ['user'])
    expect(outcome(await as(key).get('/admin/roles'))).toEqual([403, 'admin_required'])
    expect(await me(key)).toEqual(works)

    await admin.post('/admin/roles', { name: 'archivist', permissions: ['roles:read', 'account:read'] })
    const archivist = await app.holderOf(['archivist'])
    const second = await keyOf(archivist, ['roles:read'])
    expect((await as(second.key).get('/admin/roles')).status).toBe(200)
    await admin.patch('/admin/roles/archivist', { permissions: ['account:read'] })
    expect(outcome(await as(second.key).get('/admin/roles'))).toEqual([403, 'admin_required'])
  })

  it('SE3 AZ7: with its owner: suspended, waiting for deletion, gone', async () => {
    const bert = await app.person('bert')
    const { key } = await keyOf(bert, ['account:read'])
    expect(await me(key)).toEqual(works)
    await app.services.administration.setStatus('bert', 'suspended')
    expect(await me(key)).toEqual(dead)
    await app.services.administration.setStatus('bert', 'active')
    expect(await me(key)).toEqual(works)

    const carl = await app.person('carl')
    const other = await keyOf(carl, ['account:read'])
    const state = (status: string) =>
      app.database.unitOfWork(async (uow) => {
        await uow.tx.updateTable('users').set({ status }).where('id', '=', carl.userId).execute()
        uow.afterCommit(() => app.bus.publish(userStateChanged, { userId: carl.userId }))
      })
    await state('deletion_pending')
    expect(await me(other.key)).toEqual(dead)
    await state('active')
    expect(await me(other.key)).toEqual(works)
    await app.database.unitOfWork((uow) => app.services.apiKeys.revokeAll(uow, carl.userId))
    expect(await me(other.key)).toEqual(dead)
  })
})

it('M09: a key outlives the sessions of its owner, and a password change', async () => {
  const { key } = await keyOf(ann, ['account:read'])
  await ann.put('/users/me/password', { current_password: password, new_password: 'another quiet harbour' })
  await ann.post('/auth/logout')
  expect((await as(key).get('/users/me')).status).toBe(200)
})
