import { afterAll, beforeAll, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect } from '../live-client.ts'
import { exchange, request } from '../raw-http.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const listed = 'https://app.example'
const log = collectLog()
let app: TestApp
let port: number
let own: string
let ann: Visitor
let access: string
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', ALLOWED_ORIGINS: listed }, { log: log.logger })
  port = await app.listen()
  own = `http://127.0.0.1:${port}`
  ann = await app.person()
  access = ann.cookies.get('access_token_cookie') as string
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

const transports = ['websocket', 'polling']

const foreign = () => [
  'https://evil.example',
  'null',
  '',
  `${own}.evil.example`,
  `${own}0`,
  `${own}/`,
  own.replace('http', 'https'),
  `${listed}.evil.example`,
  'https://evilapp.example',
  `${own}, https://evil.example`,
  `${own} `.repeat(2),
  'file://',
]

it('M21 WS1: no page of another origin connects with the visitor’s cookies, and no sid is given', async () => {
  for (const origin of foreign()) {
    const headers = [`Origin: ${origin}`, `Cookie: ${ann.cookieHeader}`, 'Sec-Fetch-Site: cross-site']
    const polling = await exchange(port, request('GET /socket.io/?EIO=4&transport=polling', headers))
    expect([origin, polling.status, polling.text.includes('sid')]).toEqual([origin, 403, false])
    expect(polling.headers['access-control-allow-origin']).toBeUndefined()

    const socket = await RawWebSocket.open(port, headers)
    expect([origin, socket.status, /sid|Sec-WebSocket-Accept/i.test(socket.answer)]).toEqual([origin, 403, false])
    await socket.closed
  }
  expect(app.realtime.connections).toBe(0)
})

it('M21: a preflight and a poll of another origin get no leave', async () => {
  const preflight = ['Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: content-type']
  const path = '/socket.io/?EIO=4&transport=polling'
  const refused = await exchange(port, request(`OPTIONS ${path}`, ['Origin: https://evil.example', ...preflight]))
  expect(refused.headers['access-control-allow-origin']).toBeUndefined()
  const allowed = await exchange(port, request(`OPTIONS ${path}`, [`Origin: ${listed}`, ...preflight]))
  expect(allowed.headers['access-control-allow-origin']).toBe(listed)

  const opened = await exchange(port, request(`GET ${path}`, [`Origin: ${own}`, `Cookie: ${ann.cookieHeader}`]))
  const { sid } = JSON.parse(/\{.*\}/.exec(opened.body)?.[0] ?? '{}') as { sid: string }
  const answer = await exchange(
    port,
    request(`POST ${path}&sid=${sid}x`, ['Origin: https://evil.example', 'Content-Length: 2'], '40'),
  )
  expect(answer.status).toBe(400)
})

it.each(transports)('M21 WS1: our own and listed pages connect by %s', async (transport) => {
  for (const origin of [own, `http://localhost:${port}`, listed]) {
    const extraHeaders = { cookie: ann.cookieHeader, origin }
    const live = await connect(app, ann, { transports: [transport], extraHeaders })
    expect(live.ready.user.id).toBe(ann.userId)
    live.close()
  }
  const extraHeaders = { cookie: ann.cookieHeader, 'sec-fetch-site': 'same-origin' }
  const live = await connect(app, ann, { transports: [transport], extraHeaders })
  live.close()
})

it.each(transports)(
  'WS1: without a proof of the origin cookies do not count by %s, a token does',
  async (transport) => {
    const problem = { status: 401, code: 'authentication_required' }
    for (const site of [undefined, 'none', 'same-site', 'cross-site']) {
      const extraHeaders = { cookie: ann.cookieHeader, ...(site ? { 'sec-fetch-site': site } : {}) }
      await expect(connect(app, ann, { transports: [transport], extraHeaders })).rejects.toMatchObject({ problem })
    }
    const live = await connect(app, ann, { transports: [transport], extraHeaders: {}, auth: { token: access } })
    expect(live.ready.session_id).toBe(ann.sessionId)
    live.close()
  },
)

it.each(transports)('WS1 M12: what is no access token in its place opens nothing by %s', async (transport) => {
  const refresh = ann.cookies.get('refresh_token_cookie') as string
  const nobody = app.visitor()
  const login = await nobody.post('/auth/login', { identifier: ann.username, password, token_delivery: 'body' })
  const ways: [code: string, handshake: Parameters<typeof connect>[2]][] = [
    ['authentication_required', { extraHeaders: { origin: own } }],
    ['authentication_required', { extraHeaders: {} }],
    ['authentication_required', { extraHeaders: {}, query: { token: access, access_token: access, auth: access } }],
    ['authentication_required', { extraHeaders: { origin: own, cookie: `token=${access}` } }],
    ['authentication_required', { extraHeaders: { origin: own, authorization: `Bearer ${access}` } }],
    ['authentication_required', { extraHeaders: { origin: own }, auth: { access_token: access } }],
    ['token_invalid', { extraHeaders: { origin: own, cookie: `access_token_cookie=${refresh}` } }],
    ['token_invalid', { extraHeaders: {}, auth: { token: login.json.refresh_token } }],
    ['token_invalid', { extraHeaders: {}, auth: { token: login.json.csrf_access_token } }],
    ...[0, true, null, {}, [access], { toString: access }, '', `Bearer ${access}`, 'x'.repeat(5000)].map(
      (token): [string, Parameters<typeof connect>[2]] => ['token_invalid', { extraHeaders: {}, auth: { token } }],
    ),
    // A token that is given decides; the cookies beside it are no way round it.
    ['token_invalid', { extraHeaders: { origin: own, cookie: ann.cookieHeader }, auth: { token: 'x' } }],
    [
      'token_invalid',
      { extraHeaders: { origin: own, cookie: `access_token_cookie=${access}; access_token_cookie=x` } },
    ],
  ]
  for (const [code, handshake] of ways) {
    await expect(connect(app, nobody, { transports: [transport], ...handshake })).rejects.toMatchObject({
      problem: { status: 401, code, request_id: expect.any(String) },
    })
  }
  expect(app.realtime.connections).toBe(0)
})

it('WS1: the payload of the handshake is data, whatever it is', async () => {
  const headers = [`Origin: ${own}`, `Cookie: ${ann.cookieHeader}`]
  for (const payload of ['', '{}', '{"__proto__":{"token":1}}', '{"constructor":1}', '{"token2":"x"}']) {
    const socket = await RawWebSocket.open(port, headers)
    socket.text(`40${payload}`)
    await socket.hears(/^42\["session\.ready"/)
    socket.destroy()
  }
  for (const payload of ['[]', '"x"', '1', 'null', '{', '{"token":"x"']) {
    const socket = await RawWebSocket.open(port, headers)
    socket.text(`40${payload}`)
    await Promise.race([socket.hears(/^4[024]/), socket.closed])
    socket.destroy()
  }
  const live = await connect(app, ann)
  expect(await live.ask('ping')).toMatchObject({ ok: true })
  live.close()
})
