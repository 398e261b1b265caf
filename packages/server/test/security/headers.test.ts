import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../collected-log.ts'
import { exchange, request } from '../raw-http.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
const webFolder = mkdtempSync(join(tmpdir(), 'atrium-web-'))
mkdirSync(join(webFolder, 'assets'))
writeFileSync(join(webFolder, 'index.html'), '<!doctype html><script nonce="__CSP_NONCE__">1</script>')
writeFileSync(join(webFolder, 'assets/app.js'), '1')
afterAll(() => {
  rmSync(webFolder, { recursive: true })
  expect(log.leaks()).toEqual([])
})

const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': expect.stringContaining('camera=()'),
  'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
}
const never = ['server', 'x-powered-by', 'x-xss-protection', 'public-key-pins', 'expect-ct']

const page = { accept: 'text/html' }
const etagOf = async (who: Visitor) => String((await who.get('/users/me')).headers.etag)

it('pages load pictures from the tile server that is set, and nothing else from there', async () => {
  const url = 'https://tiles.example.com/{z}/{x}/{y}.png?key=1'
  const app = await createTestApp({ MAP_TILE_URL: url, MAP_TILE_ATTRIBUTION: '© Somebody' }, { webFolder })
  try {
    const visitor = app.visitor()
    const policy = String((await visitor.get('/', page)).headers['content-security-policy'])
    expect(policy).toContain("img-src 'self' data: blob: https://tiles.example.com;")
    expect(policy.replaceAll("img-src 'self' data: blob: https://tiles.example.com;", '')).not.toContain('example')
    const { map_tiles } = (await visitor.get('/meta')).json
    expect(map_tiles).toEqual({ url, attribution: '© Somebody' })
  } finally {
    await app.drop()
  }
})

const kinds: [status: number, name: string, send: (ann: Visitor, nobody: Visitor) => Promise<Answer>][] = [
  [200, 'JSON', (ann) => ann.get('/users/me')],
  [200, 'HEAD', (ann) => ann.send('HEAD', '/users/me')],
  [200, 'a login', (ann, nobody) => nobody.post('/auth/login', { identifier: ann.username, password })],
  [200, 'the page', (_, nobody) => nobody.get('/', page)],
  [200, 'a file', (_, nobody) => nobody.get('/assets/app.js')],
  [200, 'a problem page', (_, nobody) => nobody.get('/problems/not_found')],
  [200, 'the OpenAPI document', (_, nobody) => nobody.get('/openapi.json')],
  [200, 'Swagger UI', (_, nobody) => nobody.get('/docs')],
  [200, 'ReDoc', (_, nobody) => nobody.get('/redoc')],
  [200, 'liveness', (_, nobody) => nobody.get('/live')],
  [204, 'OPTIONS', (ann) => ann.send('OPTIONS', '/users/me')],
  [304, 'nothing new', async (ann) => ann.get('/users/me', { 'if-none-match': await etagOf(ann) })],
  [400, 'an address that is none', (ann) => ann.get('/%zz')],
  [401, 'nobody', (_, nobody) => nobody.get('/users/me')],
  [403, 'another page', (ann) => ann.post('/auth/logout', {}, { origin: 'https://evil.example' })],
  [404, 'no such file', (_, nobody) => nobody.get('/assets/none.js')],
  [404, 'no such route', (ann) => ann.get('/api/v1/none', page)],
  [405, 'a wrong method', (ann) => ann.put('/health')],
  [
    413,
    'too much',
    (_, nobody) => nobody.post('/auth/login', ' '.repeat(1_100_000), { 'content-type': 'application/json' }),
  ],
  [415, 'another type', (ann) => ann.patch('/users/me', 'x', { 'content-type': 'text/plain' })],
  [422, 'an unknown field', (ann) => ann.patch('/users/me', { x: 1 })],
]

describe.each([
  ['over plain http', {}, undefined],
  ['over TLS', { PUBLIC_URL: 'https://atrium.example' }, 'max-age=31536000; includeSubDomains'],
])('%s', (_, variables, hsts) => {
  let app: TestApp
  let ann: Visitor
  beforeAll(async () => {
    app = await createTestApp(variables, { webFolder, log: log.logger })
    ann = await app.person()
  })
  afterAll(() => app.drop())

  it.each(kinds)('AP3: %i %s carries the security headers', async (status, _, send) => {
    const answer = await send(ann, app.visitor())
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject(always)
    expect(answer.headers['strict-transport-security']).toBe(hsts)
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    for (const name of never) expect(answer.headers).not.toHaveProperty(name)
  })
})

