import { afterEach, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const signIn = async (name: string, headers: Record<string, string>, device_name?: string) => {
  const visitor = app.visitor()
  visitor.headers = headers
  const answer = await visitor.post('/auth/login', {
    identifier: name,
    password,
    ...(device_name ? { device_name } : {}),
  })
  expect(answer.status).toBe(200)
  return Object.assign(visitor, { sessionId: answer.json.session_id as string })
}

it('SE3: an administrator finds a session by account, device or address, and ends it', async () => {
  app = await createTestApp({ PORT: '0', TRUSTED_PROXIES: '127.0.0.1' })
  await app.listen()
  const root = await app.holderOf(['admin'], 'root')
  const ann = await app.person('ann')
  const phone = await signIn(
    'ann',
    { 'user-agent': 'Firefox 100% phone', 'x-forwarded-for': '192.0.2.7' },
    'Ann’s Telephone',
  )
  await app.person('bob')
  const ids = async (query: string) =>
    (await root.get(`/admin/sessions?${query}`)).json.data.map(({ id }: { id: string }) => id)

  const all = await root.get('/admin/sessions')
  expect(all.json.data).toHaveLength(4)
  expect(all.json.data[1]).toMatchObject({
    ...{ id: phone.sessionId, current: false, ip: '192.0.2.7', device_name: 'Ann’s Telephone', method: 'password' },
    ...{ user: { id: ann.userId, username: 'ann' }, impersonator_id: null },
  })
  expect(all.json.data[3]).toMatchObject({ id: root.sessionId, current: true })
  expect(all.body).not.toMatch(/token|refresh|counter|email/)

  expect(await ids('search=AN')).toEqual([phone.sessionId, ann.sessionId])
  expect(await ids('search=@ann&device=telephone')).toEqual([phone.sessionId])
  expect(await ids('device=100%25')).toEqual([phone.sessionId])
  expect(await ids('device=1_0')).toEqual([])
  expect(await ids('ip=::ffff:192.0.2.7')).toEqual([phone.sessionId])
  expect(await ids(`user_id=${ann.userId}&search=bob`)).toEqual([])
  expect(await ids('search=nobody')).toEqual([])

  const first = (await root.get('/admin/sessions?limit=2')).json
  const second = (await root.get(`/admin/sessions?limit=2&cursor=${first.page.next_cursor}`)).json
  expect([...first.data, ...second.data]).toEqual(all.json.data)
  expect(second.page.has_more).toBe(false)

  const live = await connect(app, root)
  expect((await root.delete(`/admin/sessions/${phone.sessionId}`)).status).toBe(204)
  await live.hears('admin.changed', (news) => (news as { what: string }).what === 'sessions')
  live.close()
  expect((await phone.get('/users/me')).json.code).toBe('session_revoked')
  expect((await ann.get('/users/me')).status).toBe(200)
  expect(await ids('search=ann')).toEqual([ann.sessionId])
  for (const id of [phone.sessionId, ann.userId]) {
    expect((await root.delete(`/admin/sessions/${id}`)).json.code).toBe('not_found')
  }
  const audit = (await root.get('/admin/audit?event_type=session_revoked')).json.data
  expect(audit).toEqual([
    expect.objectContaining({
      ...{ user_id: ann.userId, resource: { type: 'session', id: phone.sessionId } },
      actor: { id: root.userId, kind: 'user' },
    }),
  ])
})

it('AZ6: who stands above is seen and stays signed in; a moderator sees and ends nothing; a member sees nothing', async () => {
  app = await createTestApp()
  const root = await app.holderOf(['admin'])
  await root.post('/admin/roles', { name: 'helper', permissions: ['users:read', 'users:update'], inherits: ['user'] })
  const helper = await app.holderOf(['helper'])
  const moderator = await app.holderOf(['moderator'])
  const ann = await app.person('ann')
  const end = async (who: typeof root, id: string) => (await who.delete(`/admin/sessions/${id}`)).status

  expect((await helper.get('/admin/sessions')).json.data).toHaveLength(4)
  expect(await end(helper, root.sessionId)).toBe(403)
  expect((await root.get('/users/me')).status).toBe(200)
  expect((await moderator.get('/admin/sessions')).status).toBe(200)
  expect(await end(moderator, ann.sessionId)).toBe(403)
  expect([(await ann.get('/admin/sessions')).status, await end(ann, root.sessionId)]).toEqual([403, 403])
  expect(await end(helper, ann.sessionId)).toBe(204)
  expect((await ann.get('/users/me')).status).toBe(401)

  app.advance(601)
  const denied = await root.delete(`/admin/sessions/${moderator.sessionId}`)
  expect(denied.json.code).toBe('reauthentication_required')
})
