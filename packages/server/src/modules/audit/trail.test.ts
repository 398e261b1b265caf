import { afterAll, beforeAll, expect, it } from 'vitest'
import { happened as happenedAt } from '../../../test/audited.ts'
import { actorOf, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { CallContext } from '../../platform/context.ts'
import { newId } from '../../platform/ids.ts'
import type { AuditEntry } from './index.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp()
  admin = await app.holderOf(['admin', 'user'])
})
afterAll(() => app.drop())

const happened = (entry: AuditEntry, call: Partial<CallContext> = {}) => happenedAt(app, entry, call)

async function allPages(visitor: Visitor, path: string) {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asserts
  const pages: any[][] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `${path.includes('?') ? '&' : '?'}cursor=${cursor}`
    const { status, json, body } = await visitor.get(`${path}${query}`)
    expect([status, status === 200 ? '' : body]).toEqual([200, ''])
    pages.push(json.data)
    expect(json.page.has_more).toBe(json.page.next_cursor !== null)
    cursor = json.page.next_cursor
  }
  return pages
}

it('LO3: the administrator reads all of an event', async () => {
  const ann = await app.person()
  const { headers } = await ann.post('/auth/logout', undefined, { 'user-agent': 'phone' })
  const { status, json } = await admin.get(`/admin/audit?user_id=${ann.userId}&limit=1`)
  expect(status).toBe(200)
  expect(json).toEqual({
    data: [
      {
        id: expect.any(String),
        at: expect.stringMatching(/Z$/),
        event_type: 'logout',
        category: 'authentication',
        outcome: 'success',
        success: true,
        source: 'http',
        actor: { id: ann.userId, kind: 'user' },
        impersonator_id: null,
        user_id: ann.userId,
        session_id: ann.sessionId,
        ip: '127.0.0.1',
        user_agent: 'phone',
        method: 'POST',
        path: '/api/v1/auth/logout',
        request_id: headers['x-request-id'],
        resource: null,
        detail: {},
        keep_until: expect.stringMatching(/Z$/),
      },
    ],
    page: { limit: 1, next_cursor: expect.any(String), prev_cursor: null, has_more: true },
  })
})

it('AZ6 M32: nobody else does, whatever they hold', async () => {
  const none = [app.visitor(), await app.person(), await app.holderOf(['moderator', 'user'])]
  for (const [visitor, expected] of [
    [none[0], [401, 'authentication_required']],
    [none[1], [403, 'admin_required']],
    [none[2], [403, 'admin_required']],
  ] as const) {
    for (const path of ['/admin/audit', '/admin/audit/export', '/admin/audit?limit=1000']) {
      const { status, json } = await (visitor as Visitor).get(path)
      expect([status, json.code]).toEqual(expected)
    }
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    expect([404, 405]).toContain((await admin.send(method, '/admin/audit', {})).status)
    expect([404, 405]).toContain((await admin.send(method, `/admin/audit/${newId()}`, {})).status)
  }
})

it('filters are the conditions they say, alone and together', async () => {
  const [userId, actorId, other] = [newId(), newId(), newId()]
  const client = { ip: '2001:db8::7', userAgent: 'x' }
  await happened({ type: 'password_changed', userId, actorId }, { client })
  await happened({ type: 'login_failed', userId, actorId, outcome: 'failure' }, { client })
  await happened({ type: 'login_failed', userId: other, actorId, outcome: 'failure' }, { client })
  await happened({ type: 'logout', userId: other, actorId: other, outcome: 'denied' })
  const about = async (query: string) => {
    const { status, json } = await admin.get(`/admin/audit?${query}`)
    expect([query, status]).toEqual([query, 200])
    const events = json.data as { event_type: string; user_id: string; actor: { id: string }; success: boolean }[]
    return events
      .filter((event) => [userId, other].includes(event.user_id))
      .map((event) => `${event.event_type}:${event.user_id === userId ? 'user' : 'other'}`)
  }
  expect(await about(`user_id=${userId}`)).toEqual(['login_failed:user', 'password_changed:user'])
  expect(await about(`actor_id=${actorId}`)).toEqual([
    'login_failed:other',
    'login_failed:user',
    'password_changed:user',
  ])
  expect(await about(`actor_id=${actorId}&user_id=${userId}&success=true`)).toEqual(['password_changed:user'])
  expect(await about('event_type=login_failed')).toEqual(['login_failed:other', 'login_failed:user'])
  expect(await about('category=credentials')).toEqual(['password_changed:user'])
  expect(await about('ip=2001:DB8:0:0::7&success=false')).toEqual(['login_failed:other', 'login_failed:user'])
  expect(await about(`success=false&user_id=${other}`)).toEqual(['logout:other', 'login_failed:other'])
  expect(await about(`event_type=logout&category=authentication&actor_id=${other}&success=false`)).toEqual([
    'logout:other',
  ])
  expect(await about('event_type=logout&category=credentials')).toEqual([])
})

