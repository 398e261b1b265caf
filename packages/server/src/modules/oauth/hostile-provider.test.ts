import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collectLog } from '../../../test/collected-log.ts'
import { comeBack, type MockIssuer, signInWith, startMockIssuer, type Tampering } from '../../../test/mock-issuer.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
let issuer: MockIssuer
const log = collectLog()
beforeAll(async () => {
  issuer = await startMockIssuer()
  app = await createTestApp(issuer.settings('ACME', { TRUSTED: 'true' }), { log: log.logger })
})
afterAll(async () => {
  await app.drop()
  await issuer.stop()
})

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
const headerOf = (token: unknown) => JSON.parse(Buffer.from(String(token).split('.')[0] ?? '', 'base64url').toString())
const soon = () => Math.floor(Date.now() / 1000)
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

/** Another ID token in place of the right one. */
const instead = (make: (token: unknown) => string): Tampering => ({
  tokens: (body) => Object.assign(body, { id_token: make(body.id_token) }),
})
const claims = (change: object): Tampering => ({ claims: (token) => Object.assign(token, change) })
const without = (name: string): Tampering => ({
  claims: (token) => {
    delete token[name]
  },
})

/** With an address in the ID token nothing else is asked that could refuse it. */
const email = 'hostile@example.com'

const attacks: [string, Tampering][] = [
  ['another nonce', claims({ nonce: 'x'.repeat(43) })],
  ['no nonce', without('nonce')],
  ['another audience', claims({ aud: 'another-client' })],
  ['an audience among which we are not', claims({ aud: ['another-client', 'third'] })],
  ['our audience among others without azp', claims({ aud: ['atrium-test', 'another-client'] })],
  ['another azp', claims({ azp: 'another-client' })],
  ['another azp with more audiences', claims({ aud: ['atrium-test', 'another-client'], azp: 'another-client' })],
  ['another issuer', claims({ iss: 'https://accounts.google.com' })],
  ['its own issuer with a slash', { claims: (token) => Object.assign(token, { iss: `${issuer.url}/` }) }],
  ['no issuer', without('iss')],
  ['no subject', without('sub')],
  ['a subject that is a number', claims({ sub: 1, email })],
  ['an empty subject', claims({ sub: '', email })],
  ['a subject with a space at its end', claims({ sub: 'johndoe ', email })],
  ['a subject of 256 letters', claims({ sub: 's'.repeat(256), email })],
  ['a subject with a zero byte', claims({ sub: 'john\u0000doe', email })],
  ['a token of the past', claims({ exp: soon() - 3600, iat: soon() - 7200 })],
  ['no end', without('exp')],
  ['a token of the future', claims({ nbf: soon() + 3600 })],
  ['no signature', instead((token) => `${String(token).split('.').slice(0, 2).join('.')}.`)],
  ['alg none', instead((token) => `${part({ alg: 'none' })}.${part(payloadOf(token))}.`)],
  [
    'HS256 with the client secret',
    instead((token) => {
      const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payloadOf(token))}`
      return `${text}.${createHmac('sha256', issuer.clientSecret).update(text).digest('base64url')}`
    }),
  ],
  [
    'a key of its own under the right name',
    instead((token) => {
      const text = `${part(headerOf(token))}.${part(payloadOf(token))}`
      return `${text}.${createSign('sha256').update(text).sign(otherKey).toString('base64url')}`
    }),
  ],
  [
    'a key that the token brings along',
    instead((token) => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const header = { alg: 'RS256', jwk: publicKey.export({ format: 'jwk' }), jku: 'https://evil.example/jwks' }
      const text = `${part(header)}.${part(payloadOf(token))}`
      return `${text}.${createSign('sha256').update(text).sign(privateKey).toString('base64url')}`
    }),
  ],
  [
    'changed claims',
    instead((token) => {
      const [header, , signature] = String(token).split('.')
      return `${header}.${part({ ...payloadOf(token), sub: 'somebody-else' })}.${signature}`
    }),
  ],
  ['an ID token that is none', instead(() => 'not.a.token')],
  ['an ID token that is an object', { tokens: (body) => Object.assign(body, { id_token: { sub: 'x' } }) }],
  [
    'no ID token',
    {
      tokens: (body) => {
        delete body.id_token
      },
    },
  ],
  [
    'no access token',
    {
      tokens: (body) => {
        delete body.access_token
      },
    },
  ],
  [
    'userinfo of somebody else',
    { userInfo: ({ body }) => Object.assign(body, { sub: 'victim', email: 'v@example.com' }) },
  ],
  [
    'userinfo of nobody',
    {
      userInfo: ({ body }) => {
        delete body.sub
      },
    },
  ],
  ['a failing userinfo', { userInfo: (answer) => Object.assign(answer, { statusCode: 500 }) }],
  [
    'an error of its own',
    {
      redirect: (url) => {
        url.searchParams.delete('code')
        url.searchParams.set('error', 'server_error')
      },
    },
  ],
  ['a code twice', { redirect: (url) => url.searchParams.append('code', 'another') }],
  ['no code', { redirect: (url) => url.searchParams.delete('code') }],
  ['a made-up code', { redirect: (url) => url.searchParams.set('code', 'made-up') }],
  ['the name of another issuer', { redirect: (url) => url.searchParams.set('iss', 'https://accounts.google.com') }],
]

describe('OA3 M26 #11 #24 a provider that sends', () => {
  it.each(attacks)('%s signs nobody in', async (_name, does) => {
    issuer.does = does
    const visitor = app.visitor()
    const before = await app.database.db.selectFrom('users').select('id').execute()
    const answer = await signInWith(visitor, 'acme')
    expect({ status: answer.status, location: answer.headers.location }).toEqual({
      status: 302,
      location: '/sign-in?error=provider_error',
    })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect((await visitor.get('/auth/current_user')).json.authenticated).toBe(false)
    expect(await app.database.db.selectFrom('users').select('id').execute()).toEqual(before)
  })

  it('nothing strange signs somebody in', async () => {
    issuer.does = {}
    const visitor = app.visitor()
    expect((await signInWith(visitor, 'acme')).headers.location).toBe('/')
    issuer.does = claims({ aud: ['atrium-test', 'another-client'], azp: 'atrium-test' })
    expect((await signInWith(app.visitor(), 'acme')).headers.location).toBe('/')
  })

  it('names and addresses full of markup, line breaks and zero bytes is survived', async () => {
    const name = `<img src=x onerror=alert(1)>\r\nBcc: x\u0000\u202e${'🎉'.repeat(500)}`
    const odd = { sub: 'odd', name, preferred_username: `../../${name}`, email: `"a@evil"@x.example\r\n${name}` }
    issuer.does = { claims: (token) => Object.assign(token, odd, { email_verified: true }) }
    const visitor = app.visitor()
    expect((await signInWith(visitor, 'acme')).headers.location).toBe('/')
    const me = (await visitor.get('/users/me')).json
    expect(me.username).toMatch(/^[A-Za-z0-9._-]{3,30}$/)
    expect(me.email).toMatch(/\.invalid$/)
    expect(me.display_name).not.toMatch(/\p{C}/u)
    const [identity] = (await visitor.get('/users/me/identities')).json.data
    expect(identity.name).not.toMatch(/\p{Cc}/u)
  })

  it('claims of the wrong kind is told nothing by them', async () => {
    issuer.does = {
      claims: (token) =>
        Object.assign(token, {
          sub: 'kinds',
          name: ['a'],
          preferred_username: { a: 1 },
          email: ['v@example.com'],
          email_verified: true,
        }),
    }
    const visitor = app.visitor()
    expect((await signInWith(visitor, 'acme')).headers.location).toBe('/')
    expect((await visitor.get('/users/me')).json).toMatchObject({ display_name: null, email_verified: false })
  })
})

it('M26 OA3 a provider that advertises weak algorithms is believed none of them', async () => {
  const weak = await createTestApp(issuer.settings('ACME'))
  const metadata: Tampering['metadata'] = (body) =>
    Object.assign(body, { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] })
  const tampered = attacks.filter(([name]) => /^(alg none|HS256|no signature)/.test(name))
  expect(tampered).toHaveLength(3)
  for (const [name, does] of tampered) {
    issuer.does = { ...does, metadata }
    const { headers } = await signInWith(weak.visitor(), 'acme')
    expect({ name, location: headers.location }).toEqual({ name, location: '/sign-in?error=provider_error' })
  }
  await weak.drop()
})

it('LO1 the log says what was wrong and none of what was in it', () => {
  expect(log.find('sign-in provider failed').length).toBeGreaterThan(attacks.length / 2)
  expect(log.find('unexpected ID Token').length).toBeGreaterThan(0)
  expect(log.leaks([issuer.clientSecret, 'v@example.com', 'code=', 'nonce='])).toEqual([])
})

it('M23 a code of one client buys nothing at the callback of another provider', async () => {
  issuer.does = {}
  const two = await createTestApp({ ...issuer.settings('ONE'), ...issuer.settings('TWO') })
  const visitor = two.visitor()
  const back = await comeBack(visitor, 'one')
  const answer = await visitor.get(back.replace('/oauth/one/', '/oauth/two/'))
  expect(answer.headers.location).toBe('/sign-in?error=oauth_state_invalid')
  expect((await visitor.get(back)).headers.location).toBe('/sign-in?error=oauth_state_invalid')
  await two.drop()
})
