import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type AppOnPhone, addPasskey, addTotp } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator } from '../../../test/software-authenticator.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
let phone: AppOnPhone
beforeEach(async () => {
  app = await createTestApp()
  ann = await app.person('ann')
  phone = await addTotp(app, ann)
})
afterEach(() => app.drop())

const login = (browser: Visitor = app.visitor(), more: object = {}) =>
  browser.post('/auth/login', { identifier: 'ann', password, ...more })
const ticket = async (browser?: Visitor, more?: object): Promise<string> => (await login(browser, more)).json.mfa_token
const verify = (mfa_token: string, more: object, browser: Visitor = app.visitor()) =>
  browser.post('/auth/mfa/verify', { mfa_token, ...more })
const outcome = ({ status, json }: Answer) => [status, json?.code ?? json?.status]
const audited = async (type: string) =>
  (await app.database.db.selectFrom('audit_events').select('type').where('type', '=', type).execute()).length

it('asks for the second factor, and opens a session of assurance 2', async () => {
  const browser = app.visitor()
  const first = await login(browser)
  expect(first.json).toEqual({
    status: 'mfa_required',
    mfa_token: expect.any(String),
    methods: ['totp', 'recovery'],
    expires_in: 300,
  })
  expect(browser.cookies.size).toBe(0)
  const second = await verify(first.json.mfa_token, { method: 'totp', code: phone.freshCode() }, browser)
  expect(outcome(second)).toEqual([200, 'complete'])
  const sessions = (await browser.get('/users/me/sessions')).json.data
  expect(sessions.find((session: { current: boolean }) => session.current)).toMatchObject({
    aal: 2,
    method: 'password',
  })
  expect(await audited('login_success')).toBe(1)
})

it('AU12 M15: the ticket between the steps opens nothing', async () => {
  const mfa_token = await ticket()
  const tricks: Record<string, string>[] = [
    { authorization: `Bearer ${mfa_token}` },
    { cookie: `access_token_cookie=${mfa_token}` },
    { cookie: `refresh_token_cookie=${mfa_token}` },
    { 'x-api-key': mfa_token },
  ]
  const calls = [
    ['GET', '/users/me'],
    ['GET', '/conversations'],
    ['GET', '/users/me/sessions'],
    ['POST', '/auth/refresh'],
    ['PUT', '/users/me/password'],
    ['DELETE', '/users/me/mfa/totp'],
    ['POST', '/users/me/mfa/recovery-codes'],
    ['POST', '/sync'],
    ['POST', '/auth/reauthenticate'],
    ['POST', '/auth/logout-everywhere'],
  ] as const
  for (const headers of tricks) {
    for (const [method, url] of calls) {
      const answer = await app.visitor().send(method, url, method === 'GET' ? undefined : {}, headers)
      expect([method, url, answer.status]).toEqual([method, url, 401])
    }
  }
  expect(outcome(await app.visitor().post('/auth/refresh', { refresh_token: mfa_token }))[0]).toBe(401)
})

it('AU12 WS1: nor a socket', async () => {
  await app.drop()
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  await addTotp(app, await app.person('ann'))
  const mfa_token = await ticket()
  await expect(connect(app, app.visitor(), { auth: { token: mfa_token } })).rejects.toThrow('token_invalid')
})

it('AU10: a code works once, in 20 tries side by side and on every other endpoint', async () => {
  const code = phone.freshCode()
  // One after another: the tries at a password are counted as well, and side by side the later ones wait.
  const tickets: string[] = []
  for (let i = 0; i < 20; i++) tickets.push(await ticket())
  const answers: Answer[] = []
  // Two at a time: the tries of an account are counted, and five wrong ones in a row would lock it.
  for (let i = 0; i < tickets.length; i += 2) {
    const pair = tickets.slice(i, i + 2)
    answers.push(...(await Promise.all(pair.map((token) => verify(token, { method: 'totp', code })))))
    if (i === 0) expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  }
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect((await ann.post('/auth/reauthenticate', { code })).status).not.toBe(200)
})

it('AU10: wrong codes are counted for the account, whatever ticket they come with', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 7; i++) statuses.push((await verify(await ticket(), { method: 'totp', code: '000000' })).status)
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  const right = await verify(await ticket(), { method: 'totp', code: phone.freshCode() })
  expect(outcome(right)).toEqual([429, 'too_many_attempts'])
  app.advance(31 * 60)
  expect((await verify(await ticket(), { method: 'totp', code: phone.code() })).status).toBe(200)
  expect(await audited('mfa_failed')).toBe(5)
})

