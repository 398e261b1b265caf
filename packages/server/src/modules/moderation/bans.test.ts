import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let moderator: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', TRUSTED_PROXIES: '127.0.0.1' })
  await app.listen()
  moderator = await app.holderOf(['moderator'])
})
afterAll(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const ban = (body: object, by: Visitor = moderator) => by.post('/admin/bans', { reason: 'spam', ...body })
const login = (name: string) => app.visitor().post('/auth/login', { identifier: name, password })
const inSeconds = (seconds: number) => new Date(app.now().getTime() + seconds * 1000).toISOString()
/** At another address, as a trusted proxy tells it. */
const from = (ip: string, who: Visitor = app.visitor()) => {
  const copy = who.copy()
  copy.headers = { 'x-forwarded-for': ip }
  return copy
}

describe('a banned person', () => {
  it('AZ5 SE3: is out at once: session, API key, socket, sign-in', async () => {
    const bob = await app.person()
    const { services } = app
    const owner = {
      ...{ kind: 'user' as const, userId: bob.userId, sessionId: '', roles: ['user'], status: 'active' as const },
    }
    const actor = { ...owner, permissions: ['*'], mfaOwed: false, impersonatorId: null, authTime: 0, aal: 1 as const }
    const { key } = await services.apiKeys.create(actor, actor, { name: 'x', scopes: ['*'] })
    const live = await connect(app, bob)
    expect((await app.visitor().get('/users/me', { 'x-api-key': key })).status).toBe(200)
    const made = await ban({ user_id: bob.userId })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ kind: 'user', user: { id: bob.userId }, until: null, network: null })
    expect(outcome(await bob.get('/users/me'))).toEqual([401, 'session_revoked'])
    expect(outcome(await bob.post('/auth/refresh'))).toEqual([401, 'refresh_invalid'])
    expect((await app.visitor().get('/users/me', { 'x-api-key': key })).status).toBe(401)
    expect(await live.hears('session.ended')).toMatchObject({ reason: 'suspended' })
    expect(outcome(await login(bob.username))).toEqual([403, 'account_suspended'])
    expect((await moderator.get(`/users/@${bob.username}`)).status).toBe(404)
    expect((await moderator.get(`/users?search=${bob.username}`)).json.data).toEqual([])
    expect((await app.mails(`${bob.username}@example.com`)).at(-1)?.subject).toMatch(/suspended/i)
    live.close()
  })

  it('is let in again by itself when the ban ends, and the list forgets it', async () => {
    const bob = await app.person()
    const until = inSeconds(3600)
    const { id } = (await ban({ user_id: bob.userId, until })).json
    const mail = (await app.mails(`${bob.username}@example.com`)).at(-1)
    expect(mail?.text).toMatch(/until \d+ \w+ \d{4} at/)
    const refused = await login(bob.username)
    expect([refused.json.code, refused.json.suspended_until]).toEqual(['account_suspended', until])
    app.advance(3601)
    expect((await login(bob.username)).status).toBe(200)
    await moderator.post('/auth/reauthenticate', { password })
    expect((await moderator.get('/admin/bans?kind=user')).json.data.map((row: { id: string }) => row.id)).not.toContain(
      id,
    )
    expect((await ban({ user_id: bob.userId, until: inSeconds(60) })).status).toBe(201)
    app.advance(61)
    expect(await app.services.bans.purge()).toBeGreaterThan(0)
    const row = await app.database.db
      .selectFrom('users')
      .select('banned_until')
      .where('id', '=', bob.userId)
      .executeTakeFirst()
    expect(row?.banned_until).toBe(null)
  })

  it('is let in again when a moderator lifts it', async () => {
    const bob = await app.person()
    const { id } = (await ban({ user_id: bob.userId })).json
    expect((await moderator.get(`/admin/bans/${id}`)).json).toMatchObject({ id, reason: 'spam' })
    expect((await moderator.delete(`/admin/bans/${id}`)).status).toBe(204)
    expect((await login(bob.username)).status).toBe(200)
    expect(outcome(await moderator.delete(`/admin/bans/${id}`))).toEqual([404, 'not_found'])
    const admin = await app.holderOf(['admin'])
    const { data } = (await admin.get(`/admin/audit?user_id=${bob.userId}&limit=1000`)).json
    expect(data.map(({ event_type }: { event_type: string }) => event_type)).toEqual(
      expect.arrayContaining(['ban_created', 'ban_removed']),
    )
  })

  it('M55: banned by many at once, is banned once', async () => {
    const bob = await app.person()
    const answers = await Promise.all(Array.from({ length: 5 }, () => ban({ user_id: bob.userId })))
    expect(answers.map(outcome).sort()).toEqual([[201, undefined], ...Array(4).fill([409, 'already_exists'])].sort())
  })

  it('AZ6: is nobody who may do more than the moderator, nor the moderator', async () => {
    const admin = await app.holderOf(['admin'])
    expect(outcome(await ban({ user_id: admin.userId }))).toEqual([403, 'forbidden'])
    expect(outcome(await ban({ user_id: moderator.userId }))).toEqual([409, 'state_conflict'])
    expect(outcome(await ban({ user_id: '01890000-0000-7000-8000-000000000000' }))).toEqual([404, 'not_found'])
    expect((await ban({ user_id: admin.userId }, await app.person())).status).toBe(403)
  })
})

