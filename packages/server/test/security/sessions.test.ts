import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { createTestDatabase, type TestDatabase } from '../databases.ts'
import { connect } from '../live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let database: TestDatabase
let app: TestApp
beforeAll(async () => {
  database = await createTestDatabase()
  app = await createTestApp({ PORT: '0' }, { log: log.logger }, database)
  await app.listen()
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
})

const outcome = ({ status, json }: Answer) => [status, json.code]
const setCookies = (answer: Answer) => JSON.stringify(answer.headers['set-cookie'])

async function signedInAgain(visitor: Visitor): Promise<Visitor> {
  const again = app.visitor()
  const answer = await again.post('/auth/login', { identifier: visitor.username, password })
  return Object.assign(again, { username: visitor.username, userId: visitor.userId, sessionId: answer.json.session_id })
}

const session = (id: string, at: TestApp = app) =>
  at.database.db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** Nothing this browser holds opens anything: REST by either carrier, refresh, sockets by either carrier. */
async function expectDead(browser: Visitor, at: TestApp = app): Promise<void> {
  const access = browser.cookies.get('access_token_cookie') ?? ''
  expect(outcome(await browser.copy(at).get('/users/me'))).toEqual([401, 'session_revoked'])
  expect(outcome(await at.visitor().get('/users/me', { authorization: `Bearer ${access}` }))).toEqual([
    401,
    'session_revoked',
  ])
  expect(outcome(await browser.copy(at).post('/auth/refresh'))).toEqual([401, 'refresh_invalid'])
  for (const handshake of [{}, { extraHeaders: {}, auth: { token: access } }]) {
    await expect(connect(at, browser, handshake)).rejects.toMatchObject({ problem: { code: 'session_revoked' } })
  }
}

type End = (victim: Visitor, elsewhere: Visitor) => Promise<unknown>
const endings: [name: string, reason: string, end: End][] = [
  ['logout', 'revoked', (victim) => victim.copy().post('/auth/logout')],
  ['logout everywhere', 'revoked', (_, elsewhere) => elsewhere.post('/auth/logout-everywhere')],
  ['ending it from the list', 'revoked', (it, elsewhere) => elsewhere.delete(`/users/me/sessions/${it.sessionId}`)],
  ['ending all others', 'revoked', (_, elsewhere) => elsewhere.delete('/users/me/sessions?others=true')],
  [
    'a password change',
    'password_changed',
    (_, elsewhere) =>
      elsewhere.put('/users/me/password', { current_password: password, new_password: 'another quiet harbour' }),
  ],
  [
    'a role change',
    'revoked',
    (victim) => app.services.administration.setRoles(victim.username, ['moderator', 'user']),
  ],
  ['M16 suspension', 'suspended', (victim) => app.services.administration.setStatus(victim.username, 'suspended')],
]

it.each(endings)('M09 SE3: %s ends access token, refresh token and socket at once', async (_, reason, end) => {
  const victim = await app.person()
  const elsewhere = await signedInAgain(victim)
  const live = await connect(app, victim)
  const before = app.realtime.connections
  await end(victim, elsewhere)
  // Ended with the answer, not at the next check of all sockets.
  expect(app.realtime.connections).toBe(before - 1)
  expect(await live.hears('session.ended')).toEqual({ reason })
  expect(await live.hears('disconnect')).toBe('io server disconnect')
  await expectDead(victim)
})

it('M16 SE3: what the command line ends beside the server is seen by requests and sockets', async () => {
  const victim = await app.person()
  const live = await connect(app, victim)
  const commandLine = await createTestApp({}, { serverLock: false, log: log.logger }, database)
  await commandLine.services.administration.setStatus(victim.username, 'suspended')
  await commandLine.close()
  await live.hears('session.ended')
  await live.hears('disconnect')
  await expectDead(victim)
})

it('M09 SE3: what was ended stays ended after a restart, and what was not goes on', async () => {
  const own = await createTestDatabase()
  const before = await createTestApp({ PORT: '0' }, { log: log.logger }, own)
  const [out, rotated, kept] = [await before.person(), await before.person(), await before.person()]
  const ended = out.copy()
  await out.post('/auth/logout')
  const stolen = rotated.copy()
  await rotated.post('/auth/refresh')
  before.advance(11)
  await stolen.post('/auth/refresh')
  await before.close()

  const after = await createTestApp({ PORT: '0' }, { log: log.logger }, own)
  await after.listen()
  for (const browser of [ended, rotated]) await expectDead(browser, after)
  const still = kept.copy(after)
  expect((await still.get('/users/me')).status).toBe(200)
  expect((await still.post('/auth/refresh')).status).toBe(200)
  const live = await connect(after, still)
  live.close()
  await after.drop()
})

it('M10 SE6: a refresh token that comes back after the grace ends the whole family', async () => {
  const victim = await app.person()
  const elsewhere = await signedInAgain(victim)
  const thief = victim.copy()
  expect((await victim.post('/auth/refresh')).status).toBe(200)
  const live = await connect(app, victim)

  app.advance(11)
  const connected = app.realtime.connections
  const replay = await thief.copy().post('/auth/refresh')
  expect(app.realtime.connections).toBe(connected - 1)
  expect(outcome(replay)).toEqual([401, 'refresh_reused'])
  expect(replay.headers['set-cookie']).toBeUndefined()
  await live.hears('session.ended')
  await live.hears('disconnect')
  await expectDead(victim)
  expect((await session(victim.sessionId)).revoked_reason).toBe('refresh_reused')
  expect(log.find('refresh_reused')).toContainEqual(
    expect.objectContaining({ event: 'refresh_reused', session_id: victim.sessionId, user_id: victim.userId }),
  )
  // A thief who asks again learns no more than anyone with a dead session.
  expect(outcome(await thief.post('/auth/refresh'))).toEqual([401, 'refresh_invalid'])
  expect((await elsewhere.get('/users/me')).status).toBe(200)
})

