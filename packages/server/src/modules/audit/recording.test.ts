import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { runInContext } from '../../platform/context.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const rowsOf = async (userId: string, at: TestApp = app) => {
  const query = at.database.db.selectFrom('audit_events').selectAll().where('user_id', '=', userId).orderBy('id')
  return (await query.execute()).map((row) => ({ ...row, detail: JSON.parse(row.detail) }))
}
const typesOf = async (userId: string) => (await rowsOf(userId)).map(({ type }) => type)
const last = async (userId: string) => (await rowsOf(userId)).at(-1)

async function signedInAgain(visitor: Visitor): Promise<Visitor> {
  const again = app.visitor()
  const { json } = await again.post('/auth/login', { identifier: visitor.username, password })
  return Object.assign(again, { username: visitor.username, userId: visitor.userId, sessionId: json.session_id })
}

it('LO3: a logout is written down with time, actor, address, agent, session, route and request id', async () => {
  const ann = await app.person()
  const answer = await ann.post('/auth/logout', undefined, { 'user-agent': 'Firefox on Linux' })
  expect(await last(ann.userId)).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    type: 'logout',
    category: 'authentication',
    outcome: 'success',
    success: 1,
    source: 'http',
    actor_id: ann.userId,
    actor_kind: 'user',
    impersonator_id: null,
    user_id: ann.userId,
    session_id: ann.sessionId,
    ip: '127.0.0.1',
    user_agent: 'Firefox on Linux',
    method: 'POST',
    path: '/api/v1/auth/logout',
    request_id: answer.headers['x-request-id'],
    resource_type: null,
    resource_id: null,
    detail: {},
    retention: 'access',
    keep_until: expect.any(String),
  })
})

it('LO3: so is one with the refresh token alone, and one that ended nothing is not', async () => {
  const ann = await app.person()
  const later = ann.copy()
  later.cookies.delete('access_token_cookie')
  await later.post('/auth/logout')
  expect(await last(ann.userId)).toMatchObject({ type: 'logout', actor_id: ann.userId, session_id: ann.sessionId })
  const before = await rowsOf(ann.userId)
  await ann.post('/auth/logout')
  expect(await rowsOf(ann.userId)).toEqual(before)
})

it('LO3: ending sessions says which and how many', async () => {
  const ann = await app.person()
  const [second] = [await signedInAgain(ann), await signedInAgain(ann)]
  await ann.delete(`/users/me/sessions/${second.sessionId}`)
  expect(await last(ann.userId)).toMatchObject({
    type: 'session_revoked',
    actor_id: ann.userId,
    session_id: ann.sessionId,
    resource_type: 'session',
    resource_id: second.sessionId,
  })
  await ann.delete('/users/me/sessions?others=true')
  expect(await last(ann.userId)).toMatchObject({ type: 'session_revoked', detail: { which: 'others', ended: 1 } })
  const before = (await rowsOf(ann.userId)).length
  await ann.delete('/users/me/sessions?others=true')
  expect(await rowsOf(ann.userId)).toHaveLength(before)
  await ann.post('/auth/logout-everywhere')
  expect(await last(ann.userId)).toMatchObject({ type: 'logout', detail: { which: 'all', ended: 1 } })
})

it('twenty logouts of one session at once are one event', async () => {
  const ann = await app.person()
  await Promise.all(Array.from({ length: 20 }, () => ann.copy().post('/auth/logout')))
  expect((await typesOf(ann.userId)).filter((type) => type === 'logout')).toHaveLength(1)
})

it('M10 SE6: twenty replays of a stolen refresh token at once: the owner is told once', async () => {
  const ann = await app.person()
  await ann.patch('/users/me', { locale: 'de', display_name: 'Ann B.' })
  const thief = ann.copy()
  await ann.post('/auth/refresh')
  app.advance(11)
  const agent = { 'user-agent': 'curl/8' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => thief.copy().post('/auth/refresh', undefined, agent)),
  )
  expect(answers.every(({ status }) => status === 401)).toBe(true)
  const reuse = (await rowsOf(ann.userId)).filter(({ type }) => type === 'refresh_reuse')
  expect(reuse).toHaveLength(1)
  expect(reuse[0]).toMatchObject({
    outcome: 'denied',
    success: 0,
    actor_id: null,
    actor_kind: 'anonymous',
    session_id: ann.sessionId,
    user_agent: 'curl/8',
  })
  const mails = await app.database.db
    .selectFrom('mails')
    .selectAll()
    .where('user_id', '=', ann.userId)
    .where('template', '!=', 'verify_email')
    .execute()
  expect(mails.map(({ template, to_address, locale }) => [template, to_address, locale])).toEqual([
    ['session_ended_by_reuse', `${ann.username}@example.com`, 'de'],
  ])
})

it('LO2: whatever a client calls itself, it is one safe line of at most 500 characters', async () => {
  const odd = [
    'line\r\nX-Forged: 1',
    '\u001b[31mred\u001b[0m\u0007',
    'x'.repeat(100_000),
    '\u202egnp.exe\u202c\u2028\u2029\u0085',
    `${'\u{1f600}'.repeat(249)}a\u{1f600}`,
    '"},{"level":"fatal"',
    '\0\ud800',
    ' \t ',
  ]
  for (const agent of odd) {
    const ann = await app.person()
    await ann.post('/auth/logout', undefined, { 'user-agent': agent })
    const kept = (await last(ann.userId))?.user_agent
    expect(kept).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
    expect(kept?.length).toBeLessThanOrEqual(500)
  }
})

it('what is taken back leaves nothing behind', async () => {
  const ann = await app.person()
  const before = await typesOf(ann.userId)
  const work = app.database.unitOfWork(async ({ tx }) => {
    await app.services.audit.record(tx, { type: 'password_changed', userId: ann.userId })
    throw new Error('changed its mind')
  })
  await expect(work).rejects.toThrow('changed its mind')
  expect(await typesOf(ann.userId)).toEqual(before)
})

it('a detail that is too long is cut, and one odd value keeps nothing from being written', async () => {
  const ann = await app.person()
  const detail = { text: 'x'.repeat(20_000), odd: '\0\ud800', list: Array.from({ length: 500 }, () => 'y'.repeat(900)) }
  await app.database.unitOfWork(({ tx }) =>
    app.services.audit.record(tx, { type: 'user_updated', userId: ann.userId, detail: { ...detail, n: 1 } }),
  )
  const row = await last(ann.userId)
  expect(row?.detail).toMatchObject({ text: 'x'.repeat(200), odd: '\0\ud800', n: 1 })
  expect(row?.detail.list).toHaveLength(20)
})

it('commands and jobs are the system’s own doing', async () => {
  const ann = await app.person()
  const record = () =>
    app.database.unitOfWork(({ tx }) => app.services.audit.record(tx, { type: 'user_suspended', userId: ann.userId }))
  await runInContext({ source: 'cli', actor: null, path: 'user suspend' }, record)
  expect(await last(ann.userId)).toMatchObject({
    source: 'cli',
    actor_kind: 'system',
    actor_id: null,
    path: 'user suspend',
  })
})
