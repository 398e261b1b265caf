import { afterAll, beforeAll, expect, it } from 'vitest'
import { PasswordHasher } from '../../src/modules/accounts/index.ts'
import { collectLog } from '../collected-log.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

/** What the database or a library might say, and no answer may repeat. */
const inner = 'select password_hash from users; /srv/atrium/src/secret.ts; ECONNREFUSED 10.0.0.1:5432'

/** Fails for the one who asks for it, as a bug would. */
class BrokenHasher extends PasswordHasher {
  override hash(text: string): Promise<string> {
    return text.includes('broken') ? Promise.reject(new TypeError(inner)) : super.hash(text)
  }
}

const log = collectLog()
let app: TestApp
let ann: Visitor
beforeAll(async () => {
  app = await createTestApp({}, { log: log.logger, hasher: new BrokenHasher({ memoryCost: 1024, timeCost: 1 }) })
  ann = await app.person('ann')
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
})

const id = '0192f6d0-0000-7000-8000-000000000000'
const account = { username: 'someone', email: 'someone@example.com', password }
const json = { 'content-type': 'application/json' }

const cases: [status: number, code: string, name: string, send: () => Promise<Answer>][] = [
  [400, 'malformed_json', 'broken JSON', () => app.visitor().post('/auth/login', '{"a', json)],
  [400, 'bad_request', 'an address that is no address', () => ann.get('/api/v1/users/%zz')],
  [400, 'bad_request', 'an address of our own that is none', () => ann.get('/%c0%80')],
  [400, 'bad_cursor', 'a cursor made up', () => ann.get('/users?cursor=abc.def')],
  [401, 'authentication_required', 'nobody', () => app.visitor().get('/users/me')],
  [401, 'token_invalid', 'a broken token', () => app.visitor().get('/users/me', { authorization: 'Bearer x' })],
  [
    401,
    'invalid_credentials',
    'a wrong guess',
    () => app.visitor().post('/auth/login', { identifier: 'ann', password: 'x' }),
  ],
  [403, 'csrf_missing', 'no CSRF value', () => ann.patch('/users/me', {}, { 'x-csrf-token': '' })],
  [403, 'origin_not_allowed', 'another page', () => ann.patch('/users/me', {}, { origin: 'https://evil.example' })],
  [404, 'not_found', 'no such page', () => ann.get('/nowhere')],
  [404, 'not_found', 'no such route', () => ann.post('/api/v1/nowhere', {})],
  [404, 'not_found', 'no such person', () => ann.get(`/users/${id}`)],
  [404, 'not_found', 'no such problem', () => ann.get('/problems/nothing')],
  [404, 'not_found', 'no such conversation', () => ann.get(`/conversations/${id}`)],
  [404, 'not_found', 'a parent folder', () => ann.get('/docs/static/..%2f..%2fpackage.json')],
  [404, 'not_found', 'a hidden file', () => ann.get('/.env')],
  [405, 'method_not_allowed', 'a method it does not take', () => ann.post('/health')],
  [405, 'method_not_allowed', 'a method of one route only', () => ann.post('/users/me')],
  [409, 'username_taken', 'a taken name', () => app.visitor().post('/auth/register', { ...account, username: 'ann' })],
  [412, 'precondition_failed', 'an old version', () => ann.patch('/users/me', { bio: 'x' }, { 'if-match': '"v99"' })],
  [413, 'payload_too_large', 'a body of 1.1 MB', () => app.visitor().post('/auth/login', ' '.repeat(1_100_000), json)],
  [415, 'unsupported_media_type', 'XML', () => ann.patch('/users/me', '<a/>', { 'content-type': 'application/xml' })],
  [422, 'validation_failed', 'no fields', () => app.visitor().post('/auth/login', {})],
  [422, 'unknown_field', 'an unknown field', () => ann.patch('/users/me', { role: 'admin' })],
  [
    500,
    'internal_error',
    'a bug',
    () => app.visitor().post('/auth/register', { ...account, password: 'broken for once' }),
  ],
]

it.each(cases)('AP1: %i %s is a problem document: %s', async (status, code, _, send) => {
  const answer = await send()
  expect([answer.status, answer.json?.code]).toEqual([status, code])
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.json).toMatchObject({
    type: `/problems/${code}`,
    title: expect.any(String),
    detail: expect.any(String),
    instance: expect.stringMatching(/^\//),
    status,
    request_id: answer.headers['x-request-id'],
  })
  expect(answer.body).not.toMatch(
    / at .*[:(]\d|node_modules|\.[jt]s\b|select |ECONN|FST_|sqlite|postgres|mariadb|stack/i,
  )
  const page = await app.visitor().get(answer.json.type)
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
})

it('AP1: a bug is told to the operator by the same request id, and to no one else', async () => {
  const answer = await app.visitor().post('/auth/register', { ...account, password: 'broken again, once' })
  expect(Object.keys(answer.json).sort()).toEqual(
    ['code', 'detail', 'instance', 'request_id', 'status', 'title', 'type'].sort(),
  )
  const lines = log.find(answer.json.request_id)
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', err: expect.objectContaining({ message: inner }) }),
  )
})

it('AP1: 405 names the methods, 429 and 503 the time to come back', async () => {
  expect((await ann.post('/health')).headers.allow).toBe('GET, HEAD')
  const allowed = (await ann.post('/users/me')).headers.allow as string
  expect(allowed.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT'])

  const strict = await createTestApp(
    { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '2' },
    { log: log.logger },
  )
  const visitor = strict.visitor()
  for (let i = 0; i < 2; i++) expect((await visitor.get('/meta')).status).toBe(200)
  const limited = await visitor.get('/meta')
  expect([limited.status, limited.json.code]).toEqual([429, 'rate_limited'])
  expect(Number(limited.headers['retry-after'])).toBe(limited.json.retry_after)
  await strict.drop()
})

it('AP1: HEAD and OPTIONS answer for every route that reads', async () => {
  const { paths } = (await ann.get('/openapi.json')).json as { paths: Record<string, Record<string, unknown>> }
  const room = await app.conversation(ann, await app.person())
  const readable = Object.entries(paths)
    .filter(([, operations]) => 'get' in operations)
    .map(([path]) => path.replace('{user}', '@ann').replace('{id}', room))
  expect(readable.length).toBeGreaterThan(10)
  for (const path of readable) {
    const [get, head] = [await ann.get(path), await ann.send('HEAD', path)]
    expect([path, head.status, head.body]).toEqual([path, get.status, ''])
    expect(head.headers['content-type']).toBe(get.headers['content-type'])
    const options = await ann.send('OPTIONS', path)
    expect([path, options.status, options.body, options.headers['set-cookie']]).toEqual([path, 204, '', undefined])
  }
})
