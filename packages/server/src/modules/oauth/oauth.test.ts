import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leave, signInWithDev } from '../../../test/dev-sign-in.ts'
import { type Answer, createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const sessionsOf = (userId: string) =>
  app.database.db.selectFrom('sessions').selectAll().where('user_id', '=', userId).execute()
const setCookies = (answer: Answer): string[] => [answer.headers['set-cookie'] ?? []].flat().map(String)
const stateInvalid = '/sign-in?error=oauth_state_invalid'
const arrived = (answer: Answer) => ({ status: answer.status, location: answer.headers.location })

describe('a sign-in through the development provider', () => {
  it('W05 makes an account at first and finds it again', async () => {
    const ann = app.visitor()
    const first = await signInWithDev(ann, { name: 'Ann Ångström', email: 'ann@example.com' })
    expect(arrived(first)).toEqual({ status: 302, location: '/' })
    const me = await ann.get('/users/me')
    expect(me.json).toMatchObject({
      username: 'Ann.Angstrom',
      display_name: 'Ann Ångström',
      email: 'ann@example.com',
      email_verified: true,
      has_password: false,
    })
    const again = app.visitor()
    await signInWithDev(again, { name: 'Other', email: 'ann@example.com' })
    expect((await again.get('/users/me')).json.id).toBe(me.json.id)
    const sessions = await sessionsOf(me.json.id)
    expect(sessions.map(({ method, aal, remember }) => ({ method, aal, remember }))).toEqual([
      { method: 'oauth:dev', aal: 1, remember: 1 },
      { method: 'oauth:dev', aal: 1, remember: 1 },
    ])
  })

  it('sets the cookies of any sign-in and tells no token in an address', async () => {
    const visitor = app.visitor()
    const answer = await signInWithDev(visitor, { email: 'cookies@example.com' }, { redirect_to: '/conversations' })
    expect(arrived(answer)).toEqual({ status: 302, location: '/conversations' })
    expect(answer.body).toBe('')
    expect(answer.headers['cache-control']).toContain('no-store')
    const cookies = setCookies(answer)
    expect(
      cookies.filter((cookie) => /^(access|refresh)_token_cookie=ey.*; Path=\/; .*HttpOnly/.test(cookie)),
    ).toHaveLength(2)
    expect((await visitor.get('/auth/csrf')).json).toHaveProperty('csrf_access_token')
  })

  it('is over with the browser where one said so', async () => {
    const answer = await signInWithDev(app.visitor(), { email: 'brief@example.com' }, { remember: 'false' })
    expect(setCookies(answer).find((cookie) => cookie.startsWith('refresh_token_cookie'))).not.toMatch(/Max-Age/i)
  })

  it('SE4 leaves another session of the same browser alone', async () => {
    const visitor = await app.person('before')
    const session = visitor.cookies.get('access_token_cookie')
    await signInWithDev(visitor, { email: 'after@example.com' })
    expect((await visitor.get('/users/me')).json.email).toBe('after@example.com')
    const before = app.visitor()
    before.cookies.set('access_token_cookie', session ?? '')
    expect((await before.get('/users/me')).json.username).toBe('before')
  })

  it('ends on our page where the person says no, and where the provider lies', async () => {
    const end = async (switches: object, query = {}) =>
      (await signInWithDev(app.visitor(), { email: 'lies@example.com', ...switches }, query)).headers.location
    expect(await end({ denied: true })).toBe('/sign-in?error=access_denied')
    expect(await end({ denied: true }, { redirect_to: '/settings?tab=2#a' })).toBe(
      '/settings?tab=2&error=access_denied#a',
    )
    expect(await end({ wrong_nonce: true })).toBe('/sign-in?error=provider_error')
    expect(await end({ bad_state: true })).toBe(stateInvalid)
    expect(
      await app.database.db.selectFrom('identities').select('id').where('email', '=', 'lies@example.com').execute(),
    ).toEqual([])
  })

  it('LO3 is written down, done or failed, with the way it went', async () => {
    const visitor = app.visitor()
    await signInWithDev(visitor, { email: 'written@example.com' })
    const { id } = (await visitor.get('/users/me')).json
    await signInWithDev(app.visitor(), { denied: true })
    const rows = await app.database.db.selectFrom('audit_events').selectAll().orderBy('id', 'desc').limit(4).execute()
    expect(
      rows
        .reverse()
        .map(({ type, outcome, user_id, path, detail }) => [type, outcome, user_id, path, JSON.parse(detail)]),
    ).toEqual([
      ['user_created', 'success', id, '/api/v1/oauth/:provider/callback', { method: 'oauth:dev' }],
      ['identity_linked', 'success', id, '/api/v1/oauth/:provider/callback', { provider: 'dev' }],
      ['login_success', 'success', id, '/api/v1/oauth/:provider/callback', { method: 'oauth:dev', aal: 1 }],
      [
        'login_failed',
        'failure',
        null,
        '/api/v1/oauth/:provider/callback',
        { method: 'oauth:dev', reason: 'access_denied' },
      ],
    ])
  })

  it('makes an account without an address where the provider tells none', async () => {
    const visitor = app.visitor()
    await signInWithDev(visitor, { name: 'No Mail', email: 'hidden@example.com', no_email: true })
    const { json } = await visitor.get('/users/me')
    expect(json).toMatchObject({ username: 'No.Mail', email_verified: false })
    expect(json.email).toMatch(/\.invalid$/)
    const mails = await app.database.db.selectFrom('mails').select('id').where('user_id', '=', json.id).execute()
    expect(mails).toEqual([])
  })

  it('gives two people of one name two names', async () => {
    const nameOf = async (name: string, email: string) => {
      const visitor = app.visitor()
      await signInWithDev(visitor, { name, email })
      return (await visitor.get('/users/me')).json.username as string
    }
    expect(await nameOf('Same Name', 'same1@example.com')).toBe('Same.Name')
    expect(await nameOf('same name', 'same2@example.com')).toMatch(/^same\.name-\d+$/)
    expect(await nameOf('admin', 'boss@example.com')).toMatch(/^admin-\d+$/)
    expect(await nameOf('李', 'li@example.com')).toMatch(/^user/)
    expect(await nameOf('<script>alert(1)</script>', 'tags@example.com')).toMatch(/^[A-Za-z0-9._-]{3,30}$/)
  })

  it('is listed, with an address at the public one', async () => {
    expect((await app.visitor().get('/oauth/providers')).json).toEqual({
      data: [
        {
          id: 'dev',
          name: 'Development',
          icon: 'dev',
          enabled: true,
          initiate_url: 'http://localhost:8000/oauth/dev/initiate',
        },
      ],
    })
    expect((await app.visitor().get('/meta')).json.providers).toEqual(['dev'])
    const atTheRoot = await app.http.inject({ url: '/oauth/providers' })
    expect(atTheRoot.json().data).toHaveLength(1)
  })
})

describe('the way out', () => {
  it('OA1 asks for a code with PKCE, state and nonce, and keeps the rest to itself', async () => {
    const visitor = app.visitor()
    const answer = await visitor.get('/oauth/dev/initiate')
    const url = new URL(String(answer.headers.location))
    const { state = '', nonce = '', code_challenge = '', ...asked } = Object.fromEntries(url.searchParams)
    expect(asked).toEqual({
      client_id: 'atrium',
      response_type: 'code',
      redirect_uri: 'http://localhost:8000/oauth/dev/callback',
      scope: 'openid email profile',
      code_challenge_method: 'S256',
    })
    for (const value of [state, nonce, code_challenge]) expect(Buffer.from(value, 'base64url').length).toBe(32)
    const [cookie, ...others] = setCookies(answer)
    expect(others).toEqual([])
    expect(cookie).toMatch(/^oauth_state=[A-Za-z0-9_-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(cookie).not.toContain(state)
    const rows = await app.database.db
      .selectFrom('one_time_tokens')
      .selectAll()
      .where('purpose', '=', 'oauth_state')
      .execute()
    expect(JSON.stringify(rows)).not.toContain(state)
    expect(JSON.stringify(rows)).not.toContain(nonce)
  })

  it('OA1 gives the cookie its __Host- name over TLS', async () => {
    const secure = await createTestApp({ PUBLIC_URL: 'https://chat.example.com' })
    const answer = await secure.visitor().get('/oauth/dev/initiate')
    expect(setCookies(answer)[0]).toMatch(
      /^__Host-oauth_state=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(String(answer.headers.location)).toContain(encodeURIComponent('https://chat.example.com/oauth/dev/callback'))
    await secure.drop()
  })

  it('never asks the same twice', async () => {
    const visitor = app.visitor()
    const urls = [await leave(visitor), await leave(visitor)]
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(urls.map((url) => url.searchParams.get(name))).size).toBe(2)
    }
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'https://app.example.com/x',
    `/${'a'.repeat(4096)}`,
  ])('M28 comes back to our own page, not to %.40s', async (redirect_to) => {
    const answer = await signInWithDev(app.visitor(), { email: 'm28@example.com' }, { redirect_to })
    expect(arrived(answer)).toEqual({ status: 302, location: '/' })
  })

  it('M27 M40 knows no provider but those that are set up', async () => {
    for (const id of ['unknown', 'google', 'constructor', '__proto__', 'toString', '..', 'DEV', 'a'.repeat(100)]) {
      for (const step of ['initiate', 'callback?code=a&state=b']) {
        for (const base of ['/oauth', '/api/v1/oauth']) {
          // `..` leads out of these addresses, to where a browser would get the web app's own page.
          const accept = id === '..' ? 'application/json' : 'text/html'
          const answer = await app.http.inject({ url: `${base}/${id}/${step}`, headers: { accept } })
          expect({ id, step, status: answer.statusCode }).toEqual({ id, step, status: 404 })
        }
      }
    }
    const sideways = await app.http.inject({ url: '/oauth/../admin', headers: { accept: 'application/json' } })
    expect(sideways.statusCode).toBe(404)
  })

  it('refuses what it does not know, and a repeated parameter', async () => {
    expect((await app.visitor().get('/oauth/dev/initiate?redirect=/')).json.code).toBe('unknown_field')
    expect((await app.visitor().get('/oauth/dev/initiate?redirect_to=/a&redirect_to=//evil')).status).toBe(422)
  })
})

describe('a password', () => {
  it('#36 AU5 never opens an account that has none', async () => {
    await signInWithDev(app.visitor(), { name: 'pass less', email: 'passless@example.com' })
    for (const guess of [password, 'null', 'undefined', ' ']) {
      const answer = await app.visitor().post('/auth/login', { identifier: 'passless@example.com', password: guess })
      expect(answer.json).toMatchObject({ status: 401, code: 'invalid_credentials' })
    }
  })
})
