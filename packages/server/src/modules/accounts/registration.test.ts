import { afterEach, describe, expect, it } from 'vitest'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { PasswordHasher } from './password-hasher.ts'

let app: TestApp
afterEach(() => app.drop())

const required = { EMAIL_VERIFICATION: 'required' }
const register = async (who: Visitor, username: string, more: object = {}) =>
  who.post('/auth/register', { username, email: `${username}@example.com`, password, ...more })
const signIn = (identifier: string, word = password) =>
  app.visitor().post('/auth/login', { identifier, password: word })
describe('registering where an address must be proved', () => {
  it('AU7 register answers alike for a free and a used address, after equal work; only the mailbox differs', async () => {
    const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
    app = await createTestApp(required, { hasher })
    await app.services.administration.create({ username: 'owner', email: 'owner@example.com', password }, ['user'])
    const attempt = async (username: string, email: string) => {
      const [hashes, mails, reserved] = [hasher.computed, (await app.mails()).length, await reservedNames()]
      const answer = await register(app.visitor(), username, { email })
      const cookie = String(answer.headers['set-cookie'])
      return {
        status: answer.status,
        body: answer.body,
        cookie: cookie.replace(/=[\w-]{43};/, '=…;').replace(/Expires=[^;]*/, ''),
        headers: Object.keys(answer.headers).sort(),
        hashes: hasher.computed - hashes,
        mails: (await app.mails()).length - mails,
        reserved: (await reservedNames()) - reserved,
      }
    }
    const reservedNames = async () =>
      (await app.database.db.selectFrom('reserved_names').select('username_key').execute()).length
    const free = await attempt('newcomer', 'newcomer@example.com')
    expect(free).toMatchObject({ status: 202, hashes: 1, mails: 1, reserved: 1 })
    expect(JSON.parse(free.body)).toEqual({ status: 'verification_required', expires_in: 86_400 })
    expect(free.cookie).toBe('registration=…; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax')
    expect(await attempt('stranger', 'Owner@Example.com')).toEqual(free)
    expect(await mailsTo(app, 'newcomer@example.com')).toEqual(['verify_email'])
    expect(await mailsTo(app, 'owner@example.com')).toEqual(['account_exists'])
  })

  it('AU7 no later request tells a free from a used address either', async () => {
    app = await createTestApp(required)
    await app.services.administration.create({ username: 'owner', email: 'owner@example.com', password }, ['user'])
    const word = 'a lantern on the stairs'
    const seen = async (username: string, email: string) => {
      const browser = app.visitor()
      await register(browser, username, { email, password: word })
      const answers = [
        await register(app.visitor(), username, { email: 'else@example.com' }),
        await register(app.visitor(), username.toUpperCase(), { email }),
        await signIn(username, word),
        await signIn(email, word),
        await signIn(username, 'a wrong guess'),
        await app.visitor().get(`/users/@${username}`),
        await browser.post('/auth/verify-email', { email, code: '00000000' }),
        await app.visitor().post('/auth/verify-email', { email, code: '00000000', password: word }),
        await app.visitor().post('/auth/resend-verification', { email }),
        await browser.post('/auth/verify-email', { email, code: '00000000' }),
        await app.visitor().post('/auth/password-reset', { email }),
        await app.visitor().post('/auth/password-reset/complete', { email, code: '00000000', password: word }),
        await register(browser, username, { email, password: word }),
      ]
      return answers.map(({ status, json }) => [status, json.code, json.remaining_attempts])
    }
    const free = await seen('newcomer', 'newcomer@example.com')
    expect(free.map(([status]) => status)).toEqual([409, 409, 403, 403, 401, 404, 400, 400, 202, 400, 202, 400, 202])
    expect(free[3]).toEqual([403, 'email_not_verified', undefined])
    expect(free[6]).toEqual([400, 'link_invalid', 4])
    expect(free[9]).toEqual([400, 'link_invalid', 4])
    expect(await seen('stranger', 'owner@example.com')).toEqual(free)
  })

  it('AU6 the password of a registration for a taken address does not end the lock of its owner', async () => {
    app = await createTestApp(required)
    await app.services.administration.create({ username: 'owner', email: 'owner@example.com', password }, ['user'])
    await register(app.visitor(), 'stranger', { email: 'owner@example.com', password: 'a lantern on the stairs' })
    const guesses = []
    for (let i = 0; i < 8; i++) {
      guesses.push(await signIn('owner@example.com', `a wrong guess ${i}`))
      guesses.push(await signIn('owner@example.com', 'a lantern on the stairs'))
    }
    expect(tally(guesses)).toEqual({ 401: 3, 403: 2, 423: 11 })
  })

  it('M05 20 at once for one name make one row, and 20 for one address too', async () => {
    app = await createTestApp(required)
    const names = await Promise.all(Array.from({ length: 20 }, () => register(app.visitor(), 'racer')))
    expect(tally(names)).toEqual({ 202: 1, 409: 19 })
    const email = 'shared@example.com'
    const addresses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => register(app.visitor(), `racer${i}`, { email })),
    )
    expect(tally(addresses)).toEqual({ 202: 20 })
    const rows = await app.database.db.selectFrom('users').select('email_key').orderBy('email_key').execute()
    expect(rows.map((row) => row.email_key)).toEqual(['racer@example.com', email])
  })

  it('a registration gives way to the next one for its address, which alone can be proved', async () => {
    app = await createTestApp(required)
    const [squatter, owner] = [app.visitor(), app.visitor()]
    const email = 'victim@example.com'
    await register(squatter, 'squatter', { email, password: 'a lantern on the stairs' })
    const first = await mailed(app, email, 'verify_email')
    await register(owner, 'victim', { email })
    const second = await mailed(app, email, 'verify_email')
    expect((await squatter.post('/auth/verify-email', { token: first.token })).status).toBe(400)
    expect((await squatter.post('/auth/verify-email', { token: second.token })).json.password_required).toBe(true)
    expect(
      (await squatter.post('/auth/verify-email', { token: second.token, password: 'a lantern on the stairs' })).status,
    ).toBe(401)
    expect((await owner.post('/auth/verify-email', { token: second.token })).status).toBe(200)
    expect((await signIn(email)).json.user.username).toBe('victim')
    expect((await signIn(email, 'a lantern on the stairs')).status).not.toBe(200)
  })

  it('the same browser may register again with the same name; nobody else until a day has passed', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    await register(ann, 'ann', { email: 'typo@example.com' })
    expect((await register(app.visitor(), 'ann')).json.code).toBe('username_taken')
    expect((await register(ann, 'ann')).status).toBe(202)
    const { token } = await mailed(app, 'ann@example.com', 'verify_email')
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(200)
    expect((await app.database.db.selectFrom('users').select('email').execute()).map((row) => row.email)).toEqual([
      'ann@example.com',
    ])
  })

  it('forgets after a day what nobody proved, and releases the name, with or without the job', async () => {
    app = await createTestApp(required)
    const ann = app.visitor()
    await register(ann, 'ann')
    const { token } = await mailed(app, 'ann@example.com', 'verify_email')
    app.advance(86_401)
    expect((await ann.post('/auth/verify-email', { token })).status).toBe(400)
    expect((await signIn('ann')).json.code).toBe('invalid_credentials')
    expect((await register(app.visitor(), 'ann', { email: 'another@example.com' })).status).toBe(202)
    app.advance(86_401)
    expect(await app.services.registration.purge()).toBe(2)
    for (const table of ['users', 'user_roles', 'streams', 'reserved_names'] as const) {
      expect(await app.database.db.selectFrom(table).selectAll().execute()).toEqual([])
    }
    expect(await app.services.registration.purge()).toBe(0)
  })
})
