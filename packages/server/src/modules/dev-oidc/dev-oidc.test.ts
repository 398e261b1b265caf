import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, leave, pathOf, signInWithDev } from '../../../test/dev-sign-in.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const verifier = randomBytes(32).toString('base64url')
const request = {
  client_id: 'atrium',
  redirect_uri: 'http://localhost:8000/oauth/dev/callback',
  response_type: 'code',
  scope: 'openid email profile',
  state: 'a-state',
  nonce: 'a-nonce',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
}
const authorize = (change: Record<string, string | undefined> = {}, headers = {}) => {
  const query = Object.entries({ ...request, ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return app.visitor().get(`/dev/oidc/authorize?${new URLSearchParams(query)}`, headers)
}
const codeFor = async (more: Record<string, string> = {}) => {
  const query = new URLSearchParams({ ...request, name: 'Dev', email: 'dev@example.com', ...more })
  const { headers } = await app.visitor().get(`/dev/oidc/approve?${query}`)
  return new URL(String(headers.location)).searchParams.get('code') ?? ''
}
const swap = (form: Record<string, string>) =>
  app.http.inject({
    method: 'POST',
    url: '/dev/oidc/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'atrium',
      redirect_uri: request.redirect_uri,
      code_verifier: verifier,
      ...form,
    }).toString(),
  })

describe('the development provider', () => {
  it('W05 is an OpenID provider like any other', async () => {
    const metadata = (await app.visitor().get('/dev/oidc/.well-known/openid-configuration')).json
    expect(metadata).toMatchObject({
      issuer: 'http://localhost:8000/dev/oidc',
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    })
    const answer = await swap({ code: await codeFor() })
    expect(answer.statusCode).toBe(200)
    const { id_token, access_token } = answer.json()
    const [header = '', payload = '', signature = ''] = id_token.split('.')
    const { keys } = (await app.visitor().get(pathOf(metadata.jwks_uri))).json
    expect(Object.keys(keys[0]).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const key = createPublicKey({ key: keys[0], format: 'jwk' })
    const isSigned = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    expect(isSigned).toBe(true)
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    expect(claims).toMatchObject({ iss: metadata.issuer, aud: 'atrium', nonce: 'a-nonce', email: 'dev@example.com' })
    const person = await app.visitor().get('/dev/oidc/userinfo', { authorization: `Bearer ${access_token}` })
    expect(person.json).toEqual({
      sub: claims.sub,
      name: 'Dev',
      email: 'dev@example.com',
      email_verified: true,
    })
    expect((await app.visitor().get('/dev/oidc/userinfo', { authorization: 'Bearer no' })).status).toBe(401)
  })

  it('asks for PKCE, and takes a code once', async () => {
    expect((await authorize()).status).toBe(200)
    expect((await authorize({ code_challenge: undefined })).status).toBe(422)
    expect((await authorize({ code_challenge_method: 'plain' })).status).toBe(422)
    const code = await codeFor()
    const answers = await Promise.all(Array.from({ length: 20 }, () => swap({ code })))
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    const refused = { statusCode: 400, error: 'invalid_grant' }
    for (const wrong of [
      { code_verifier: randomBytes(32).toString('base64url') },
      { redirect_uri: 'http://localhost:8000/oauth/other/callback' },
      { code: 'made-up' },
    ]) {
      const answer = await swap({ code: await codeFor(), ...wrong })
      expect({ statusCode: answer.statusCode, error: answer.json().error }).toEqual(refused)
    }
  })

  it('sends nobody anywhere but to our own callback', async () => {
    for (const change of [
      { redirect_uri: 'https://evil.example/oauth/dev/callback' },
      { redirect_uri: 'http://localhost:8000/oauth/dev/callback/' },
      { redirect_uri: 'http://localhost:8000/oauth/google/callback' },
      { client_id: 'another' },
    ]) {
      expect((await authorize(change)).json).toMatchObject({ status: 400, code: 'bad_request' })
      const query = new URLSearchParams({ ...request, name: 'a', email: 'a@example.com', ...change })
      expect((await app.visitor().get(`/dev/oidc/approve?${query}`)).status).toBe(400)
    }
  })

  it('is slow where it is told to be', async () => {
    const visitor = app.visitor()
    const back = await approve(visitor, await leave(visitor), { email: 'slow@example.com', slow: true })
    const arrivals: string[] = []
    const slow = visitor.get(pathOf(back)).then(({ headers }) => arrivals.push(`slow ${headers.location}`))
    const quick = await signInWithDev(app.visitor(), { email: 'quick@example.com' })
    arrivals.push(`quick ${quick.headers.location}`)
    await slow
    expect(arrivals).toEqual(['quick /', 'slow /'])
  })
})

describe('its page', () => {
  it('holds nothing from elsewhere, no script, and shows what it was asked as text', async () => {
    const { body, headers } = await authorize({ state: '"><script>alert(1)</script>' })
    expect(body).not.toContain('<script')
    expect(body).toContain('value="&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;"')
    expect(body).not.toMatch(/(src|href)=|url\(/)
    expect(body).toContain('<html lang="en">')
    expect(body).toContain('name="viewport"')
    expect(body).toContain('prefers-color-scheme: dark')
    for (const id of ['name', 'email']) expect(body).toMatch(new RegExp(`<label for="${id}">.*\\n<input id="${id}"`))
    const policy = String(headers['content-security-policy'])
    const nonce = /<style nonce="([^"]+)">/.exec(body)?.[1] ?? ''
    expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self'")
    expect((await authorize()).headers['content-security-policy']).not.toContain(nonce)
  })

  it.each([
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { via: '1.1 proxy' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example:8000' },
  ])('is not there with %j', async (headers) => {
    expect((await authorize({}, headers)).status).toBe(404)
    for (const path of ['.well-known/openid-configuration', 'jwks', 'userinfo']) {
      expect((await app.visitor().get(`/dev/oidc/${path}`, headers)).status).toBe(404)
    }
  })

  it('is not there for other machines', async () => {
    const answer = await app.http.inject({
      url: `/dev/oidc/authorize?${new URLSearchParams(request)}`,
      remoteAddress: '192.168.1.5',
    })
    expect(answer.statusCode).toBe(404)
  })
})

it('is no part of production', async () => {
  const production = await createTestApp({
    NODE_ENV: 'production',
    TESTING: '',
    RATE_LIMIT_PROFILE: '',
    EMAIL_VERIFICATION: 'off',
    PUBLIC_URL: 'https://atrium.example',
  })
  const visitor = production.visitor()
  expect((await visitor.get('/oauth/providers')).json).toEqual({ data: [] })
  expect((await visitor.get('/meta')).json.providers).toEqual([])
  for (const path of ['/oauth/dev/initiate', '/dev/oidc/jwks', '/dev/oidc/.well-known/openid-configuration']) {
    expect((await visitor.get(path)).status).toBe(404)
    expect((await visitor.get(path, { accept: 'text/html' })).status).toBe(404)
  }
  await production.drop()
})