it('from is included, to is not, and zones are understood', async () => {
  const userId = newId()
  await happened({ type: 'logout', userId })
  const [row] = (await admin.get(`/admin/audit?user_id=${userId}`)).json.data
  const time = Date.parse(row.at)
  const count = async (query: string) => (await admin.get(`/admin/audit?user_id=${userId}&${query}`)).json.data.length
  expect(await count(`from=${row.at}`)).toBe(1)
  expect(await count(`from=${new Date(time + 1).toISOString()}`)).toBe(0)
  expect(await count(`to=${row.at}`)).toBe(0)
  expect(await count(`to=${new Date(time + 1).toISOString()}`)).toBe(1)
  const inTokyo = new Date(time + 9 * 3_600_000).toISOString().replace('Z', '')
  expect(await count(`from=${inTokyo}%2B09:00&to=2999-01-01`)).toBe(1)
  expect(await count('to=1970-01-01')).toBe(0)
})

it.each([
  'event_type=nothing',
  'event_type=__proto__',
  'category=x',
  'user_id=x',
  "user_id=' or 1=1--",
  'actor_id=*',
  'ip=x',
  'ip=1.2.3.4/24',
  'success=perhaps',
  'from=yesterday',
  'from=2026-13-01',
  'from=2026-01-01T25:00:00Z',
  'from=0000-01-01',
  'to=9999-12-31T23:59:59-12:00',
  'from=1969-12-31',
  'limit=0',
  'limit=1001',
  'limit=1e9',
  'sort=password_hash',
  'fields=detail',
  'ip=1.2.3.4&ip=1.2.3.5',
])('M31 M37 M58: %s is refused', async (query) => {
  const answer = await admin.get(encodeURI(`/admin/audit?${query}`))
  expect([answer.status, answer.json.errors?.length]).toEqual([422, 1])
  expect((await admin.get(encodeURI(`/admin/audit/export?${query}`))).status).toBe(422)
})

it('M58: a cursor is one of this list’s own', async () => {
  const ann = await app.person()
  for (let i = 0; i < 3; i++) await happened({ type: 'logout', userId: ann.userId })
  const cursor = (await ann.get('/users/me/security-log?limit=1')).json.page.next_cursor
  for (const made of [cursor, 'x', `${cursor}x`, 'WyIiLCIiXQ.x', 'x'.repeat(500)]) {
    expect((await admin.get(`/admin/audit?cursor=${made}`)).json.code).toBe('bad_cursor')
  }
  expect((await admin.get(`/admin/audit?cursor=${'x'.repeat(100_000)}`)).status).toBeGreaterThanOrEqual(400)
})

