import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { happened } from '../../../test/audited.ts'
import { collectLog } from '../../../test/collected-log.ts'
import { connect } from '../../../test/live-client.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { newId } from '../../platform/ids.ts'

const log = collectLog()
let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  await app.listen()
})
afterAll(() => app.drop())

async function eventsOf(where: { userId?: string; type?: string; at?: TestApp }) {
  const { services, database } = where.at ?? app
  await services.deniedAccess.settled()
  let query = database.db.selectFrom('audit_events').selectAll().orderBy('at').orderBy('id')
  if (where.userId) query = query.where('user_id', '=', where.userId)
  if (where.type) query = query.where('type', '=', where.type)
  return (await query.execute()).map((row) => ({ ...row, detail: JSON.parse(row.detail) }))
}
const denialsOf = (visitor: Visitor, at: TestApp = app) =>
  eventsOf({ userId: visitor.userId, type: 'unauthorized_access_attempt', at })

describe('denied access', () => {
  it('LO3 D01: what the policy refuses to somebody known is written down', async () => {
    const ann = await app.person()
    const { headers } = await ann.get('/admin/audit?user_id=x', { 'user-agent': 'curl/8' })
    expect(await denialsOf(ann)).toEqual([
      expect.objectContaining({
        outcome: 'denied',
        success: 0,
        category: 'authorization',
        source: 'http',
        actor_id: ann.userId,
        actor_kind: 'user',
        session_id: ann.sessionId,
        ip: '127.0.0.1',
        user_agent: 'curl/8',
        method: 'GET',
        path: '/api/v1/admin/audit',
        request_id: headers['x-request-id'],
        detail: { code: 'admin_required', missing: 'audit:read' },
      }),
    ])
  })

  it('M33: a guest that writes is', async () => {
    const guest = await app.holderOf(['guest'])
    const answer = await guest.post('/conversations', { kind: 'direct', member_ids: [newId()] })
    expect(answer.json.code).toBe('forbidden')
    expect(await denialsOf(guest)).toMatchObject([{ detail: { code: 'forbidden', missing: 'conversations:create' } }])
  })

  it('AZ6: what a service refuses is too: reaching above oneself', async () => {
    const [admin, mona] = [await app.holderOf(['admin', 'user']), await app.holderOf(['moderator', 'user'])]
    const answer = await mona.post(`/admin/users/${admin.userId}/suspend`)
    expect([answer.status, answer.json.code]).toEqual([403, 'forbidden'])
    expect(await denialsOf(mona)).toMatchObject([
      { path: '/api/v1/admin/users/:id/suspend', detail: { code: 'forbidden' } },
    ])
  })

  it('LO3: an administrator who looks at accounts is written down', async () => {
    const [admin, ann] = [await app.holderOf(['admin', 'user']), await app.person()]
    await admin.get('/admin/users')
    await admin.get('/admin/users?limit=1')
    await admin.get(`/admin/users/${ann.userId}`)
    await admin.patch(`/admin/users/${ann.userId}`, { display_name: 'x' })
    const reads = (await eventsOf({ type: 'admin_read' })).filter((row) => row.actor_id === admin.userId)
    expect(reads.map((row) => [row.resource_type, row.resource_id])).toEqual([
      ['user', null],
      ['user', ann.userId],
    ])
  })

  it('what is refused to nobody known, for now only, or for its content is not', async () => {
    const before = await eventsOf({})
    const ann = await app.person()
    await app.visitor().get('/admin/audit')
    await app.visitor().get('/users/me', { authorization: 'Bearer x' })
    await ann.post('/conversations', { kind: 'direct' })
    await ann.get(`/conversations/${newId()}`)
    app.advance(601)
    expect((await ann.delete('/users/me/sessions?others=true')).json.code).toBe('reauthentication_required')
    await ann.patch('/users/me', {}, { 'x-csrf-token': 'x' })
    const since = (await eventsOf({})).slice(before.length).map(({ type }) => type)
    expect(since).not.toContain('unauthorized_access_attempt')
  })

  it('nobody fills the disk: ten a minute and person, whatever the limits are set to', async () => {
    const [ann, bob] = [await app.person(), await app.person()]
    await Promise.all(Array.from({ length: 40 }, () => ann.get('/admin/audit')))
    await bob.get('/admin/audit')
    expect([(await denialsOf(ann)).length, (await denialsOf(bob)).length]).toEqual([10, 1])
  })

  it('the answer does not depend on it: with the log out of reach it is the same', async () => {
    const broken = await createTestApp({}, { log: log.logger })
    const ann = await broken.person()
    const rename = (from: string, to: string) =>
      broken.database.unitOfWork(({ tx }) => sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(tx))
    await rename('audit_events', 'lost')
    const { status, json } = await ann.get('/admin/audit')
    expect([status, json.code]).toEqual([403, 'admin_required'])
    await broken.services.deniedAccess.settled()
    expect(log.find('could not be written down')).toHaveLength(1)
    await rename('lost', 'audit_events')
    await ann.get('/admin/audit')
    expect(await denialsOf(ann, broken)).toHaveLength(1)
    await broken.drop()
  })
})

