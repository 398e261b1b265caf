import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

type Json = Record<string, unknown>

/** Answers like GitHub, as its documentation shows them. */
const gitHub = {
  user: { id: 583231, login: 'octocat', name: 'The Octocat' } as Json,
  emails: [{ email: 'octocat@example.com', primary: true, verified: true, visibility: 'public' }] as unknown,
  emailStatus: 200,
  token: { access_token: 'gho_16C7e42F292c6912E7710c838347Ae178B4a', token_type: 'bearer', scope: 'read:user' } as Json,
  asked: [] as { url: string; form: Record<string, string>; authorization: string | undefined }[],
}

let app: TestApp
let server: Server
let site: string
beforeAll(async () => {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    gitHub.asked.push({ url: request.url ?? '', form, authorization: request.headers.authorization })
    const [status, body] = {
      '/login/oauth/access_token': [200, gitHub.token] as const,
      '/user': [200, gitHub.user] as const,
      '/user/emails': [gitHub.emailStatus, gitHub.emails] as const,
    }[request.url ?? ''] ?? [404, {}]
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
  }
  server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  app = await createTestApp(
    { GITHUB_CLIENT_ID: 'Iv1.8a61f9b3a7aba766', GITHUB_CLIENT_SECRET: 'the secret at GitHub' },
    { providerAddresses: { gitHub: { site, api: site } } },
  )
})
afterAll(async () => {
  await app.drop()
  server.closeAllConnections()
  server.close()
})

const enter = async (visitor: Visitor) => {
  const left = await visitor.get('/oauth/github/initiate')
  const asked = new URL(String(left.headers.location))
  const { headers } = await visitor.get(`/oauth/github/callback?code=abc&state=${asked.searchParams.get('state')}`)
  return { asked, location: headers.location }
}

it('O02 asks for PKCE and the addresses, and fetches who it is', async () => {
  const visitor = app.visitor()
  gitHub.asked = []
  const { asked, location } = await enter(visitor)
  expect(location).toBe('/')
  expect(asked.origin + asked.pathname).toBe(`${site}/login/oauth/authorize`)
  const { state: _, code_challenge, ...query } = Object.fromEntries(asked.searchParams)
  expect(query).toEqual({
    client_id: 'Iv1.8a61f9b3a7aba766',
    response_type: 'code',
    redirect_uri: 'http://localhost:8000/oauth/github/callback',
    scope: 'read:user user:email',
    code_challenge_method: 'S256',
  })
  const [token, ...reads] = gitHub.asked
  expect(token?.form).toMatchObject({
    client_id: query.client_id,
    client_secret: 'the secret at GitHub',
    code: 'abc',
    grant_type: 'authorization_code',
    redirect_uri: query.redirect_uri,
  })
  expect(
    createHash('sha256')
      .update(token?.form.code_verifier ?? '')
      .digest('base64url'),
  ).toBe(code_challenge)
  expect(reads.map(({ url }) => url).sort()).toEqual(['/user', '/user/emails'])
  for (const { authorization } of reads) expect(authorization).toBe(`Bearer ${gitHub.token.access_token}`)
  expect((await visitor.get('/users/me')).json).toMatchObject({
    username: 'octocat',
    display_name: 'The Octocat',
    email: 'octocat@example.com',
    email_verified: true,
  })
})

it('knows a person by the number, whatever they are called today', async () => {
  const first = app.visitor()
  await enter(first)
  gitHub.user = { ...gitHub.user, login: 'renamed', name: null }
  gitHub.emails = [{ email: 'renamed@example.com', primary: true, verified: true }]
  const again = app.visitor()
  await enter(again)
  const me = (await again.get('/users/me')).json
  expect(me.id).toBe((await first.get('/users/me')).json.id)
  expect(me.email).toBe('octocat@example.com')
  gitHub.user = { id: 2, login: 'octocat', name: 'Somebody else' }
  const other = app.visitor()
  await enter(other)
  expect((await other.get('/users/me')).json.id).not.toBe(me.id)
})

it.each([
  ['not verified', [{ email: 'octo1@example.com', primary: true, verified: false }]],
  ['verified in words', [{ email: 'octo2@example.com', primary: true, verified: 'true' }]],
  ['not the primary one', [{ email: 'octo3@example.com', primary: false, verified: true }]],
  ['missing', []],
  ['no list', { message: 'Not Found' }],
  ['nothing', [null, 1, 'a']],
])('M25 takes no address that is %s', async (_name, emails) => {
  gitHub.user = { id: 1000 + Math.floor(Math.random() * 1e9), login: 'mona', name: 'Mona' }
  gitHub.emails = emails
  const visitor = app.visitor()
  expect((await enter(visitor)).location).toBe('/')
  const { email, email_verified } = (await visitor.get('/users/me')).json
  expect(email).toMatch(/\.invalid$/)
  expect(email_verified).toBe(false)
})

it('does without addresses where it may not see them', async () => {
  gitHub.user = { id: 77, login: 'shy', name: null }
  gitHub.emailStatus = 403
  expect((await enter(app.visitor())).location).toBe('/')
  gitHub.emailStatus = 500
  expect((await enter(app.visitor())).location).toBe('/sign-in?error=provider_error')
  gitHub.emailStatus = 200
})

it.each([
  [{ login: 'nobody' }],
  [{ id: 'abc' }],
  [{ id: '583231' }],
  [{ id: 583231.5 }],
  [{ id: 0 }],
  [{ id: -1 }],
  [{ id: 1e300 }],
  [{ id: [583231] }],
])('lets nobody in as %j', async (user) => {
  gitHub.user = user
  expect((await enter(app.visitor())).location).toBe('/sign-in?error=provider_error')
})

it('ends on our page with an error that GitHub answers with 200', async () => {
  gitHub.user = { id: 583231, login: 'octocat' }
  const { token } = gitHub
  gitHub.token = { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
  expect((await enter(app.visitor())).location).toBe('/sign-in?error=provider_error')
  gitHub.token = token
})
