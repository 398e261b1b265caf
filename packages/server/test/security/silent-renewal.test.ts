import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect } from '../live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  await app.listen()
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
})

const minutes = 60
const outcome = ({ status, json }: Answer) => [status, json?.code]
const cookiesOf = (answer: Answer) => (answer.headers['set-cookie'] ?? []) as string[]
const flags = (lines: readonly string[]) =>
  lines.filter((line) => !line.startsWith('device=')).map((line) => line.replace(/=[^;]*/, ''))

/** A person whose access token has ended a moment ago; `first` is what signing in set. */
async function expired(
  options: Record<string, unknown> = {},
): Promise<{ ann: Visitor; first: string[]; etag: string }> {
  const known = await app.person()
  const ann = app.visitor()
  const answer = await ann.post('/auth/login', { identifier: known.username, password, ...options })
  Object.assign(ann, { userId: known.userId, username: known.username, sessionId: answer.json.session_id })
  const etag = String((await ann.get('/users/me')).headers.etag)
  app.advance(30 * minutes + 1)
  return { ann, first: cookiesOf(answer), etag }
}

const counter = async (visitor: Visitor) => {
  const row = await app.database.db
    .selectFrom('sessions')
    .select(['refresh_counter', 'revoked_at'])
    .where('id', '=', visitor.sessionId)
    .executeTakeFirstOrThrow()
  return [Number(row.refresh_counter), row.revoked_at]
}

const unknownId = '0192f6d0-0000-7000-8000-000000000000'
const requests: [status: number, name: string, send: (ann: Visitor, etag: string) => Promise<Answer>][] = [
  [200, 'a read', (ann) => ann.get('/users/me')],
  [200, 'a route for anyone', (ann) => ann.get('/auth/current_user')],
  [200, 'a change', (ann) => ann.patch('/users/me', { bio: 'renewed' })],
  [304, 'what has not changed', (ann, etag) => ann.get('/users/me', { 'if-none-match': etag })],
  [400, 'malformed JSON', (ann) => ann.patch('/users/me', '{')],
  [403, 'a change without CSRF value', (ann) => ann.patch('/users/me', { bio: 'no' }, { 'x-csrf-token': '' })],
  [403, 'a step-up that is due', (ann) => ann.delete('/users/me/sessions?others=true')],
  [404, 'what is not there', (ann) => ann.get(`/conversations/${unknownId}`)],
  [415, 'another content type', (ann) => ann.patch('/users/me', 'x', { 'content-type': 'text/plain' })],
  [422, 'an unknown field', (ann) => ann.patch('/users/me', { role: 'admin' })],
]

it.each(requests)(
  'M11: an access token that just ended is renewed with the answer %i to %s',
  async (status, _, send) => {
    const { ann, first, etag } = await expired()
    const answer = await send(ann, etag)
    expect(answer.status).toBe(status)
    expect(flags(cookiesOf(answer))).toEqual(flags(first))
    expect(await counter(ann)).toEqual([1, null])
    const again = await ann.get('/users/me')
    expect([again.status, cookiesOf(again)]).toEqual([200, []])
  },
)

it('M11: a session that is not to be remembered stays so when it is renewed', async () => {
  const { ann, first } = await expired({ remember: false })
  expect(flags(first).join()).not.toContain('Max-Age')
  expect(flags(cookiesOf(await ann.get('/users/me')))).toEqual(flags(first))
})

it('M11 SE5: twenty requests and refreshes at once get one identical successor', async () => {
  const { ann } = await expired()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 4 ? ann.copy().get('/users/me') : ann.copy().post('/auth/refresh'))),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(new Set(answers.map((answer) => cookiesOf(answer).join('\n'))).size).toBe(1)
  expect(await counter(ann)).toEqual([1, null])
})

