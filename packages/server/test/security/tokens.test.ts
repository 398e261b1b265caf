import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { deriveKeys } from '../../src/platform/keys.ts'
import { collectLog } from '../collected-log.ts'
import { connect } from '../live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../test-app.ts'

const secret = 'oZ4-uq8Wm_2rTt6yB1xKc9vLh3sDf7gN'
const keys = deriveKeys(secret)
const issuer = loadConfig({ PORT: '0' }).publicUrl.origin
const log = collectLog()
let app: TestApp
let ann: Visitor
let access = ''
let refresh = ''
beforeAll(async () => {
  app = await createTestApp({ PORT: '0', SECRET_KEY: secret }, { log: log.logger })
  await app.listen()
  ann = await app.person()
  access = ann.cookies.get('access_token_cookie') as string
  refresh = ann.cookies.get('refresh_token_cookie') as string
})
afterAll(async () => {
  await app.drop()
  expect(log.leaks([secret])).toEqual([])
})

type Json = Record<string, unknown>
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const read = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Json
/** Signed by hand, so that what no library would sign can be signed. */
const hs256 = (header: unknown, payload: unknown, key: Buffer | string = keys.access) => {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}
/** The genuine access token with some claims changed or, by undefined, left out; rightly signed. */
const claims = (change: Json) => hs256(read(access, 0), { ...read(access, 1), ...change })
const header = (change: Json) => hs256({ ...read(access, 0), ...change }, read(access, 1))
const seconds = () => Math.floor(Date.now() / 1000)

const outcome = ({ status, json }: Answer) => [status, json?.code]
const byCookie = (token: string) => app.visitor().get('/users/me', { cookie: `access_token_cookie=${token}` })
const byBearer = (token: string) => app.visitor().get('/users/me', { authorization: `Bearer ${token}` })
const bySocket = (token: unknown) => connect(app, app.visitor(), { extraHeaders: {}, auth: { token } })

/** Refused by every carrier alike: cookie, Authorization, socket. */
async function expectRefused(token: string, code = 'token_invalid'): Promise<void> {
  expect(outcome(await byCookie(token))).toEqual([401, code])
  expect(outcome(await byBearer(token))).toEqual([401, code])
  await expect(bySocket(token)).rejects.toMatchObject({ problem: { status: 401, code } })
}

it('M14: what these tests sign is accepted as long as nothing in it is wrong', async () => {
  const again = claims({})
  expect(again).toBe(access)
  expect((await byCookie(claims({ jti: 'another' }))).status).toBe(200)
  expect((await byBearer(access)).json.id).toBe(ann.userId)
  const live = await bySocket(access)
  live.close()
})

const [rsa, ec, ed] = [
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ed25519'),
]
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string
const byAlgorithm = (alg: string, key: Parameters<SignJWT['sign']>[0]) => () =>
  new SignJWT(read(access, 1) as JWTPayload).setProtectedHeader({ ...read(access, 0), alg }).sign(key)
const unsigned = (alg: string, signature = '') =>
  `${part({ ...read(access, 0), alg })}.${access.split('.')[1]}.${signature}`

const algorithms: [name: string, make: () => string | Promise<string>][] = [
  ['none', () => unsigned('none')],
  ['None', () => unsigned('None')],
  ['nOnE', () => unsigned('nOnE')],
  ['none with the old signature', () => unsigned('none', access.split('.')[2])],
  ['no algorithm', () => `${part({ typ: 'at+jwt' })}.${access.split('.')[1]}.${access.split('.')[2]}`],
  ['an algorithm list', () => header({ alg: ['HS256'] })],
  ['lower case', () => header({ alg: 'hs256' })],
  ['an empty signature', () => unsigned('HS256')],
  ['no signature part', () => access.split('.').slice(0, 2).join('.')],
  [
    'the signature of another payload',
    () => `${claims({ aal: 2 }).split('.').slice(0, 2).join('.')}.${access.split('.')[2]}`,
  ],
  ['an empty key', () => hs256(read(access, 0), read(access, 1), '')],
  ['the public key as secret', () => hs256(read(access, 0), read(access, 1), pem)],
  ['the secret without derivation', () => hs256(read(access, 0), read(access, 1), secret)],
  ['HS384', byAlgorithm('HS384', keys.access)],
  ['HS512', byAlgorithm('HS512', Buffer.concat([keys.access, keys.access]))],
  ['RS256', byAlgorithm('RS256', rsa.privateKey)],
  ['ES256', byAlgorithm('ES256', ec.privateKey)],
  ['EdDSA', byAlgorithm('EdDSA', ed.privateKey)],
  ['r = s = 0', () => unsigned('ES256', Buffer.alloc(64).toString('base64url'))],
]
it.each(algorithms)('M14 TK1: refused by algorithm or signature: %s', async (_, make) => expectRefused(await make()))