it('AU11: a recovery code works once, in 20 tries side by side', async () => {
  const [code = ''] = phone.recoveryCodes
  // One after another: the tries at a password are counted as well, and side by side the later ones wait.
  const tickets: string[] = []
  for (let i = 0; i < 20; i++) tickets.push(await ticket())
  const answers = await Promise.all(tickets.map((token) => verify(token, { method: 'recovery', code })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

it('a ticket works once and for five minutes', async () => {
  const used = await ticket()
  expect((await verify(used, { method: 'totp', code: phone.freshCode() })).status).toBe(200)
  expect(outcome(await verify(used, { method: 'totp', code: phone.freshCode() }))).toEqual([401, 'mfa_invalid'])
  const old = await ticket()
  app.advance(301)
  expect(outcome(await verify(old, { method: 'totp', code: phone.code() }))).toEqual([401, 'mfa_invalid'])
  expect(outcome(await verify('never-issued', { method: 'totp', code: '123456' }))).toEqual([401, 'mfa_invalid'])
})

it('a passkey is a second factor too, and of its own account only', async () => {
  const key = new SoftwareAuthenticator()
  await addPasskey(ann, key)
  const bob = await app.person('bob')
  const strange = new SoftwareAuthenticator()
  await addPasskey(bob, strange)

  const mfa_token = await ticket()
  const options = (await app.visitor().post('/auth/passkey/options', { mfa_token })).json
  const forged = await verify(mfa_token, {
    method: 'passkey',
    assertion: strange.get({ ...options, allowCredentials: [] }),
  })
  expect(forged.status).toBe(401)
  const again = (await app.visitor().post('/auth/passkey/options', { mfa_token })).json
  expect((await verify(mfa_token, { method: 'passkey', assertion: key.get(again) })).status).toBe(200)
})

it('signs in with a passkey alone, which is two factors by itself', async () => {
  const key = new SoftwareAuthenticator()
  await addPasskey(ann, key)
  const browser = app.visitor()
  const options = (await browser.post('/auth/passkey/options', {})).json
  const answer = await browser.post('/auth/passkey/verify', { assertion: key.get(options) })
  expect(outcome(answer)).toEqual([200, 'complete'])
  const sessions = (await browser.get('/users/me/sessions')).json.data
  expect(sessions.find((session: { current: boolean }) => session.current)).toMatchObject({ aal: 2, method: 'passkey' })
  const replayed = await app.visitor().post('/auth/passkey/verify', { assertion: key.get(options) })
  expect(outcome(replayed)).toEqual([401, 'passkey_invalid'])
})

it('a trusted browser is not asked again, until it is forgotten or 30 days are over', async () => {
  const browser = app.visitor()
  await verify(await ticket(browser), { method: 'totp', code: phone.freshCode(), trust_device: true }, browser)
  expect(outcome(await login(browser))).toEqual([200, 'complete'])
  expect((await login()).json.status).toBe('mfa_required')
  const [trusted] = (await browser.get('/users/me/trusted-devices')).json.data
  const bob = await app.person('bob')
  expect((await bob.delete(`/users/me/trusted-devices/${trusted.id}`)).status).toBe(404)
  expect((await browser.delete(`/users/me/trusted-devices/${trusted.id}`)).status).toBe(204)
  expect((await login(browser)).json.status).toBe('mfa_required')

  await verify(await ticket(browser), { method: 'totp', code: phone.freshCode(), trust_device: true }, browser)
  app.advance(30 * 86_400 + 1)
  expect((await login(browser)).json.status).toBe('mfa_required')
})

it('AU4 SE8: step-up by password, code or passkey opens what needs a recent proof', async () => {
  const key = new SoftwareAuthenticator()
  await addPasskey(ann, key)
  const guarded = () => ann.delete('/users/me/sessions?others=true')
  const proofs = [
    async () => ({ password }),
    async () => ({ code: phone.freshCode() }),
    async () => ({
      assertion: key.get((await ann.post('/auth/passkey/options', { purpose: 'reauthenticate' })).json),
    }),
  ]
  for (const proof of proofs) {
    app.advance(601)
    expect(outcome(await guarded())).toEqual([403, 'reauthentication_required'])
    expect((await ann.post('/auth/reauthenticate', await proof())).status).toBe(200)
    expect((await guarded()).status).toBe(200)
  }
  for (const wrong of [{ password: 'a wrong guess' }, { code: '000000' }, { assertion: {} }]) {
    expect((await ann.post('/auth/reauthenticate', wrong)).status).toBe(401)
  }
  expect((await ann.post('/auth/reauthenticate', {})).status).toBe(422)
  expect((await ann.post('/auth/reauthenticate', { password, code: '1' })).status).toBe(422)
})
