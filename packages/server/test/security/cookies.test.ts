import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { exchange, request } from '../raw-http.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let port: number
let ann: Visitor
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  port = await app.listen()
  ann = await app.person()
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
})

const outcome = ({ status, json }: Answer) => [status, json?.code]
const cookie = (visitor: Visitor, kind: 'access' | 'refresh', prefix = '') =>
  visitor.cookies.get(`${prefix}${kind}_token_cookie`) as string
const setCookies = (answer: Answer) => (answer.headers['set-cookie'] ?? []) as string[]
const week = 7 * 86_400

describe.each([
  ['plain http on loopback', {}, '', 'HttpOnly; SameSite=Lax'],
  ['TLS', { PUBLIC_URL: 'https://atrium.example' }, '__Host-', 'HttpOnly; Secure; SameSite=Lax'],
  [
    'TLS with a page on another site',
    { PUBLIC_URL: 'https://atrium.example', CROSS_SITE_UI: 'true', ALLOWED_ORIGINS: 'https://app.example' },
    '__Host-',
    'HttpOnly; Secure; SameSite=None',
  ],
])('%s', (_, variables, prefix, attributes) => {
  let there: TestApp
  let bob: Visitor
  let login: Answer
  beforeAll(async () => {
    there = await createTestApp(variables, { log: log.logger })
    bob = await there.person()
    login = await bob.post('/auth/login', { identifier: bob.username, password })
  })
  afterAll(() => there.drop())

  it('SE1 SE2: cookies have the names and flags of the mode, and bodies hold no token', async () => {
    const all = [login, await bob.post('/auth/refresh')].flatMap(setCookies)
    const lines = all.filter((line) => !line.includes('device='))
    const device = all.filter((line) => line.includes('device='))
    expect(device).toEqual([
      expect.stringMatching(new RegExp(`^${prefix}device=[\\w-]{43}; Max-Age=34560000; Path=/; ${attributes}$`)),
    ])
    for (const [i, kind] of ['access', 'refresh', 'access', 'refresh'].entries()) {
      const [pair = '', ...flags] = (lines[i] ?? '').split('; ')
      expect(pair).toMatch(new RegExp(`^${prefix}${kind}_token_cookie=[\\w-]+\\.[\\w-]+\\.[\\w-]+$`))
      expect(flags.join('; ')).toBe(`Max-Age=${week}; Path=/; ${attributes}`)
      expect(lines[i]?.length).toBeLessThan(4096)
    }
    expect(lines).toHaveLength(4)
    const bodies = [login.body, (await bob.get('/auth/csrf')).body, (await bob.get('/users/me')).body]
    for (const body of bodies) expect(body).not.toMatch(/"(access|refresh)_token"|eyJhbGci/)
  })

  it('SE1: exactly the names of the mode are read', async () => {
    const other = prefix === '' ? '__Host-' : ''
    const [access, refresh] = [cookie(bob, 'access', prefix), cookie(bob, 'refresh', prefix)]
    const send = (names: string) =>
      there.visitor().get('/users/me', { cookie: `${names}access_token_cookie=${access}` })
    expect(outcome(await send(prefix))).toEqual([200, undefined])
    expect(outcome(await send(other))).toEqual([401, 'authentication_required'])
    expect(outcome(await send('__Secure-'))).toEqual([401, 'authentication_required'])
    const csrf = { 'x-csrf-token': bob.csrf?.csrf_refresh_token ?? '' }
    const renewed = await there
      .visitor()
      .post('/auth/refresh', undefined, { ...csrf, cookie: `${other}refresh_token_cookie=${refresh}` })
    expect(outcome(renewed)).toEqual([401, 'authentication_required'])
    expect((await bob.post('/auth/refresh')).status).toBe(200)
  })
})

it('SE1: a session of cookies never turns into tokens in a body, nor the other way round', async () => {
  const refresh_token = cookie(ann, 'refresh')
  const turned = await app.visitor().post('/auth/refresh', { refresh_token })
  expect(outcome(turned)).toEqual([401, 'refresh_invalid'])
  expect(turned.body).not.toContain('eyJ')
  expect(outcome(await ann.post('/auth/refresh', { token_delivery: 'body' }))).toEqual([422, 'unknown_field'])

  const phone = app.visitor()
  const body = { identifier: ann.username, password, token_delivery: 'body' }
  const login = await phone.post('/auth/login', body)
  expect([login.status, setCookies(login)]).toEqual([200, []])
  const carried = await app.visitor().post('/auth/refresh', undefined, {
    cookie: `refresh_token_cookie=${login.json.refresh_token}`,
    'x-csrf-token': login.json.csrf_refresh_token,
  })
  expect(outcome(carried)).toEqual([401, 'refresh_invalid'])
  const refreshed = await app.visitor().post('/auth/refresh', { refresh_token: login.json.refresh_token })
  expect([refreshed.status, setCookies(refreshed)]).toEqual([200, []])
  expect(refreshed.json).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) })

  for (const site of ['same-origin', 'same-site', 'cross-site', 'none']) {
    const page = await app
      .visitor()
      .post('/auth/login', body, { 'sec-fetch-site': site, origin: `http://127.0.0.1:${port}` })
    expect([page.status, page.body.includes('eyJ')]).toEqual([403, false])
  }
})

