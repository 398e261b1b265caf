import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { type Answer, createTestApp, password, type TestApp, Visitor } from '../test-app.ts'

type Method = Parameters<Visitor['send']>[0]
interface Route {
  method: Method
  url: string
  /** Nobody is looked up: there is no session whose CSRF value could be asked for. */
  isPublic?: boolean
}

const log = collectLog()
const own = 'http://localhost:8000'
const listed = 'https://app.example'
const evil = 'https://evil.example'
let app: TestApp
let ann: Visitor
let room: string
/** Every route that changes something, as the OpenAPI document has it, and the aliases it hides. */
let unsafe: Route[]
beforeAll(async () => {
  app = await createTestApp({ PORT: '8000', ALLOWED_ORIGINS: listed }, { log: log.logger })
  ann = await app.holderOf(['admin', 'user'])
  room = await app.conversation(ann, await app.person())
  const { paths } = (await ann.get('/openapi.json')).json as {
    paths: Record<string, Record<string, { 'x-access': string }>>
  }
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .map(([name, operation]) => ({
        method: name.toUpperCase() as Method,
        isPublic: operation['x-access'] === 'public',
      }))
      .filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method))
      .map(({ method, isPublic }) => ({
        method,
        isPublic,
        url: path.replace('{session_id}', ann.sessionId).replace(/\{\w+\}/, room),
      })),
  )
  const aliases: Route[] = [
    { method: 'PATCH', url: '/api/v1/users/profile' },
    { method: 'PUT', url: '/api/v1/users/profile' },
    { method: 'DELETE', url: `/api/v1/users/sessions/${ann.sessionId}` },
  ]
  expect(described.length).toBeGreaterThan(14)
  unsafe = [...described, ...aliases].map(({ url, ...rest }) => ({ ...rest, url: url.replace('/api/v1', '') }))
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
})

const outcome = ({ status, json }: Answer) => [status, json?.code]
const bodyFor = (url: string): unknown => {
  if (url === '/auth/login') return { identifier: ann.username, password }
  if (url === '/auth/register') return { username: 'forged', email: 'forged@example.com', password }
  if (url.endsWith('/messages')) return { client_id: 'forged', text: 'forged' }
  if (url.endsWith('/password')) return { current_password: password, new_password: 'forged by another page' }
  if (url.startsWith('/users/') && !url.includes('sessions')) return { bio: 'forged' }
  return url.startsWith('/users/') ? undefined : {}
}

/** What an attack must not change: accounts, sessions, messages, events. */
async function state(): Promise<unknown> {
  const { db } = app.database
  return {
    users: await db
      .selectFrom('users')
      .select(['id', 'bio', 'version', 'password_hash', 'last_login_at'])
      .orderBy('id')
      .execute(),
    sessions: await db
      .selectFrom('sessions')
      .select(['id', 'refresh_counter', 'revoked_at', 'auth_time'])
      .orderBy('id')
      .execute(),
    messages: await db.selectFrom('messages').select('id').execute(),
    events: await app.events(),
  }
}

/** Runs the attack against every route and expects the same refusal, no cookie and no change. */
async function expectAllRefused(
  routes: readonly Route[],
  attack: (route: Route) => Promise<Answer>,
  refusal: [number, string],
): Promise<void> {
  const before = await state()
  expect(routes.length).toBeGreaterThan(0)
  for (const route of routes) {
    const answer = await attack(route)
    expect([route.url, ...outcome(answer)]).toEqual([route.url, ...refusal])
    expect(answer.headers['set-cookie']).toBeUndefined()
  }
  expect(await state()).toEqual(before)
}

