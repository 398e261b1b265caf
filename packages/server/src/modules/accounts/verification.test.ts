import { afterEach, describe, expect, it } from 'vitest'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const required = { EMAIL_VERIFICATION: 'required' }
const register = async (who: Visitor, username: string, more: object = {}) =>
  who.post('/auth/register', { username, email: `${username}@example.com`, password, ...more })
const signIn = (identifier: string, word = password) =>
  app.visitor().post('/auth/login', { identifier, password: word })
const statusOf = async (username: string) => {
  const row = await app.database.db
    .selectFrom('users')
    .select(['status', 'email_verified'])
    .where('username_key', '=', username)
    .executeTakeFirst()
  return row && [row.status, row.email_verified]
}

describe('where an address must be proved', () => {
  it('A09 the link activates the account in the browser that registered, once', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    await register(ann, 'ann')
    expect(await statusOf('ann')).toEqual(['pending', 0])
    expect((await signIn('ann')).json.code).toBe('email_not_verified')
    expect((await signIn('ann', 'a wrong guess')).json.code).toBe('invalid_credentials')
    const { token, links } = await mailed(app, 'ann@example.com', 'verify_email')
    expect(links).toContain(`http://localhost:8000/verify-email#token=${token}`)
    const answer = await ann.post('/auth/verify-email', { token })
    expect([answer.status, answer.json]).toEqual([200, { message: 'Email verified!' }])
    expect(await statusOf('ann')).toEqual(['active', 1])
    expect((await ann.post('/auth/verify-email', { token })).json.code).toBe('link_invalid')
    expect((await signIn('ann')).json.user).toMatchObject({ email_verified: true, status: 'active' })
  })

  it('W04 M08 no scanner uses up a link: GET and HEAD thrice, and a click without the registering browser', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    await register(ann, 'ann')
    const { token, links } = await mailed(app, 'ann@example.com', 'verify_email')
    for (const link of links) {
      for (let i = 0; i < 3; i++) {
        await app.visitor().get(new URL(link).pathname)
        await app.visitor().send('HEAD', new URL(link).pathname)
      }
    }
    for (let i = 0; i < 3; i++) {
      // What a page run by a scanner would send.
      const click = await app.visitor().post('/auth/verify-email', { token })
      expect([click.status, click.json.code, click.json.password_required]).toEqual([400, 'link_invalid', true])
    }
    expect(await statusOf('ann')).toEqual(['pending', 0])
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(200)
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(400)
  })

  it('A09 works in another browser with the password, whose guesses are counted', async () => {
    app = await createTestApp(required)
    await register(app.visitor(), 'ann')
    const { token } = await mailed(app, 'ann@example.com', 'verify_email')
    const elsewhere = app.visitor()
    const wrong = await elsewhere.post('/auth/verify-email', { token, password: 'a wrong guess' })
    expect([wrong.status, wrong.json.code]).toEqual([401, 'current_password_incorrect'])
    expect((await elsewhere.post('/auth/verify-email', { token, password })).status).toBe(200)
    await register(app.visitor(), 'bob')
    const other = await mailed(app, 'bob@example.com', 'verify_email')
    const guesses = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        app.visitor().post('/auth/verify-email', { token: other.token, password: `guess number ${i}` }),
      ),
    )
    expect(tally(guesses)).toEqual({ 401: 5, 429: 3 })
  })

  it('A20 takes the code for 10 minutes and 5 tries', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    const email = 'ann@example.com'
    await register(ann, 'ann')
    const right = (await mailed(app, email, 'verify_email')).code
    const wrong = right === '12345678' ? '87654321' : '12345678'
    const tried = await Promise.all(
      Array.from({ length: 8 }, () => ann.post('/auth/verify-email', { email, code: wrong })),
    )
    expect(tally(tried)).toEqual({ 400: 5, 429: 3 })
    expect(
      tried
        .filter(({ status }) => status === 400)
        .map(({ json }) => json.remaining_attempts)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4])
    const spent = await ann.post('/auth/verify-email', { email, code: right })
    expect([spent.status, spent.json.code, spent.json.remaining_attempts]).toEqual([429, 'too_many_attempts', 0])
    await app.visitor().post('/auth/resend-verification', { email })
    const second = await mailed(app, email, 'verify_email')
    app.advance(601)
    expect((await ann.post('/auth/verify-email', { email, code: second.code })).json.code).toBe('link_invalid')
    await app.visitor().post('/auth/resend-verification', { email })
    const third = await mailed(app, email, 'verify_email')
    expect((await ann.post('/auth/verify-email', { token: second.token })).status).toBe(400)
    const spelt = third.code.replace(/^(....)/, '$1 ')
    expect((await ann.post('/auth/verify-email', { email: 'ANN@example.com', code: spelt })).status).toBe(200)
  })

  it('one of 20 at once proves the address', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    await register(ann, 'ann')
    const { token } = await mailed(app, 'ann@example.com', 'verify_email')
    const tries = await Promise.all(Array.from({ length: 20 }, () => ann.post('/auth/verify-email', { token })))
    expect(tally(tries)).toEqual({ 200: 1, 400: 19 })
  })

  it('nobody is mailed more than five such mails an hour, and asking is limited', async () => {
    app = await createTestApp({ ...required, RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
    const ann = app.visitor()
    const email = 'ann@example.com'
    await register(ann, 'ann')
    const asked = []
    for (let i = 0; i < 6; i++) asked.push(await app.visitor().post('/auth/resend-verification', { email }))
    expect(tally(asked)).toEqual({ 202: 5, 429: 1 })
    expect(await mailsTo(app, email)).toEqual(Array(5).fill('verify_email'))
    // The last one that was mailed still works.
    const { token } = await mailed(app, email, 'verify_email')
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(200)
  })
})

describe('where proving is optional', () => {
  it('A08 registering signs in and mails the link, which counts in a session of the account', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const { token } = await mailed(app, 'ann@example.com', 'verify_email')
    const bob = await app.person('bob')
    expect((await bob.post('/auth/verify-email', { token })).json.password_required).toBe(true)
    expect((await ann.get('/users/me')).json.email_verified).toBe(false)
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(200)
    expect((await ann.get('/users/me')).json.email_verified).toBe(true)
    const log = await app.database.db
      .selectFrom('audit_events')
      .select('type')
      .where('user_id', '=', ann.userId)
      .orderBy('id')
      .execute()
    expect(log.map((event) => event.type)).toEqual([
      'user_created',
      'email_verification_created',
      'email_verification_completed',
    ])
    await app.visitor().post('/auth/resend-verification', { email: 'ann@example.com' })
    expect(await mailsTo(app, 'ann@example.com')).toEqual(['verify_email'])
  })

  it('refuses what is no proof', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const { code } = await mailed(app, 'ann@example.com', 'verify_email')
    for (const body of [{}, { token: 'x', code }, { email: 'ann@example.com' }, { code }]) {
      expect((await ann.post('/auth/verify-email', body)).status).toBe(422)
    }
    expect((await ann.post('/auth/verify-email', { token: 'x'.repeat(43) })).status).toBe(400)
    expect((await ann.post('/auth/verify-email', { email: ['ann@example.com'], code })).status).toBe(422)
    expect((await ann.post('/auth/resend-verification', { email: ['ann@example.com'] })).status).toBe(422)
  })
})

it('mails nothing where proving is off', async () => {
  app = await createTestApp({ EMAIL_VERIFICATION: 'off' })
  await app.person('ann')
  expect((await app.visitor().post('/auth/resend-verification', { email: 'ann@example.com' })).status).toBe(202)
  expect(await app.mails()).toEqual([])
})
