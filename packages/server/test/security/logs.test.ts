import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type CollectedLog, collectLog } from '../collected-log.ts'
import { connect } from '../live-client.ts'
import { exchange, request } from '../raw-http.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const secret = 'oZ4-uq8Wm_2rTt6yB1xKc9vLh3sDf7gN'
const json = { 'content-type': 'application/json' }

let log: CollectedLog
let app: TestApp
let port: number
let ann: Visitor
beforeAll(async () => {
  log = collectLog()
  app = await createTestApp({ PORT: '0', SECRET_KEY: secret }, { log: log.logger })
  port = await app.listen()
  ann = await app.person()
})
afterAll(() => app.drop())

const held = (visitor: Visitor): string[] =>
  [...visitor.cookies.values(), visitor.csrf?.csrf_access_token, visitor.csrf?.csrf_refresh_token].flatMap(
    (value) => value ?? [],
  )

it('LO1: nothing that opens an account is logged, whatever goes right or wrong', async () => {
  const guesses = ['correct horse battery', 'Tr0ub4dor&3 and more', 'a new harbour at night', 'guess in the name']
  const [wrong, other, changed, misplaced] = guesses as [string, string, string, string]
  const setupToken = (await app.services.setup.prepare()) as string
  const secrets = new Set([secret, setupToken, ...guesses, ...held(ann)])
  const identifier = ann.username

  await app.visitor().post('/auth/login', { identifier, password: wrong })
  await app.visitor().post('/auth/login', { identifier: misplaced, password: wrong })
  await app.visitor().post('/auth/login', `{"identifier":"${identifier}","password":"${wrong}"`, json)
  await app.visitor().post('/auth/login', { identifier, password: wrong, extra: true })
  await app.visitor().post('/auth/login', { identifier, password: [wrong] })
  await app.visitor().post('/auth/login', { identifier, password: wrong }, { 'content-type': 'text/plain' })
  await app.visitor().post('/auth/register', { username: 'x', email: 'x', password: other })
  await app
    .visitor()
    .post('/setup', { token: `${setupToken}x`, username: 'root2', email: 'r@example.com', password: other })
  await app.visitor().post('/setup', { token: setupToken, username: 'root2', email: 'r@example.com', password: other })

  const thief = ann.copy()
  await ann.post('/auth/refresh')
  for (const value of held(ann)) secrets.add(value)
  const [access, refresh] = [...ann.cookies.values()] as [string, string]
  for (const name of ['token', 'access_token', 'refresh_token', 'code']) {
    await app.visitor().get(`/users/me?${name}=${access}`)
    await app.visitor().post(`/auth/refresh?${name}=${refresh}`, { [name]: `${refresh}x` })
  }
  await app.visitor().get('/users/me', { authorization: `Bearer ${access}x` })
  await app.visitor().get('/users/me', { authorization: `Basic ${Buffer.from(`ann:${wrong}`).toString('base64')}` })
  await app.visitor().get('/users/me', { cookie: `access_token_cookie=${access}; access_token_cookie=${refresh}` })
  await ann.patch('/users/me', {}, { 'x-csrf-token': `${ann.csrf?.csrf_access_token}x` })
  await exchange(port, request(`GET /live?token=${access}`, [`X-Spaced : ${access}`, `Cookie: ${ann.cookieHeader}`]))
  await exchange(port, request('GET /live', [`Cookie: ${ann.cookieHeader}; x=${'x'.repeat(20_000)}`]))

  const live = await connect(app, ann)
  await live.ask('auth.renew', { token: access })
  await live.ask('auth.renew', { token: `${access}x` })
  await live.ask('no.such.command', { password: wrong, token: access })
  live.socket.emit('error', { token: access })
  for (const auth of [{ token: `${access}x` }, { token: refresh }, { access_token: access }]) {
    await expect(connect(app, ann, { extraHeaders: {}, auth, query: { token: access } })).rejects.toThrow()
  }
  await ann.post('/auth/reauthenticate', { password: wrong })
  await ann.post('/auth/reauthenticate', { password })
  await ann.put('/users/me/password', { current_password: wrong, new_password: changed })
  await ann.put('/users/me/password', { current_password: password, new_password: changed })
  for (const value of held(ann)) secrets.add(value)
  app.advance(11)
  await Object.assign(thief, { csrf: ann.csrf }).post('/auth/refresh')
  await live.hears('session.ended')

  expect(log.find('"msg":"request"').length).toBeGreaterThan(25)
  expect(log.find('refresh_reused')).not.toEqual([])
  expect(log.leaks(secrets)).toEqual([])
  const audited = JSON.stringify(await app.database.db.selectFrom('audit_events').selectAll().execute())
  expect(audited).toContain('refresh_reuse')
  expect([password, wrong, changed, ...secrets].filter((secret) => audited.includes(secret))).toEqual([])
})

it('LO1: a statement that fails is logged without its values', async () => {
  const broken = await createTestApp({}, { log: log.logger })
  const bob = await broken.person('bob')
  await broken.database.unitOfWork(({ tx }) => sql`alter table users drop column country`.execute(tx))
  const guess = 'a broken harbour at noon'
  const answer = await broken.visitor().post('/auth/register', {
    username: 'carl',
    email: 'carl@example.com',
    password: guess,
    first_name: 'Unrepeatable',
  })
  expect(answer.status).toBe(500)
  expect(log.find(answer.json.request_id)).toContainEqual(expect.objectContaining({ level: 'error' }))
  const row = await broken.database.db.selectFrom('users').select('password_hash').executeTakeFirstOrThrow()
  expect(log.leaks([guess, row.password_hash as string, 'Unrepeatable', 'carl@example.com', ...held(bob)])).toEqual([])
  await broken.drop()
})

it('LO2: whatever a client puts into it, each request is one line of JSON, and a short one', async () => {
  const from = log.lines.length
  const odd = [
    '%0d%0a{"level":"fatal"}',
    '%1b[31mred%1b[0m',
    '"},{"level":"fatal"',
    '%22%7d%0a%7b%22level%22:%22fatal%22%7d',
    '%e2%80%a8%e2%80%a9%c2%85',
    `${'a'.repeat(14_000)}`,
    '%00',
    '\u00e9\u{1f600}',
  ]
  let sent = 0
  for (const text of odd) {
    for (const path of [`/${text}`, `/api/v1/users/@${text}`, `/problems/${text}`]) {
      await app.visitor().get(encodeURI(path).replaceAll('%25', '%'), { 'user-agent': 'x"\t{}' })
      sent++
    }
  }
  const body = { identifier: 'x\r\n{"level":"fatal"}\u001b[31m', password: 'wrong' }
  await app.visitor().post('/auth/login', body, { 'user-agent': '\u001b[31m","level":"fatal' })
  await app.visitor().get('/live', { 'x-request-id': '"}{"level":"fatal"', referer: 'x\u001b[31m' })
  await exchange(port, request('GET /live', [`User-Agent: ${'x'.repeat(15_000)}`]))
  sent += 3

  const lines = log.lines.slice(from)
  const isPlain = (line: string) => [...line.trimEnd()].every((letter) => letter >= ' ' && letter !== '\u007f')
  for (const line of lines) {
    expect(line.length).toBeLessThan(2_000)
    expect([line, isPlain(line), line.endsWith('}\n')]).toEqual([line, true, true])
    expect(['info', 'debug', 'trace']).toContain(JSON.parse(line).level)
  }
  // What cannot be an address is refused before it becomes a request; it has a line of its own all the same.
  expect(lines.filter((line) => line.includes('"msg":"request')).length).toBeGreaterThanOrEqual(sent)
})