const foreign: [name: string, headers: Record<string, string>][] = [
  ['a page of another site', { origin: evil, 'sec-fetch-site': 'cross-site' }],
  ['a browser without Fetch Metadata', { origin: evil }],
  ['a sandboxed page', { origin: 'null' }],
  ['a navigation without Origin', { 'sec-fetch-site': 'cross-site' }],
  ['M18 a sibling subdomain', { origin: 'http://blog.localhost:8000', 'sec-fetch-site': 'same-site' }],
  ['M18 a sibling without Origin', { 'sec-fetch-site': 'same-site' }],
  ['our origin said cross-site', { origin: own, 'sec-fetch-site': 'cross-site' }],
  ['our origin with another port', { origin: 'http://localhost:8001' }],
  ['our origin with another scheme', { origin: 'https://localhost:8000' }],
  ['our origin as a prefix', { origin: `${own}.evil.example` }],
  ['our origin as a suffix', { origin: 'https://evil.example/http://localhost:8000' }],
  ['a listed origin as a prefix', { origin: `${listed}.evil.example` }],
  ['a listed origin as a suffix', { origin: 'https://evilapp.example' }],
  ['a listed host without TLS', { origin: 'http://app.example' }],
  ['two origins', { origin: `${own}, ${evil}` }],
  ['an unknown Sec-Fetch-Site', { 'sec-fetch-site': 'elsewhere' }],
]
it.each(foreign)('M17 M19 SE10: no route takes a right CSRF value from %s', async (_, headers) => {
  const attack = ({ method, url }: Route) => ann.copy().send(method, url, bodyFor(url), headers)
  await expectAllRefused(unsafe, attack, [403, 'origin_not_allowed'])
})