const headers: [name: string, change: Json][] = [
  ['kid with a path', { kid: '../../../../dev/null' }],
  ['kid with SQL', { kid: "x' union select 'key" }],
  ['kid with an address', { kid: 'http://127.0.0.1/key' }],
  ['kid as a list', { kid: ['a'] }],
  ['kid as an object', { kid: { toString: 'x' } }],
  ['unknown crit', { crit: ['exp2'], exp2: 1 }],
  ['b64 false', { b64: false, crit: ['b64'] }],
  ['zip', { zip: 'DEF' }],
  ['another type', { typ: 'JWT' }],
  ['no type', { typ: undefined }],
  ['the type of a refresh token', { typ: 'rt+jwt' }],
  ['nested', { cty: 'JWT' }],
  ['__proto__', JSON.parse('{"__proto__":{"alg":"none"}}')],
]
it.each(headers)('M14 TK2: refused by its header, even if rightly signed: %s', async (_, change) => {
  await expectRefused(header(change))
})

it('M14 TK2: keys named by a token are neither used nor fetched', async () => {
  let asked = 0
  const trap = createServer((_, response) => {
    asked++
    response.end(JSON.stringify({ keys: [rsa.publicKey.export({ format: 'jwk' })] }))
  })
  const port = await new Promise<number>((done) => {
    trap.listen(0, '127.0.0.1', () => done((trap.address() as { port: number }).port))
  })
  const url = `http://127.0.0.1:${port}/keys`
  const jwk = { ...rsa.publicKey.export({ format: 'jwk' }), alg: 'RS256' }
  const own = { kty: 'oct', k: Buffer.from('my own key, 32 bytes of it, sure').toString('base64url') }
  for (const change of [{ jku: url }, { x5u: url }, { jwk }, { x5c: [pem] }, { kid: url, jku: url }]) {
    const named = new SignJWT(read(access, 1) as JWTPayload).setProtectedHeader({
      ...read(access, 0),
      alg: 'RS256',
      ...change,
    })
    await expectRefused(await named.sign(rsa.privateKey))
    await expectRefused(header(change))
  }
  await expectRefused(hs256({ ...read(access, 0), jwk: own }, read(access, 1), Buffer.from(own.k, 'base64url')))
  trap.close()
  expect(asked).toBe(0)
})

it('M14 TK2: refused by its form', async () => {
  const [first, second, third] = access.split('.') as [string, string, string]
  const forms = [
    `${first}.${second}.${third}.${third}.${third}`,
    `${first}.${second}.${third}.`,
    `.${second}.${third}`,
    `${first}..${third}`,
    `${first}.${part('text')}.${third}`,
    `${part([])}.${second}.${third}`,
    `${part(null)}.${second}.${third}`,
    hs256(read(access, 0), 'text'),
    hs256(read(access, 0), null),
    hs256(read(access, 0), [read(access, 1)]),
    claims({ padding: 'x'.repeat(4000) }),
    JSON.stringify({ payload: second, protected: first, signature: third }).replaceAll('"', ''),
  ]
  for (const token of forms)
    await expectRefused(token).catch((error: Error) => Promise.reject(new Error(`${token}: ${error.message}`)))
})

it('M14 TK3: no token or value of another purpose opens anything', async () => {
  for (const token of [
    refresh,
    hs256({ ...read(refresh, 0), typ: 'at+jwt' }, read(access, 1), keys.refresh),
    hs256(read(access, 0), read(access, 1), keys.csrf.export()),
    hs256(read(access, 0), read(access, 1), keys.cursor),
    ann.csrf?.csrf_access_token ?? '',
    ann.csrf?.csrf_refresh_token ?? '',
    (await app.services.setup.prepare()) ?? '',
  ]) {
    await expectRefused(token)
  }
  const csrf = { 'x-csrf-token': ann.csrf?.csrf_refresh_token ?? '' }
  const refreshWith = (token: string) =>
    app.visitor().post('/auth/refresh', undefined, { ...csrf, cookie: `refresh_token_cookie=${token}` })
  const payload = read(refresh, 1)
  for (const token of [
    access,
    hs256({ ...read(access, 0), typ: 'rt+jwt' }, payload, keys.access),
    hs256({ ...read(refresh, 0), typ: 'at+jwt' }, payload, keys.refresh),
    hs256(read(refresh, 0), { ...payload, ctr: undefined }, keys.refresh),
    hs256(read(refresh, 0), { ...payload, ctr: '0' }, keys.refresh),
    hs256(read(refresh, 0), { ...payload, ctr: 0.5 }, keys.refresh),
  ]) {
    expect(outcome(await refreshWith(token))).toEqual([401, 'refresh_invalid'])
    expect(outcome(await app.visitor().post('/auth/refresh', { refresh_token: token }))).toEqual([
      401,
      'refresh_invalid',
    ])
  }
  expect((await ann.get('/users/me')).status).toBe(200)
})

