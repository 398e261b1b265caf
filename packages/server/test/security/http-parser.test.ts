import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { connect, type LiveClient } from '../live-client.ts'
import { exchange, type RawAnswer, request } from '../raw-http.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
let app: TestApp
let port: number
let ann: Visitor
let live: LiveClient
let requestsBefore: number
beforeAll(async () => {
  app = await createTestApp({ PORT: '0' }, { log: log.logger })
  port = await app.listen()
  ann = await app.person()
  live = await connect(app, ann)
})
afterAll(async () => {
  live.close()
  await app.drop()
  expect(log.leaks()).toEqual([])
  expect(log.find('"level":"error"')).toEqual([])
})

const served = () => log.find('"msg":"request"').length
beforeEach(() => {
  requestsBefore = served()
})

/** One answer in the one error format, the connection ended, and the server well; nothing behind it was served. */
async function expectRefused(answer: RawAnswer, statuses: readonly number[]): Promise<void> {
  expect(statuses).toContain(answer.status)
  expect(answer.text.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1)
  expect(answer.headers).toMatchObject({ connection: 'close', 'x-content-type-options': 'nosniff' })
  expect(answer.headers['content-type']).toMatch('application/problem+json')
  const problem = JSON.parse(answer.body)
  expect(problem).toMatchObject({ status: answer.status, request_id: answer.headers['x-request-id'] })
  expect(answer.body).not.toMatch(/HPE_|node:|Parse Error|\.ts|\bat /)
  expect(served()).toBe(requestsBefore)
  await expectAlive()
}

async function expectAlive(): Promise<void> {
  expect((await exchange(port, request('GET /live'))).status).toBe(200)
  expect(await live.ask('ping')).toMatchObject({ ok: true })
}

const smuggled = 'GET /api/v1/meta HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
const login = (headers: readonly string[], body: string) =>
  request('POST /api/v1/auth/login', ['Content-Type: application/json', ...headers], body)