it('M10: a request judges no refresh token: old, foreign or bodily, it is told to refresh and revokes nothing', async () => {
  const { ann } = await expired()
  const access = ann.cookies.get('access_token_cookie') as string
  const own = ann.cookies.get('refresh_token_cookie') as string
  const refresh = ann.copy()
  await refresh.post('/auth/refresh')
  await refresh.post('/auth/refresh')
  const before = await counter(ann)

  const mallory = await app.person()
  const sibling = app.visitor()
  await sibling.post('/auth/login', { identifier: ann.username, password })
  const bodily = await app.visitor().post('/auth/login', { identifier: ann.username, password, token_delivery: 'body' })
  const wrong = {
    'used twice over': own,
    'of another person': mallory.cookies.get('refresh_token_cookie'),
    'of another session of hers': sibling.cookies.get('refresh_token_cookie'),
    'of an app': bodily.json.refresh_token,
    'an access token': access,
    nonsense: 'nonsense',
  }
  for (const [name, value] of Object.entries(wrong)) {
    const answer = await app
      .visitor()
      .get('/users/me', { cookie: `access_token_cookie=${access}; refresh_token_cookie=${value}` })
    expect([name, ...outcome(answer)]).toEqual([name, 401, 'token_expired'])
    expect(cookiesOf(answer)).toEqual([])
  }
  expect(await counter(ann)).toEqual(before)
  for (const live of [refresh, mallory, sibling]) expect((await live.post('/auth/refresh')).status).toBe(200)
})

it('SE3: neither an ended session nor one beyond the tolerance is renewed', async () => {
  const { ann: ended } = await expired()
  await app.services.sessions.logout(ended.userId, ended.sessionId)
  expect(outcome(await ended.get('/users/me'))).toEqual([401, 'token_expired'])
  expect(await counter(ended)).toEqual([0, expect.any(String)])

  const { ann: late } = await expired()
  app.advance(60 * minutes)
  const answer = await late.get('/users/me')
  expect(outcome(answer)).toEqual([401, 'token_expired'])
  expect(cookiesOf(answer)).toEqual([])
  expect((await late.post('/auth/refresh')).status).toBe(200)
})

it('SE3: logout, refresh and the pages renew nothing', async () => {
  const { ann } = await expired()
  for (const path of ['/', '/health', '/problems/not_found', '/openapi.json', '/api/v1/meta']) {
    expect(cookiesOf(await ann.get(path))).toEqual([])
  }
  expect(await counter(ann)).toEqual([0, null])

  const refreshed = await ann.copy().post('/auth/refresh')
  expect(cookiesOf(refreshed)).toHaveLength(2)
  expect(await counter(ann)).toEqual([1, null])

  const { ann: leaving } = await expired()
  const refused = await leaving.copy().post('/auth/logout', undefined, { 'x-csrf-token': '' })
  expect([...outcome(refused), cookiesOf(refused)]).toEqual([403, 'csrf_missing', []])
  expect((await leaving.post('/auth/logout')).status).toBe(200)
  expect([...leaving.cookies.keys()]).toEqual(['device'])
  expect(await counter(leaving)).toEqual([0, expect.any(String)])
})

it.each(['websocket', 'polling'])('WS1 SE3: the handshake by %s renews nothing', async (transport) => {
  const { ann } = await expired()
  await expect(connect(app, ann, { transports: [transport] })).rejects.toMatchObject({
    problem: { code: 'token_expired', status: 401 },
  })
  expect(await counter(ann)).toEqual([0, null])
  await ann.get('/users/me')
  const live = await connect(app, ann, { transports: [transport] })
  live.close()
})

it('M12: a token in Authorization is never renewed', async () => {
  const { ann } = await expired()
  const authorization = `Bearer ${ann.cookies.get('access_token_cookie')}`
  const answer = await ann.get('/users/me', { authorization })
  expect([...outcome(answer), cookiesOf(answer)]).toEqual([401, 'token_expired', []])
  expect(await counter(ann)).toEqual([0, null])
})
