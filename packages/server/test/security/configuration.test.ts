import { afterAll, describe, expect, it } from 'vitest'
import { ConfigError, loadConfig } from '../../src/config/config.ts'
import { collectLog } from '../collected-log.ts'
import { exchange, request } from '../raw-http.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const log = collectLog()
afterAll(() => expect(log.leaks()).toEqual([]))

const production = {
  NODE_ENV: 'production',
  SECRET_KEY: 'oZ4-uq8Wm_2rTt6yB1xKc9vLh3sDf7gN',
  PUBLIC_URL: 'https://atrium.example',
  EMAIL_VERIFICATION: 'off',
}

function problems(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('CF1 SE2', () => {
  it.each([
    ['SECRET_KEY', 'oZ4-uq8Wm_2rTt6yB1xKc9vLh3sDf7g'],
    ['SECRET_KEY', 'dev-secret-change-in-production'],
    ['SECRET_KEY', 'dev-secret-change-in-production-dev-secret'],
    ['SECRET_KEY', 'your-secret-key-change-this-in-production'],
    ['SECRET_KEY', 'YOUR_JWT_SECRET_KEY'],
    ['SECRET_KEY', '0'.repeat(64)],
    ['SECRET_KEY', ''],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://app.example,*'],
    ['ALLOWED_ORIGINS', 'https://*.example'],
    ['ALLOWED_ORIGINS', 'null'],
    ['ALLOWED_ORIGINS', 'http://app.example'],
    ['ALLOWED_ORIGINS', 'https://app.example/path'],
    ['PUBLIC_URL', 'http://atrium.example'],
    ['PUBLIC_URL', 'http://127.0.0.1.evil.example'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['PUBLIC_URL', 'https://user:word@atrium.example'],
    ['TESTING', 'true'],
    ['ALGORITHM', 'none'],
    ['NODE_ENV', 'prod'],
    ['TRUSTED_PROXIES', '*'],
  ])('CF1: %s=%s stops the start of production with one line', (name, value) => {
    const [line, ...more] = problems({ ...production, [name]: value })
    expect(more).toEqual([])
    expect(line).toMatch(new RegExp(`^${name}: .{10,}`))
    expect(line).not.toContain('\n')
    if (name === 'SECRET_KEY' && value !== '') expect(line).not.toContain(value)
    expect(line).not.toContain('word@')
  })

  it('CF1: all of them are told at once, and a complete production starts', () => {
    const broken = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'http://atrium.example',
      ALLOWED_ORIGINS: '*',
      TESTING: 'true',
    }
    const names = problems(broken).map((line) => line.split(':')[0])
    expect(names.sort()).toEqual(['ALLOWED_ORIGINS', 'EMAIL_VERIFICATION', 'PUBLIC_URL', 'SECRET_KEY', 'TESTING'])
    expect(problems(production)).toEqual([])
    expect(loadConfig(production)).toMatchObject({ tls: true, host: '127.0.0.1' })
  })

  it('SE2: a plain address of another machine is no address, in development neither', () => {
    expect(problems({ PUBLIC_URL: 'http://192.168.1.5:8000' })).toEqual([expect.stringMatching(/^PUBLIC_URL: /)])
    expect(problems({ PUBLIC_URL: 'http://127.0.0.1:8000' })).toEqual([])
  })
})

const spoofed = {
  'x-forwarded-for': '6.6.6.6',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  forwarded: 'for=6.6.6.6;host=evil.example;proto=https',
  'x-real-ip': '6.6.6.6',
  'cf-connecting-ip': '6.6.6.6',
  'true-client-ip': '6.6.6.6',
  'x-client-ip': '6.6.6.6',
  'x-original-url': '/api/v1/users/me',
  'x-rewrite-url': '/api/v1/users/me',
  'x-request-id': 'chosen-by-a-client',
}

async function inApp(
  variables: Record<string, string>,
  run: (app: TestApp, ann: Visitor) => Promise<void>,
): Promise<void> {
  const app = await createTestApp(variables, { log: log.logger })
  await run(app, await app.person())
  await app.drop()
}

const addresses = async (visitor: Visitor) =>
  (await visitor.get('/users/me/sessions')).json.data.map(({ ip }: { ip: string }) => ip)

describe('CF3', () => {
  it('CF3: what a stranger says of address, host and protocol changes nothing', () =>
    inApp({ PORT: '0' }, async (app, ann) => {
      const login = await app.visitor().post('/auth/login', { identifier: ann.username, password }, spoofed)
      expect(login.status).toBe(200)
      for (const line of login.headers['set-cookie'] as string[]) {
        expect(line).toMatch(/^((access|refresh)_token_cookie|device)=/)
        expect(line).not.toMatch(/Secure|Domain|evil/)
      }
      expect(login.headers['strict-transport-security']).toBeUndefined()
      expect(login.headers['x-request-id']).not.toBe('chosen-by-a-client')
      expect(new Set(await addresses(ann))).toEqual(new Set(['127.0.0.1']))

      const account = { username: 'forwarded', email: 'f@example.com', password }
      const registered = await app.visitor().post('/auth/register', account, spoofed)
      expect(registered.headers.location).toBe('/api/v1/users/me')
      expect((await app.visitor().get('/live', spoofed)).json).toEqual({ status: 'ok' })
      expect((await app.visitor().get('/openapi.json', spoofed)).body).not.toContain('evil')
      expect(log.find('6.6.6.6')).toEqual([])
      expect(log.find('chosen-by-a-client')).toEqual([])

      // A page is judged by its origin, whatever host it says it is for.
      const page = { ...spoofed, host: 'evil.example', origin: 'https://evil.example' }
      expect((await ann.patch('/users/me', { bio: 'x' }, page)).json.code).toBe('origin_not_allowed')
    }))

  it('CF3: the Host header chooses nothing', () =>
    inApp({ PORT: '0' }, async (app, ann) => {
      const port = await app.listen()
      const said = (line: string, host: string) =>
        exchange(port, request(line, [`Cookie: ${ann.cookieHeader}`]).replace('Host: 127.0.0.1', `Host: ${host}`))
      for (const host of [
        'evil.example',
        'evil.example:80',
        '[::1]',
        '127.0.0.1:99999999',
        'a'.repeat(1_000),
        '"><script>',
      ]) {
        const answer = await said('GET /api/v1/users/me', host)
        expect([host, answer.text.includes(host)]).toEqual([host, false])
        expect([200, 400]).toContain(answer.status)
      }
      const absolute = await said('GET http://evil.example/api/v1/users/me', '127.0.0.1')
      expect(absolute.text).not.toContain('evil')
    }))

  it('CF3: budgets of a stranger are counted by its own address', () =>
    inApp(
      { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000', ACCOUNT_LOCKOUT_THRESHOLD: '50' },
      async (app, ann) => {
        const statuses: number[] = []
        for (let i = 0; i < 8; i++) {
          const forged = Object.fromEntries(
            Object.entries(spoofed).map(([name, value]) => [name, value.replace('6.6.6.6', `6.6.6.${i}`)]),
          )
          const body = { identifier: ann.username, password: 'a wrong guess' }
          statuses.push((await app.visitor().post('/auth/login', body, forged)).status)
        }
        expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
      },
    ))

  it.each([
    ['6.6.6.6', '6.6.6.6'],
    ['1.1.1.1, 6.6.6.6', '6.6.6.6'],
    ['1.1.1.1, 6.6.6.6, 127.0.0.1', '6.6.6.6'],
    ['::ffff:6.6.6.6', '6.6.6.6'],
    ['2001:DB8::0:1', '2001:db8::1'],
  ])('CF3: of a trusted proxy, %j means %s: the last address that is not a proxy', (forwarded, expected) =>
    inApp({ TRUSTED_PROXIES: '127.0.0.0/8' }, async (app, ann) => {
      const headers = { ...spoofed, 'x-forwarded-for': forwarded }
      await app.visitor().post('/auth/login', { identifier: ann.username, password }, headers)
      expect(await addresses(ann)).toContain(expected)
      const answer = await app.visitor().get('/live', headers)
      expect(answer.headers['x-request-id']).toBe('chosen-by-a-client')
      expect(answer.headers['strict-transport-security']).toBeUndefined()
    }),
  )

  it('CF3: nonsense of a trusted proxy is no address', () =>
    inApp({ TRUSTED_PROXIES: '127.0.0.1' }, async (app, ann) => {
      for (const forwarded of ['x'.repeat(5_000), "' or 1=1 --", '<script>', '6.6.6.6:80', '', ',', '%00', 'unknown']) {
        const headers = { 'x-forwarded-for': forwarded, 'x-request-id': `${forwarded}\t"}` }
        const answer = await app.visitor().post('/auth/login', { identifier: ann.username, password }, headers)
        expect([forwarded, answer.status]).toEqual([forwarded, 200])
        expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
      }
      for (const ip of await addresses(ann)) expect(ip.length).toBeLessThan(100)
    }))
})
