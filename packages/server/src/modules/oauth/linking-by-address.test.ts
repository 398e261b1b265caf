import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MockIssuer, returnFrom, signInWith, startMockIssuer } from '../../../test/mock-issuer.ts'
import { addTotp } from '../../../test/second-factors.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let issuer: MockIssuer
beforeAll(async () => {
  issuer = await startMockIssuer()
  // One provider under two names: what it says is believed under one of them.
  app = await createTestApp({ ...issuer.settings('TRUSTY', { TRUSTED: 'true' }), ...issuer.settings('OTHER') })
})
afterAll(async () => {
  await app.drop()
  await issuer.stop()
})

let subjects = 0
/** The provider's next word: a person nobody came as before. */
const says = (claims: object): string => {
  const sub = `subject-${++subjects}`
  const person = { sub, ...claims }
  issuer.does = {
    claims: (token) => Object.assign(token, person),
    userInfo: (answer) => Object.assign(answer.body, person),
  }
  return sub
}
const prove = (someone: Visitor) =>
  app.database.unitOfWork(({ tx }) =>
    tx.updateTable('users').set({ email_verified: 1 }).where('id', '=', someone.userId).execute(),
  )
const linksOf = async (userId: string) =>
  (await app.database.db.selectFrom('identities').selectAll().where('user_id', '=', userId).execute()).map(
    ({ provider, subject }) => `${provider} ${subject}`,
  )
const mailsTo = async (userId: string) =>
  (await app.database.db.selectFrom('mails').select('template').where('user_id', '=', userId).orderBy('id').execute())
    .map(({ template }) => template)
    .filter((template) => /identity|claimed/.test(template))
const eventsOf = async (userId: string) =>
  (
    await app.database.db.selectFrom('audit_events').selectAll().where('user_id', '=', userId).orderBy('id').execute()
  ).map(({ type, outcome, detail }) => ({ type, outcome, detail: JSON.parse(detail) }))
const linkFirst = '/sign-in?error=account_exists_link_first'

const words: [string, unknown][] = [
  ['true', true],
  ['false', false],
  ['absent', undefined],
  ['"true"', 'true'],
  ['"false"', 'false'],
  ['0', 0],
  ['1', 1],
  ['[true]', [true]],
]

describe.each(words)('OA4 M25 an address that the provider calls verified: %s', (_name, email_verified) => {
  const believed = email_verified === true
  const enter = async (provider: string, email: string) => {
    const visitor = app.visitor()
    const sub = says({ email, ...(email_verified === undefined ? {} : { email_verified }) })
    const { headers } = await signInWith(visitor, provider)
    return { visitor, sub, location: headers.location }
  }

  it('makes an account where the address is free, proved only where it is believed', async () => {
    for (const provider of ['trusty', 'other']) {
      const { visitor, location } = await enter(provider, `free-${provider}-${subjects}@example.com`)
      expect(location).toBe('/')
      const me = (await visitor.get('/users/me')).json
      expect(me.email_verified).toBe(believed && provider === 'trusty')
    }
  })

  it('opens an account with a proved address only where it is believed', async () => {
    const owner = await app.person(`owner${subjects}`)
    await prove(owner)
    const other = await enter('other', `${owner.username}@example.com`)
    expect(other.location).toBe(linkFirst)
    const { visitor, sub, location } = await enter('trusty', `${owner.username.toUpperCase()}@Example.com`)
    expect(location).toBe(believed ? '/' : linkFirst)
    expect(await linksOf(owner.userId)).toEqual(believed ? [`trusty ${sub}`] : [])
    expect(await mailsTo(owner.userId)).toEqual(believed ? ['identity_linked'] : [])
    expect((await visitor.get('/auth/current_user')).json.authenticated).toBe(believed)
    expect((await owner.get('/users/me')).status).toBe(200)
    const again = await app.visitor().post('/auth/login', { identifier: owner.username, password })
    expect(again.status).toBe(200)
  })

  it('M06 takes an account with an unproved address only where it is believed', async () => {
    const squatter = await app.person(`squatter${subjects}`)
    const other = await enter('other', `${squatter.username}@example.com`)
    expect(other.location).toBe(linkFirst)
    const { visitor, location } = await enter('trusty', `${squatter.username}@example.com`)
    expect(location).toBe(believed ? '/' : linkFirst)
    expect((await squatter.get('/users/me')).status).toBe(believed ? 401 : 200)
    expect((await visitor.get('/auth/current_user')).json.authenticated).toBe(believed)
  })
})