describe('over sockets', () => {
  const viaProxy = { 'x-forwarded-for': '203.0.113.77, 198.51.100.4', 'user-agent': `phone${'x'.repeat(900)}` }
  const denied = async (variables: Record<string, string>, transports: string[]) => {
    const own = await createTestApp({ PORT: '0', ...variables })
    await own.listen()
    const guest = await own.holderOf(['guest'])
    const auth = { token: guest.cookies.get('access_token_cookie') ?? '' }
    const live = await connect(own, guest, { transports, extraHeaders: viaProxy, auth })
    const { error } = await live.ask('message.send', { conversation_id: newId(), client_id: 'a', text: 'a' })
    const [row] = await denialsOf(guest, own)
    live.close()
    await own.drop()
    return { error, row, guest }
  }

  it.each(['websocket', 'polling'])(
    'CF3: by %s a denial carries address and agent of the handshake',
    async (transport) => {
      const { error, row, guest } = await denied({ TRUSTED_PROXIES: '127.0.0.0/8,198.51.100.0/24' }, [transport])
      expect(error.code).toBe('forbidden')
      expect(row).toMatchObject({
        source: 'socket',
        path: 'message.send',
        method: null,
        ip: '203.0.113.77',
        user_agent: expect.stringMatching(/^phonex{495}$/),
        request_id: error.request_id,
        session_id: guest.sessionId,
        detail: { code: 'forbidden', missing: 'messages:send' },
      })
    },
  )

  it('CF3: of a stranger the address it came from counts, not the one it names', async () => {
    expect((await denied({}, ['websocket'])).row?.ip).toBe('127.0.0.1')
    expect((await denied({ TRUSTED_PROXIES: '198.51.100.0/24' }, ['polling'])).row?.ip).toBe('127.0.0.1')
  })
})

describe('D03: many refused attempts', () => {
  beforeEach(() => app.advance(601))

  const fail = (times: number, entry: object, ip?: string) =>
    Promise.all(
      Array.from({ length: times }, () =>
        happened(
          app,
          { type: 'login_failed', outcome: 'failure', ...entry },
          ip ? { client: { ip, userAgent: 'x' } } : {},
        ),
      ),
    )
  const told = async () =>
    (await eventsOf({ type: 'suspicious_activity' })).map((row) => [row.resource_id, row.detail.attempts])
  const watch = () => app.services.suspicionWatch.run()

  it('of one account are told, to its owner too and as a warning, once in ten minutes', async () => {
    const ann = await app.person()
    await fail(9, { userId: ann.userId })
    const before = await told()
    await watch()
    expect(await told()).toEqual(before)
    await fail(1, { userId: ann.userId, type: 'mfa_failed' })
    expect(await watch()).toBe(1)
    expect((await told()).at(-1)).toEqual([ann.userId, 10])
    expect(log.find(ann.userId).filter(({ event }) => event === 'suspicious_activity')).toEqual([
      expect.objectContaining({ level: 'warn', user: ann.userId, attempts: 10 }),
    ])
    const [newest] = (await ann.get('/users/me/security-log')).json.data
    expect(newest).toMatchObject({
      event_type: 'suspicious_activity',
      success: false,
      actor: { id: null, kind: 'system' },
      resource: { type: 'user', id: ann.userId },
      detail: { attempts: 10, window_seconds: 600 },
    })
    await fail(5, { userId: ann.userId })
    expect(await watch()).toBe(0)
    app.advance(601)
    expect(await watch()).toBe(0)
    await fail(10, { userId: ann.userId })
    expect(await watch()).toBe(1)
  })

  it('from one network are told, its addresses together', async () => {
    for (let i = 0; i < 14; i++) await fail(1, {}, `2001:db8:7:7::${i.toString(16)}`)
    await fail(14, {}, '203.0.113.5')
    expect(await watch()).toBe(0)
    await fail(1, {}, '2001:db8:7:7:ffff::1')
    expect(await watch()).toBe(1)
    expect((await told()).at(-1)).toEqual(['2001:db8:7:7::/64', 15])
  })

  it('D02: guesses at names are told by their network, and no name nobody has is kept', async () => {
    const own = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1' })
    const guess = (i: number) =>
      own
        .visitor()
        .post('/auth/login', { identifier: `slipped-${i}`, password: 'x' }, { 'x-forwarded-for': '203.0.113.8' })
    for (let i = 0; i < 15; i++) expect((await guess(i)).status).toBe(401)
    expect(await own.services.suspicionWatch.run()).toBe(1)
    const rows = await eventsOf({ at: own })
    expect(rows.filter(({ type, ip }) => type === 'login_failed' && ip === '203.0.113.8')).toHaveLength(15)
    expect(rows.at(-1)).toMatchObject({ type: 'suspicious_activity', resource_id: '203.0.113.8', user_id: null })
    expect(JSON.stringify(rows)).not.toContain('slipped')
    await own.drop()
  })

  it('of a real person are told: denials count', async () => {
    const ann = await app.person()
    for (let i = 0; i < 10; i++) await ann.get('/admin/audit')
    await app.services.deniedAccess.settled()
    expect(await watch()).toBe(1)
    expect((await told()).at(-1)).toEqual([ann.userId, 10])
  })

  it('twenty watches at once tell once', async () => {
    const userId = newId()
    await fail(12, { userId })
    const counts = await Promise.all(Array.from({ length: 20 }, watch))
    expect(counts.reduce((a, b) => a + b)).toBe(1)
    expect((await told()).filter(([id]) => id === userId)).toHaveLength(1)
  })

  it('what succeeded is none', async () => {
    await Promise.all(Array.from({ length: 30 }, () => happened(app, { type: 'login_success', userId: newId() }, {})))
    expect(await watch()).toBe(0)
  })
})