it('M12: a token counts in the documented carriers only', async () => {
  const [access, refresh] = [cookie(ann, 'access'), cookie(ann, 'refresh')]
  const nobody = app.visitor()
  for (const name of ['access_token', 'token', 'jwt', 'access_token_cookie', 'authorization', 'auth']) {
    expect(outcome(await nobody.get(`/users/me?${name}=${access}`))).toEqual([401, 'authentication_required'])
    const posted = await nobody.post('/sync', { streams: {}, [name]: access })
    expect(outcome(posted)).toEqual([401, 'authentication_required'])
  }
  for (const name of [
    'token',
    'jwt',
    'session',
    'Access_Token_Cookie',
    'access_token_cookie2',
    'xaccess_token_cookie',
    'refresh_token_cookie',
  ]) {
    const answer = await nobody.get('/users/me', { cookie: `${name}=${access}` })
    expect([name, ...outcome(answer)]).toEqual([name, 401, 'authentication_required'])
  }
  for (const name of ['x-access-token', 'x-auth-token', 'proxy-authorization', 'x-authorization', 'x-user-id']) {
    const answer = await nobody.get('/users/me', { [name]: name === 'x-user-id' ? ann.userId : `Bearer ${access}` })
    expect([name, ...outcome(answer)]).toEqual([name, 401, 'authentication_required'])
  }
  // A header that is read, and that takes keys only.
  expect(outcome(await nobody.get('/users/me', { 'x-api-key': access }))).toEqual([401, 'token_invalid'])
  expect(outcome(await nobody.post(`/auth/refresh?refresh_token=${refresh}`))).toEqual([401, 'authentication_required'])
})

it('M12: what is in Authorization decides, and never falls back to a cookie', async () => {
  const access = cookie(ann, 'access')
  expect((await app.visitor().get('/users/me', { authorization: `Bearer ${access}` })).json.id).toBe(ann.userId)
  const malformed = [
    access,
    'Bearer',
    'Bearer  ',
    `Bearer ${access} ${access}`,
    `Bearer ${access},Bearer ${access}`,
    `Bearer "${access}"`,
    `Basic ${Buffer.from(`${ann.username}:${password}`).toString('base64')}`,
    `Token ${access}`,
    `JWT ${access}`,
    `Bearer\t${access}`,
    'Bearer {"a":1}',
    `Bearer ${'a'.repeat(10_000)}`,
    'Bearer %00',
  ]
  for (const authorization of malformed) {
    expect(outcome(await ann.get('/users/me', { authorization }))).toEqual([401, 'token_invalid'])
  }
})

it('M13: two cookies of one name with different values are refused; neither wins', async () => {
  const bob = await app.person()
  const [mine, his, refresh] = [cookie(ann, 'access'), cookie(bob, 'access'), cookie(ann, 'refresh')]
  const pairs = [
    [mine, his],
    [his, mine],
    [mine, 'x'],
    ['x', mine],
    [mine, ''],
    ['', mine],
  ]
  for (const [first, second] of pairs) {
    const one = `access_token_cookie=${first}; access_token_cookie=${second}`
    expect(outcome(await app.visitor().get('/users/me', { cookie: one }))).toEqual([401, 'token_invalid'])
    const lines = [`Cookie: access_token_cookie=${first}`, `Cookie: access_token_cookie=${second}`]
    expect((await exchange(port, request('GET /api/v1/users/me', lines))).status).toBe(401)
  }
  const csrf = ann.csrf?.csrf_refresh_token ?? ''
  const twice = await app.visitor().post('/auth/refresh', undefined, {
    cookie: `refresh_token_cookie=${refresh}; refresh_token_cookie=${cookie(bob, 'refresh')}`,
    'x-csrf-token': csrf,
  })
  expect(outcome(twice)).toEqual([401, 'token_invalid'])
  const optional = await app
    .visitor()
    .get('/auth/current_user', { cookie: `access_token_cookie=${mine}; access_token_cookie=${his}` })
  expect(optional.json).toEqual({ authenticated: false, user: null })
  expect((await ann.get('/users/me')).status).toBe(200)
  expect((await bob.post('/auth/refresh')).status).toBe(200)
})