describe('on loopback', () => {
  const listed = 'https://app.example'
  let app: TestApp
  let port: number
  let ann: Visitor
  let room: string
  beforeAll(async () => {
    app = await createTestApp({ PORT: '0', ALLOWED_ORIGINS: listed }, { webFolder, log: log.logger })
    port = await app.listen()
    ann = await app.person()
    room = await app.conversation(ann, await app.person())
  })
  afterAll(() => app.drop())

  it('AP3: the socket transport carries them too', async () => {
    const path = '/socket.io/?EIO=4&transport=polling'
    for (const headers of [[], [`Origin: ${listed}`], ['Origin: https://evil.example']]) {
      const answer = await exchange(port, request(`GET ${path}`, headers))
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    }
  })

  it('AP3: what belongs to a person is kept by no cache', async () => {
    const { paths } = (await ann.get('/openapi.json')).json as {
      paths: Record<string, { get?: { 'x-access': string } }>
    }
    const personal = Object.entries(paths).filter(
      ([path, { get }]) => path.startsWith('/api/v1') && get && get['x-access'] !== 'public',
    )
    expect(personal.length).toBeGreaterThan(7)
    for (const [path] of personal) {
      const answer = await ann.get(path.replace('{user}', `@${ann.username}`).replace('{id}', room))
      const header = String(answer.headers['cache-control'])
      const checked = header === 'private, no-cache' && answer.headers.etag !== undefined
      // What ann has none of, or may not see, is answered like that too.
      expect([
        path,
        [200, 403, 404, 409, 410, 422].includes(answer.status),
        checked || /no-store/.test(header),
      ]).toEqual([path, true, true])
    }
    for (const answer of [
      await ann.post('/auth/refresh'),
      await ann.get('/users/none'),
      await app.visitor().get('/users/me'),
    ]) {
      expect(answer.headers['cache-control']).toMatch(/no-store/)
    }
    expect((await ann.post('/sync', { streams: {} })).headers['cache-control']).toMatch(/no-store/)
  })

  it('AP3 M22: pages run no script but their own, and stand in no frame', async () => {
    const answers = await Promise.all([1, 2].map(() => app.visitor().get('/any/page', page)))
    const policies = answers.map(({ headers }) => String(headers['content-security-policy']))
    expect(new Set(policies).size).toBe(2)
    const nonces = policies.map((policy) => /'nonce-([\w+/=]+)'/.exec(policy)?.[1] ?? '')
    for (const [i, { body }] of answers.entries()) expect(body).toContain(`nonce="${nonces[i]}"`)
    for (const policy of policies) {
      const script = /script-src ([^;]*)/.exec(policy)?.[1] ?? ''
      expect(script).not.toMatch(/unsafe-|https?:|\*|data:/)
      for (const rule of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
        expect(policy).toContain(rule)
      }
    }
    for (const path of ['/docs', '/redoc']) {
      const policy = String((await app.visitor().get(path)).headers['content-security-policy'])
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("frame-ancestors 'none'")
    }
  })

  const preflight = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'x-csrf-token' }
  const foreign = [
    'https://evil.example',
    'null',
    'https://app.example.evil.example',
    'https://evilapp.example',
    'https://app.example:444',
    'http://app.example',
    'https://APP.example',
    'https://app.example/',
    'https://app.example, https://evil.example',
    '*',
  ]
  it.each(foreign)('AP2: the origin %s is given no leave', async (origin) => {
    for (const answer of [
      await ann.get('/users/me', { origin }),
      await ann.get('/auth/current_user', { origin }),
      await ann.send('OPTIONS', '/users/me', undefined, { origin, ...preflight }),
      await ann.get('/%zz', { origin }),
      await app.visitor().post('/auth/login', { identifier: ann.username, password }, { origin }),
    ]) {
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      expect(answer.headers.vary ?? 'Origin').toMatch(/Origin/i)
    }
  })

  it('AP2: a listed origin is given leave by its name, for its methods and headers only', async () => {
    const answer = await ann.get('/users/me', { origin: listed })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': listed,
      'access-control-allow-credentials': 'true',
      vary: expect.stringMatching(/Origin/i),
    })
    const asked = await ann.send('OPTIONS', '/users/me', undefined, { origin: listed, ...preflight })
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': listed,
      'access-control-allow-headers': expect.stringContaining('X-CSRF-TOKEN'),
      'access-control-max-age': '600',
    })
    expect(Object.values(asked.headers)).not.toContain('*')
  })
})