it('SE6: the token before the previous one ends the family even inside the grace', async () => {
  const victim = await app.person()
  const thief = victim.copy()
  await victim.post('/auth/refresh')
  const previous = victim.copy()
  await victim.post('/auth/refresh')
  expect(setCookies(await previous.post('/auth/refresh'))).toContain(victim.cookies.get('refresh_token_cookie'))
  expect(outcome(await thief.post('/auth/refresh'))).toEqual([401, 'refresh_reused'])
  await expectDead(victim)
})

it('M11 SE5: fifty refreshes at once at two instances give one identical successor and one live family', async () => {
  const own = await createTestDatabase()
  const one = await createTestApp({}, { log: log.logger }, own)
  const other = await createTestApp({}, { log: log.logger, serverLock: false }, own)
  // Two winners would be told apart: what they issue depends on the second.
  other.advance(3)
  const ann = await one.person()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => ann.copy(i % 2 ? one : other).post('/auth/refresh')),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
  for (const { headers } of answers) expect(headers['set-cookie']).toHaveLength(2)
  expect(new Set(answers.map(setCookies)).size).toBe(1)
  expect(await session(ann.sessionId, one)).toMatchObject({ refresh_counter: 1, revoked_at: null })

  one.advance(9)
  const late = await ann.copy().post('/auth/refresh')
  expect(setCookies(late)).toBe(setCookies(answers[0] as Answer))
  const old = ann.copy()
  await ann.post('/auth/refresh')
  expect((await ann.get('/users/me')).json.id).toBe(ann.userId)
  expect((await ann.post('/auth/refresh')).status).toBe(200)
  expect((await session(ann.sessionId, one)).refresh_counter).toBe(2)
  // The access token of a predecessor belongs to the same live session and runs out by itself.
  expect((await old.get('/users/me')).status).toBe(200)
  await other.close()
  await one.drop()
})

it('M11 SE5: of refreshes that have all read the same state one wins, and the others get what it won', async () => {
  let ticks = 0
  const start = Date.now()
  // Each look at the clock is a second after the one before, so two winners would issue different tokens.
  const now = () => new Date(start + 1000 * ticks++)
  const own = await createTestApp({ REFRESH_GRACE_SECONDS: '60' }, { log: log.logger, now })
  const ann = await own.person()
  const racers = 3
  let arrived = 0
  let release = () => {}
  const all = new Promise<void>((resolve) => {
    release = resolve
  })
  const { unitOfWork } = own.database
  own.database.unitOfWork = async (work) => {
    if (++arrived === racers) release()
    await all
    return unitOfWork(work)
  }
  const answers = await Promise.all(Array.from({ length: racers }, () => ann.copy().post('/auth/refresh')))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(new Set(answers.map(setCookies)).size).toBe(1)
  expect(await session(ann.sessionId, own)).toMatchObject({ refresh_counter: 1, revoked_at: null })
  await own.drop()
})

it('SE3 WS2: a command of a session that has run out is refused, and its socket ends', async () => {
  const own = await createTestApp({ PORT: '0' }, { log: log.logger })
  await own.listen()
  const live = await connect(own, await own.person())
  own.advance(8 * 86_400)
  // The check of all sockets, every few seconds, may come first.
  const answer = await live.ask('ping').catch(() => 'ended')
  if (answer !== 'ended') expect(answer).toMatchObject({ ok: false, error: { code: 'session_revoked' } })
  await live.hears('session.ended')
  await live.hears('disconnect')
  await own.drop()
})

it('SE4: signing in never adopts what the browser held before', async () => {
  const planted = app.visitor()
  for (const name of ['access_token_cookie', 'refresh_token_cookie', 'session_id']) planted.cookies.set(name, 'planted')
  const [ann, bob] = [await app.person(), await app.person()]
  expect((await planted.post('/auth/login', { identifier: ann.username, password })).status).toBe(200)
  expect(planted.cookies.get('access_token_cookie')).not.toBe('planted')

  const shared = ann.copy()
  const answer = await shared.post('/auth/login', { identifier: bob.username, password })
  expect(answer.json.session_id).not.toBe(ann.sessionId)
  expect((await shared.get('/users/me')).json.id).toBe(bob.userId)
  expect((await ann.get('/users/me')).json.id).toBe(ann.userId)
  expect((await session(answer.json.session_id)).user_id).toBe(bob.userId)
  // Values of the session that was there before are worth nothing in the new one.
  expect(
    outcome(await shared.post('/auth/logout', undefined, { 'x-csrf-token': ann.csrf?.csrf_access_token ?? '' })),
  ).toEqual([403, 'csrf_invalid'])
})

it('SE11: logout clears what the browser keeps, signed in or not', async () => {
  const ann = await app.person()
  const set = (await app.visitor().post('/auth/login', { identifier: ann.username, password })).headers['set-cookie']
  const attributes = (lines: unknown) =>
    (lines as string[])
      .filter((line) => !line.startsWith('device='))
      .map((line) => line.replace(/=[^;]*/, '').replace(/; Max-Age=\d+/, ''))
  const nobody = app.visitor()
  for (const browser of [ann, nobody]) {
    const answer = await browser.post('/auth/logout')
    expect([answer.status, answer.json]).toEqual([200, { message: 'logged out' }])
    expect(answer.headers['clear-site-data']).toBe('"cache", "storage"')
    expect(attributes(answer.headers['set-cookie'])).toEqual(attributes(set))
    for (const line of answer.headers['set-cookie'] as string[]) expect(line).toMatch(/^\w+=; Max-Age=0;/)
  }
})