const wrongClaims: [name: string, change: () => Json, code?: string][] = [
  ['exp past', () => ({ exp: seconds() - 1 }), 'token_expired'],
  ['exp long past', () => ({ exp: 1 }), 'token_expired'],
  ['exp zero', () => ({ exp: 0 }), 'token_expired'],
  ['exp as text', () => ({ exp: String(seconds() + 600) })],
  ['exp as fraction', () => ({ exp: seconds() + 600.5 })],
  ['exp 1e99', () => ({ exp: 1e99 })],
  ['exp beyond exact numbers', () => ({ exp: 2 ** 53 })],
  ['exp null', () => ({ exp: null })],
  ['exp as object', () => ({ exp: { valueOf: 1 } })],
  ['nbf in the future', () => ({ nbf: seconds() + 300 })],
  ['nbf as text', () => ({ nbf: '0' })],
  ['iat far in the future', () => ({ iat: seconds() + 300 })],
  ['iat as text', () => ({ iat: '0' })],
  ['iat as fraction', () => ({ iat: 0.5 })],
  ['foreign issuer', () => ({ iss: 'https://evil.example' })],
  ['issuer list', () => ({ iss: [issuer] })],
  ['foreign audience', () => ({ aud: 'other' })],
  ['foreign audiences', () => ({ aud: ['other', 'another'] })],
  ['subject as number', () => ({ sub: 1 })],
  ['subject as a list', () => ({ sub: [ann.userId] })],
  ['session as object', () => ({ sid: {} })],
  ['session as a list', () => ({ sid: [ann.sessionId] })],
  ['aal 3', () => ({ aal: 3 })],
  ['aal as text', () => ({ aal: '1' })],
  ['auth_time as text', () => ({ auth_time: '1' })],
  ...['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'auth_time', 'aal'].map((name): [string, () => Json] => [
    `no ${name}`,
    () => ({ [name]: undefined }),
  ]),
  ['a session that never was', () => ({ sid: '0192f6d0-0000-7000-8000-000000000000' }), 'session_revoked'],
  ['a session that is no id', () => ({ sid: "' or 1=1 --" })],
  ['a session with U+0000', () => ({ sid: 'a\0b' })],
  ['a subject with a lone surrogate', () => ({ sub: '\ud800' })],
]
it.each(wrongClaims)('M14 TK4: refused by its claims, even if rightly signed: %s', async (_, change, code) => {
  await expectRefused(claims(change()), code)
})

/** Other spellings of the same bytes: a list of ended tokens kept by their text would let these pass. */
function spellings(token: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) as string)
  const lasts = [1, 2, 3].map((bits) => token.slice(0, -1) + alphabet[last ^ bits])
  const [first, second, third] = token.split('.') as [string, string, string]
  return [
    ...lasts,
    `${token}=`,
    `${token}==`,
    `${first}=.${second}.${third}`,
    `${first}.${second}=.${third}`,
    `${first}.${second}.${third.slice(0, 10)} ${third.slice(10)}`,
    `${first}.${second}.${third.slice(0, 10)}\n${third.slice(10)}`,
    ...(/[-_]/.test(token) ? [token.replaceAll('-', '+').replaceAll('_', '/')] : []),
    ` ${token}`,
    `${token}\t`,
    `${token}\u00a0`,
    `${token}\0`,
    `${token}%00`,
  ]
}

it('M14 TK6: a token has one spelling; no other is accepted, neither before nor after logout', async () => {
  const bob = await app.person()
  const [a, r] = [bob.cookies.get('access_token_cookie') as string, bob.cookies.get('refresh_token_cookie') as string]
  const expectNoneAccepted = async () => {
    for (const spelling of spellings(a)) {
      await expect(bySocket(spelling)).rejects.toMatchObject({ problem: { status: 401, code: 'token_invalid' } })
      // Text that cannot stand in a header, or that HTTP trims away, is for the carriers above and below.
      if (/[\0-\x20\x7f-\uffff]/.test(spelling)) continue
      expect(outcome(await byCookie(spelling))).toEqual([401, 'token_invalid'])
      expect(outcome(await byBearer(spelling))).toEqual([401, 'token_invalid'])
    }
    for (const spelling of spellings(r)) {
      const { status, body } = await app.visitor().post('/auth/refresh', { refresh_token: spelling })
      expect([status, body.includes('eyJ')]).toEqual([spelling.includes('\0') ? 422 : 401, false])
    }
  }
  await expectNoneAccepted()
  expect((await bob.get('/users/me')).status).toBe(200)
  await bob.post('/auth/logout')
  await expectNoneAccepted()
})

it('M14: a token of another installation is refused', async () => {
  const there = await createTestApp({ PUBLIC_URL: 'http://localhost:1', SECRET_KEY: secret }, { log: log.logger })
  const stranger = await there.person()
  await expectRefused(stranger.cookies.get('access_token_cookie') as string)
  await there.drop()
  const wrong = await app.visitor().post('/auth/login', { identifier: ann.username, password, token_delivery: 'body' })
  await expectRefused(`${wrong.json.access_token.slice(0, -8)}AAAAAAAA`)
})