it('SE10: what our own and listed pages send, and programs, is taken', async () => {
  for (const headers of [
    {},
    { origin: own },
    { origin: own, 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    { origin: listed, 'sec-fetch-site': 'cross-site' },
  ]) {
    expect((await ann.patch('/users/me', { bio: 'mine' }, headers as Record<string, string>)).status).toBe(200)
    const login = await app.visitor().post('/auth/login', bodyFor('/auth/login'), headers as Record<string, string>)
    expect(login.status).toBe(200)
  }
})

/** Files come as forms, with the CSRF value; what is no form with a file is refused there as well. */
const takesForms = /^POST \/(files|places\/import|admin\/data\/tables|data\/[^/]+\/import)$|^PUT \/.+\/avatar$/
const formStatus = ({ method, url }: Route, type: string) =>
  takesForms.test(`${method} ${url}`) && type.startsWith('multipart/') ? 400 : 415

const forms = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain']
it.each(forms)('M17 M19 M20: a form of type %s posts nothing, whoever sends it', async (type) => {
  const before = await state()
  const payload = 'text=forged&identifier=forged&bio=forged'
  for (const { method, url } of unsafe) {
    const json = JSON.stringify(bodyFor(url) ?? {})
    for (const [body, headers, status] of [
      [payload, { origin: evil, 'sec-fetch-site': 'cross-site', 'x-csrf-token': '' }, 403],
      [payload, { origin: evil }, 403],
      [payload, {}, formStatus({ method, url }, type)],
      [json, {}, formStatus({ method, url }, type)],
      [json, { origin: own, 'sec-fetch-site': 'same-origin' }, formStatus({ method, url }, type)],
    ] as const) {
      const answer = await ann.copy().send(method, url, body, { 'content-type': type, ...headers })
      expect([url, answer.status]).toEqual([url, status])
    }
    const bare = await ann.copy().send(method, url, json, { 'content-type': type, 'x-csrf-token': '' })
    expect([url, [403, 415].includes(bare.status)]).toEqual([url, true])
  }
  expect(await state()).toEqual(before)
})

const spellings: [type: string, status: number][] = [
  ['application/json', 200],
  ['application/json; charset=utf-8', 200],
  ['Application/JSON', 200],
  ['application/json;charset=UTF-8', 200],
  ['application/jsonx', 415],
  ['application/json+x', 415],
  ['application/vnd.api+json', 415],
  ['application/problem+json', 415],
  ['text/json', 415],
  ['text/plain; application/json', 415],
  ['text/plain, application/json', 415],
  ['application/json, text/plain', 415],
  ['application /json', 415],
  ['application/json\ttext/plain', 415],
  ['*/*', 415],
  ['json', 415],
]
it.each(spellings)('M20: the content type %j answers %i, and is never read by another schema', async (type, status) => {
  const good = await ann.patch('/users/me', { bio: 'typed' }, { 'content-type': type })
  expect(good.status).toBe(status)
  const bad = await ann.patch('/users/me', { role: 'admin' }, { 'content-type': type })
  expect(bad.status).toBe(status === 200 ? 422 : status)
})

describe('SE9: the CSRF value', () => {
  const guarded = () => unsafe.filter(({ isPublic }) => !isPublic)
  const attackWith =
    (token: string, headers: Record<string, string> = {}) =>
    ({ method, url }: Route) =>
      ann.copy().send(method, url, bodyFor(url), { ...headers, 'x-csrf-token': token })

  it('SE9 SE10: must be there, with or without a sign of the origin', async () => {
    await expectAllRefused(guarded(), attackWith(''), [403, 'csrf_missing'])
    await expectAllRefused(guarded(), attackWith('', { origin: own }), [403, 'csrf_missing'])
    await expectAllRefused([{ method: 'POST', url: '/auth/refresh' }], attackWith(''), [403, 'csrf_missing'])
  })

  it('SE9: must be of this session and this purpose', async () => {
    const [bob, sibling, ended] = [await app.person(), app.visitor(), app.visitor()]
    for (const browser of [sibling, ended]) await browser.post('/auth/login', bodyFor('/auth/login'))
    const tokenOfEnded = ended.csrf?.csrf_access_token ?? ''
    await ended.post('/auth/logout')
    const wrong = {
      'another person': bob.csrf?.csrf_access_token,
      'another session': sibling.csrf?.csrf_access_token,
      'an ended session': tokenOfEnded,
      'the access token itself': ann.cookies.get('access_token_cookie'),
      'one letter less': ann.csrf?.csrf_access_token.slice(0, -1),
      'one letter more': `${ann.csrf?.csrf_access_token}A`,
      'another case': ann.csrf?.csrf_access_token.toLowerCase(),
    }
    for (const token of Object.values(wrong))
      await expectAllRefused(guarded(), attackWith(token ?? ''), [403, 'csrf_invalid'])
    const refreshOf = ann.csrf?.csrf_refresh_token ?? ''
    const isLogout = ({ url }: Route) => url === '/auth/logout'
    await expectAllRefused(
      guarded().filter((route) => !isLogout(route)),
      attackWith(refreshOf),
      [403, 'csrf_invalid'],
    )
    for (const token of [ann.csrf?.csrf_access_token, bob.csrf?.csrf_refresh_token, sibling.csrf?.csrf_refresh_token]) {
      await expectAllRefused([{ method: 'POST', url: '/auth/refresh' }], attackWith(token ?? ''), [403, 'csrf_invalid'])
    }
  })

  it('M18 SE9: a cookie tossed by a sibling proves nothing', async () => {
    const tossed = { cookie: `${ann.cookieHeader}; csrf_access_token=tossed; X-CSRF-TOKEN=tossed` }
    await expectAllRefused(guarded(), attackWith('tossed', tossed), [403, 'csrf_invalid'])
    await expectAllRefused(guarded(), attackWith('', tossed), [403, 'csrf_missing'])
  })

  it('SE9: changes at step-up, and the old one is worth nothing then', async () => {
    const carl = await app.person()
    const old = carl.copy()
    app.advance(5)
    expect((await carl.post('/auth/reauthenticate', { password })).status).toBe(200)
    expect(carl.csrf?.csrf_access_token).not.toBe(old.csrf?.csrf_access_token)
    const stale = { 'x-csrf-token': old.csrf?.csrf_access_token ?? '' }
    expect(outcome(await carl.patch('/users/me', { bio: 'x' }, stale))).toEqual([403, 'csrf_invalid'])
    expect((await carl.get('/auth/csrf')).json).toEqual({
      csrf_access_token: carl.csrf?.csrf_access_token,
      csrf_refresh_token: carl.csrf?.csrf_refresh_token,
    })
  })

  it('SE10: is not asked of a token in Authorization, which no page can make a browser send', async () => {
    const login = await app
      .visitor()
      .post('/auth/login', { ...(bodyFor('/auth/login') as object), token_delivery: 'body' })
    const authorization = `Bearer ${login.json.access_token}`
    const bare = new Visitor(app)
    expect((await bare.patch('/users/me', { bio: 'app' }, { authorization })).status).toBe(200)
    // Credentials a browser remembers for the site by itself are no token of ours.
    const basic = { authorization: 'Basic YTpi', origin: evil, 'x-csrf-token': '' }
    expect(outcome(await ann.patch('/users/me', { bio: 'forged' }, basic))).toEqual([401, 'token_invalid'])
  })
})

it('M17: a GET changes nothing, whatever method it claims to be', async () => {
  const before = await state()
  const paths = unsafe.map(({ url }) => url)
  for (const url of new Set(paths)) {
    for (const headers of [{ 'x-http-method-override': 'DELETE' }, { 'x-method-override': 'POST' }] as Record<
      string,
      string
    >[]) {
      const answer = await ann.get(`${url}?_method=POST&others=true`, headers)
      expect(answer.status).toBeLessThan(500)
    }
  }
  expect(await state()).toEqual(before)
})