const many = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: 1`)

const requests: [name: string, bytes: string, ...statuses: number[]][] = [
  ['a header of 64 kB', request('GET /live', [`X-Long: ${'a'.repeat(65_536)}`]), 431],
  ['a header name of 64 kB', request('GET /live', [`${'a'.repeat(65_536)}: 1`]), 431],
  ['a cookie of 64 kB', request('GET /live', [`Cookie: a=${'a'.repeat(65_536)}`]), 431],
  ['an address of 100 kB', request(`GET /live?${'a'.repeat(100_000)}`), 414, 431],
  ['a path of 100 kB', request(`GET /${'a'.repeat(100_000)}`), 414, 431],
  ['2,100 headers', request('GET /live', many(2_100)), 431],
  ['2,100 headers of four bytes', request('GET /live', Array(2_100).fill('a:b')), 400, 431],
  ['300 headers', request('GET /live', many(300)), 400, 431],
  ['two lengths', login(['Content-Length: 2', 'Content-Length: 3'], `{}${smuggled}`), 400],
  ['the same length twice', login(['Content-Length: 2', 'Content-Length: 2'], `{}${smuggled}`), 400],
  ['a list of lengths', login(['Content-Length: 2, 2'], `{}${smuggled}`), 400],
  ['a negative length', login(['Content-Length: -1'], `{}${smuggled}`), 400],
  ['a length with a sign', login(['Content-Length: +2'], `{}${smuggled}`), 400],
  ['a length in hexadecimal', login(['Content-Length: 0x2'], `{}${smuggled}`), 400],
  ['a length beyond all numbers', login([`Content-Length: ${'9'.repeat(40)}`], `{}${smuggled}`), 400],
  ['length and chunks', login(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`), 400],
  ['chunks and length', login(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${smuggled}`), 400],
  ['an unknown encoding', login(['Transfer-Encoding: xchunked'], `0\r\n\r\n${smuggled}`), 400],
  ['chunks not last', login(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${smuggled}`), 400],
  ['two encodings', login(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${smuggled}`), 400],
  ['a tab in the encoding', login(['Transfer-Encoding:\tx\tchunked'], `0\r\n\r\n${smuggled}`), 400],
  ['a folded header', request('GET /live', ['X-Folded: 1\r\n 2']), 400],
  ['a folded encoding', login(['Transfer-Encoding:\r\n chunked'], `0\r\n\r\n${smuggled}`), 400],
  ['a folded first header', request('GET /live', [' X-Folded: 1']), 400],
  [
    'a chunk size beyond all numbers',
    login(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\n{}\r\n0\r\n\r\n'),
    400,
  ],
  ['a chunk size that is none', login(['Transfer-Encoding: chunked'], `2x\r\n{}\r\n0\r\n\r\n${smuggled}`), 400],
  ['a space before the colon', request('GET /live', ['X-Spaced : 1']), 400],
  ['no colon', request('GET /live', ['nonsense']), 400],
  ['U+0000 in a header', request('GET /live', ['X-Nul: a\0b']), 400],
  ['a bare CR in a header', request('GET /live', ['X-Cr: 1\rX-Next: 2']), 400],
  ['bare LF', 'GET /live HTTP/1.1\nHost: a\n\n', 400],
  ['an unknown method', request('GOT /live'), 400],
  ['a method in small letters', request('get /live'), 400],
  ['another protocol', 'GET /live HTTPS/1.1\r\nHost: a\r\n\r\n', 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['nothing of HTTP', `${'\x00'.repeat(100)}`, 400],
]
it.each(requests)('M53: %s is refused and the connection ends', async (_, bytes, ...statuses) => {
  await expectRefused(await exchange(port, bytes), statuses)
})

it('M53: chunk extensions of 40 kB, and a body without end, are cut off', async () => {
  const extension = login(['Transfer-Encoding: chunked'], `2;${'a'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n`)
  expect([400, 413]).toContain((await exchange(port, extension)).status)
  const endless = login(['Transfer-Encoding: chunked'], `200000\r\n${'a'.repeat(0x200000)}\r\n`)
  expect((await exchange(port, endless)).status).toBe(413)
  const declared = login(['Content-Length: 10000000000'], '{')
  expect((await exchange(port, declared)).status).toBe(413)
  await expectAlive()
})

it('M53: trailers of a chunked body are no headers', async () => {
  const body = JSON.stringify({ identifier: ann.username, password })
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\nOrigin: https://evil.example\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n`
  const answer = await exchange(port, login(['Transfer-Encoding: chunked', 'Trailer: Origin'], chunk))
  expect(answer.status).toBe(200)
  const sessions = (await ann.get('/users/me/sessions')).json.data
  expect(new Set(sessions.map(({ ip }: { ip: string }) => ip))).toEqual(new Set(['127.0.0.1']))
})

it('M53: 2,100 headers and a header of 64 kB in an upgrade are refused', async () => {
  const own = [`Origin: http://127.0.0.1:${port}`, `Cookie: ${ann.cookieHeader}`]
  for (const more of [many(2_100), Array(2_100).fill('a:b'), [`X-Long: ${'a'.repeat(65_536)}`]]) {
    for (const headers of [
      [...own, ...more],
      [...more, ...own],
    ]) {
      const socket = await RawWebSocket.open(port, headers)
      expect([400, 431]).toContain(socket.status)
      await socket.closed
    }
  }
  await expectAlive()
})

it('AP1: methods that are for no one here are refused', async () => {
  const trace = await exchange(port, request('TRACE /live', ['X-Secret: echo']))
  expect([trace.status, trace.headers.allow, trace.text.includes('X-Secret')]).toEqual([405, 'GET, HEAD', false])
  const tunnel = await exchange(port, 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n')
  expect([0, 400, 405]).toContain(tunnel.status)
  await expectAlive()
})