it('pages stay what they were while events are added, also of one moment', async () => {
  const userId = newId()
  const still = await createTestApp({}, { now: () => new Date('2026-11-21T08:00:00.000Z') })
  const reader = await still.holderOf(['admin', 'user'])
  const more = () =>
    still.database.unitOfWork(async ({ tx }) => {
      for (let i = 0; i < 5; i++) await still.services.audit.record(tx, { type: 'logout', userId, detail: { i } })
    })
  for (let i = 0; i < 5; i++) await more()
  const all = (await reader.get(`/admin/audit?user_id=${userId}&limit=1000`)).json.data
  expect(all).toHaveLength(25)
  expect(new Set(all.map(({ at }: { at: string }) => at)).size).toBe(1)
  // Of one moment the one written last comes first.
  expect(all.map(({ detail }: { detail: { i: number } }) => detail.i)).toEqual(Array(5).fill([4, 3, 2, 1, 0]).flat())
  const first = (await reader.get(`/admin/audit?user_id=${userId}&limit=7`)).json
  await more()
  const second = (await reader.get(`/admin/audit?user_id=${userId}&limit=7&cursor=${first.page.next_cursor}`)).json
  expect([...first.data, ...second.data]).toEqual(all.slice(0, 14))
  const pages = await allPages(reader, `/admin/audit?user_id=${userId}&limit=7`)
  expect(pages.map((page) => page.length)).toEqual([7, 7, 7, 7, 2])
  expect(pages.flat().slice(5)).toEqual(all)
  await still.drop()
})

it('LO3: reading is written down once per session, subject and five minutes', async () => {
  const reader = await app.holderOf(['admin', 'user'])
  const reads = async () =>
    (await admin.get(`/admin/audit?event_type=admin_read&actor_id=${reader.userId}`)).json.data.map(
      (event: { resource: object; session_id: string }) => [event.resource, event.session_id],
    )
  await Promise.all(Array.from({ length: 20 }, () => reader.get('/admin/audit')))
  await reader.get('/admin/audit?limit=2')
  const all = [{ type: 'audit', id: null }, reader.sessionId]
  expect(await reads()).toEqual([all])
  const userId = newId()
  await reader.get(`/admin/audit?user_id=${userId}`)
  await reader.get(`/admin/audit?user_id=${userId}&success=true`)
  const about = [{ type: 'audit', id: userId }, reader.sessionId]
  expect(await reads()).toEqual([about, all])
  app.advance(301)
  await reader.get('/admin/audit')
  expect(await reads()).toEqual([all, about, all])
})

it('the security log shows what happened to oneself, and of an administrator only that it was one', async () => {
  const [ann, bob] = [await app.person(), await app.person()]
  const client = { ip: '203.0.113.9', userAgent: 'office' }
  const theirs = { actor: actorOf(admin), client, path: '/api/v1/admin/users/:id', requestId: 'r' }
  await happened({ type: 'user_suspended', userId: ann.userId }, theirs)
  await happened(
    { type: 'user_updated', userId: ann.userId },
    { ...theirs, actor: actorOf(ann, { impersonatorId: admin.userId }) },
  )
  await happened({ type: 'password_changed', userId: ann.userId }, { source: 'cli' })
  await happened({ type: 'login_failed', userId: ann.userId, outcome: 'failure' }, { client })
  await happened(
    { type: 'user_updated', userId: ann.userId },
    { actor: actorOf(ann, { kind: 'api_key', sessionId: newId() }) },
  )
  await happened({ type: 'logout', userId: bob.userId })
  const { status, json, body } = await ann.get('/users/me/security-log')
  expect(status).toBe(200)
  const entries = json.data
    .slice(0, 5)
    .map((entry: Record<string, unknown>) => [entry.event_type, entry.actor, entry.ip])
  const hidden = { id: null, kind: 'administrator' }
  expect(entries).toEqual([
    ['user_updated', { id: ann.userId, kind: 'api_key' }, null],
    ['login_failed', { id: null, kind: 'anonymous' }, '203.0.113.9'],
    ['password_changed', { id: null, kind: 'system' }, null],
    ['user_updated', hidden, null],
    ['user_suspended', hidden, null],
  ])
  for (const secret of [admin.userId, admin.sessionId, bob.userId, 'request_id']) expect(body).not.toContain(secret)
  expect(body.split('office')).toHaveLength(2)
  const pages = await allPages(ann, '/users/me/security-log?limit=2')
  expect(pages.flat()).toEqual(json.data)
  expect((await app.visitor().get('/users/me/security-log')).status).toBe(401)
})