describe('a banned network', () => {
  it('AZ5: is refused at every door but health, at once, and heard no more', async () => {
    const bob = await app.person()
    const away = from('203.0.113.7', bob)
    const live = await connect(app, bob, {
      extraHeaders: { cookie: bob.cookieHeader, origin: app.config.publicUrl.origin, 'x-forwarded-for': '203.0.113.7' },
    })
    expect((await away.get('/users/me')).status).toBe(200)
    const { id } = (await ban({ network: '203.0.113.0/24' })).json
    await live.hears('disconnect')
    expect(outcome(await away.get('/users/me'))).toEqual([403, 'forbidden'])
    expect(outcome(await from('203.0.113.200').post('/auth/login', { identifier: 'x', password }))).toEqual([
      403,
      'forbidden',
    ])
    expect((await from('203.0.113.200').get('/nowhere')).status).toBe(403)
    for (const path of ['/health', '/live', '/ready']) expect((await from('203.0.113.7').get(path)).status).toBe(200)
    expect((await from('203.0.114.7', bob).get('/users/me')).status).toBe(200)
    const refused = await connect(app, bob, {
      extraHeaders: { cookie: bob.cookieHeader, origin: app.config.publicUrl.origin, 'x-forwarded-for': '203.0.113.9' },
    }).catch((error: { problem: { code: string } }) => error.problem.code)
    expect(refused).toBe('forbidden')
    await moderator.delete(`/admin/bans/${id}`)
    expect((await away.get('/users/me')).status).toBe(200)
  })

  it('is let in again by itself', async () => {
    await ban({ network: '198.51.100.1', until: inSeconds(60) })
    expect((await from('198.51.100.1').get('/users/@x')).status).toBe(403)
    expect((await from('198.51.100.2').get('/users/@x')).status).toBe(404)
    app.advance(61)
    expect((await from('198.51.100.1').get('/users/@x')).status).toBe(404)
  })

  it('of one IPv6 address is its whole /64', async () => {
    const made = await ban({ network: '2001:db8:0:1::5' })
    expect(made.json.network).toBe('2001:db8:0:1::/64')
    expect((await from('2001:db8:0:1:ffff::1').get('/users/@x')).status).toBe(403)
    expect((await from('2001:db8:0:2::1').get('/users/@x')).status).toBe(404)
  })

  it('is known after a restart, and to another instance', async () => {
    await ban({ network: '192.0.2.66' })
    const { NetworkBans } = await import('./network-bans.ts')
    const other = new NetworkBans({ database: app.database, bus: app.bus, now: app.now })
    expect(other.isBanned('192.0.2.66')).toBe(false)
    await other.watch()
    expect([other.isBanned('192.0.2.66'), other.isBanned('192.0.2.67')]).toEqual([true, false])
  })

  it.each([
    [{ network: '0.0.0.0/0' }, 422],
    [{ network: '10.0.0.0/7' }, 422],
    [{ network: '2001::/8' }, 422],
    [{ network: 'example.com' }, 422],
    [{ network: '203.0.113.5/33' }, 422],
    [{}, 422],
    [{ network: '192.0.2.1', until: '2001-01-01T00:00:00Z' }, 422],
    [{ network: '192.0.2.1', until: 'tomorrow' }, 422],
    [{ network: '192.0.2.1', reason: ' ' }, 422],
    [{ network: '127.0.0.0/8' }, 409],
  ])('is none that makes no sense, or that the moderator is in: %j', async (body, status) => {
    expect((await ban(body)).status).toBe(status)
  })
})