describe('M06 trap 2 #13 the real owner of an address that somebody used', () => {
  it('gets an account that nothing of the other one opens', async () => {
    const squatter = await app.person('victim')
    const second = app.visitor()
    await second.post('/auth/login', { identifier: 'victim', password })
    // The squatter's own ways in: an identity, an authenticator, a trusted browser and a key of a mail under way.
    const own = says({ email: 'squatter@example.org', email_verified: true })
    const linked = await squatter.post('/oauth/other/link')
    expect(linked.status).toBe(200)
    expect((await squatter.get(await returnFrom(linked.json.url))).headers.location).toBe('/')
    await addTotp(app, squatter)
    const key = await squatter.post('/users/me/api-keys', { name: 'mine', scopes: ['account:read'] })
    expect(key.status).toBe(201)
    const bearer = { authorization: `Bearer ${key.json.key}` }
    expect((await app.visitor().get('/users/me', bearer)).status).toBe(200)
    await app.database.unitOfWork(({ tx }) =>
      app.services.oneTime.issue(
        tx,
        { name: 'confirm_email', lifeSeconds: 3600, newestOnly: true },
        squatter.userId,
        {},
      ),
    )
    expect(await linksOf(squatter.userId)).toEqual([`other ${own}`])
    const before = squatter.copy()

    const owner = app.visitor()
    const sub = says({ email: 'victim@example.com', email_verified: true, name: 'The Owner' })
    expect((await signInWith(owner, 'trusty')).headers.location).toBe('/')

    const me = (await owner.get('/users/me')).json
    expect(me).toMatchObject({ id: squatter.userId, email_verified: true, has_password: false, mfa_enabled: false })
    for (const old of [squatter, second, before]) expect((await old.get('/users/me')).status).toBe(401)
    expect((await before.post('/auth/refresh')).status).toBe(401)
    expect((await app.visitor().get('/users/me', bearer)).status).toBe(401)
    const login = await app.visitor().post('/auth/login', { identifier: 'victim', password })
    expect(login.json.code).toBe('invalid_credentials')
    says({ sub: own, email: 'squatter@example.org', email_verified: true })
    const elsewhere = app.visitor()
    await signInWith(elsewhere, 'other')
    expect((await elsewhere.get('/users/me')).json.id).not.toBe(me.id)
    expect(await linksOf(me.id)).toEqual([`trusty ${sub}`])
    const { db } = app.database
    const left = await db.selectFrom('one_time_tokens').select('purpose').where('subject', '=', me.id).execute()
    expect(left).toEqual([])
    const devices = await db.selectFrom('devices').select('id').where('user_id', '=', me.id).execute()
    expect(devices).toHaveLength(1)
    expect((await mailsTo(me.id)).at(-1)).toBe('account_claimed')
    expect(await eventsOf(me.id)).toContainEqual({
      type: 'identity_linked',
      outcome: 'success',
      detail: { provider: 'trusty', by: 'claim' },
    })
  })

  it('does not get an account that may do more than others', async () => {
    const admin = await app.person('chief')
    await app.database.unitOfWork(({ tx }) =>
      tx.insertInto('user_roles').values({ user_id: admin.userId, role: 'moderator' }).execute(),
    )
    says({ email: 'chief@example.com', email_verified: true })
    expect((await signInWith(app.visitor(), 'trusty')).headers.location).toBe(linkFirst)
    expect((await admin.get('/users/me')).status).toBe(200)
    expect(await eventsOf(admin.userId)).toContainEqual({
      type: 'login_failed',
      outcome: 'denied',
      detail: { method: 'oauth:trusty', reason: 'account_exists_link_first' },
    })
  })

  it('of ten at once gets one account', async () => {
    const squatter = await app.person('contested')
    const sub = says({ email: 'contested@example.com', email_verified: true })
    const answers = await Promise.all(Array.from({ length: 10 }, () => signInWith(app.visitor(), 'trusty')))
    expect(answers.map((answer) => answer.headers.location)).toEqual(answers.map(() => '/'))
    expect(await linksOf(squatter.userId)).toEqual([`trusty ${sub}`])
    expect((await mailsTo(squatter.userId)).filter((template) => template === 'account_claimed')).toHaveLength(1)
  })
})

it('OA4 asks for the second factor of the account all the same', async () => {
  const someone = await app.person('twofold')
  await prove(someone)
  const phone = await addTotp(app, someone)
  says({ email: 'twofold@example.com', email_verified: true })
  const visitor = app.visitor()
  const { headers } = await signInWith(visitor, 'trusty', { redirect_to: '/settings' })
  const [path, fragment] = String(headers.location).split('#')
  expect(path).toBe('/sign-in')
  const told = Object.fromEntries(new URLSearchParams(fragment))
  expect(told).toMatchObject({ methods: 'totp,recovery', expires_in: '300', redirect_to: '/settings' })
  expect((await visitor.get('/auth/current_user')).json.authenticated).toBe(false)
  const verified = await visitor.post('/auth/mfa/verify', {
    mfa_token: told.mfa_token,
    method: 'totp',
    code: phone.freshCode(),
  })
  expect(verified.status).toBe(200)
  const [session] = (await visitor.get('/users/me/sessions')).json.data
  expect(session).toMatchObject({ method: 'oauth:trusty', aal: 2 })
})

it('#28 an address of ours that ends in .invalid is nobody’s', async () => {
  const nobody = app.visitor()
  says({ name: 'Hidden One' })
  await signInWith(nobody, 'other')
  const { id, email } = (await nobody.get('/users/me')).json
  says({ email, email_verified: true })
  const other = app.visitor()
  await signInWith(other, 'trusty')
  expect((await other.get('/users/me')).json.id).not.toBe(id)
})

it('an identity is another one at another provider, and under another subject', async () => {
  const ids = new Set<string>()
  for (const [provider, sub] of [
    ['trusty', 'Abc'],
    ['trusty', 'abc'],
    ['other', 'Abc'],
  ] as const) {
    says({ sub })
    const visitor = app.visitor()
    await signInWith(visitor, provider)
    ids.add((await visitor.get('/users/me')).json.id)
  }
  expect(ids.size).toBe(3)
})
