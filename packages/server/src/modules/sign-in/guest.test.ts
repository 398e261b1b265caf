import { afterEach, describe, expect, it } from 'vitest'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

it('lets guests in only where they are wanted', async () => {
  app = await createTestApp()
  expect((await app.visitor().post('/auth/guest', {})).json.code).toBe('forbidden')
})

it('M33: a guest looks around and changes nothing', async () => {
  app = await createTestApp({ GUEST_ACCOUNTS: 'true' })
  const guest = app.visitor()
  const entered = await guest.post('/auth/guest', {})
  expect(entered.json.user).toMatchObject({ kind: 'guest', email: null, roles: ['guest'], has_password: false })
  expect((await guest.get('/conversations')).status).toBe(200)
  for (const [method, url, body] of [
    ['PATCH', '/users/me', { bio: 'x' }],
    ['POST', '/conversations', { kind: 'direct', username: 'ann' }],
  ] as const) {
    const refused = await guest.send(method, url, body)
    expect([url, refused.status, refused.json.code]).toEqual([url, 403, 'forbidden'])
  }
})

it('SE4: a guest becomes a person, keeps the account and gets a new session', async () => {
  app = await createTestApp({ GUEST_ACCOUNTS: 'true' })
  const guest = app.visitor()
  const { user, session_id } = (await guest.post('/auth/guest', {})).json
  const before = guest.copy()
  await app.person('ann')
  const taken = await guest.post('/auth/guest/upgrade', { username: 'Ann', email: 'new@example.com', password })
  expect([taken.status, taken.json.code]).toEqual([409, 'username_taken'])
  const upgraded = await guest.post('/auth/guest/upgrade', { username: 'gus', email: 'gus@example.com', password })
  expect(upgraded.json.user).toMatchObject({ id: user.id, username: 'gus', kind: 'person', roles: ['user'] })
  expect(upgraded.json.session_id).not.toBe(session_id)
  expect((await before.get('/users/me')).status).toBe(401)
  expect((await app.visitor().post('/auth/login', { identifier: 'gus', password })).status).toBe(200)
  const twice = await guest.post('/auth/guest/upgrade', { username: 'gus2', email: 'gus2@example.com', password })
  expect([twice.status, twice.json.code]).toEqual([409, 'state_conflict'])
})

describe('where an address must be proved', () => {
  const gus = { username: 'gus', email: 'gus@example.com', password }
  const upgrade = (guest: Visitor, more: object = {}) => guest.post('/auth/guest/upgrade', { ...gus, ...more })
  const signIn = async (identifier: string, word = password) => {
    const { status, json } = await app.visitor().post('/auth/login', { identifier, password: word })
    return [status, json.code]
  }
  async function enter(): Promise<Visitor> {
    const guest = app.visitor()
    guest.userId = (await guest.post('/auth/guest', {})).json.user.id
    return guest
  }
  const start = async (variables: Record<string, string> = {}) => {
    app = await createTestApp({ GUEST_ACCOUNTS: 'true', EMAIL_VERIFICATION: 'required', ...variables })
    return enter()
  }

  it('AU7 SE4: a guest stays one until the proof, and its password opens nothing before', async () => {
    const guest = await start()
    const answer = await upgrade(guest)
    expect([answer.status, answer.json]).toEqual([202, { status: 'verification_required', expires_in: 86_400 }])
    expect((await guest.get('/users/me')).json).toMatchObject({
      ...{ kind: 'guest', email: null, email_verified: false, has_password: false, roles: ['guest'] },
      pending_email: gus.email,
    })
    for (const name of ['gus', gus.email]) {
      expect(await signIn(name)).toEqual([403, 'email_not_verified'])
      expect(await signIn(name, 'a wrong guess')).toEqual([401, 'invalid_credentials'])
    }
    // Nobody gets a mail that would open the account by an address it has not proved.
    await app.visitor().post('/auth/password-reset', { email: gus.email })
    await app.visitor().post('/auth/email-otp', { email: gus.email })
    expect(await mailsTo(app, gus.email)).toEqual(['verify_email'])

    const { token } = await mailed(app, gus.email, 'verify_email')
    const scanner = await app.visitor().post('/auth/verify-email', { token })
    expect([scanner.status, scanner.json.password_required]).toEqual([400, true])
    const proofs = await Promise.all(
      Array.from({ length: 20 }, () => guest.copy().post('/auth/verify-email', { token })),
    )
    expect(proofs.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await guest.get('/users/me')).status).toBe(401)
    const entered = await app.visitor().post('/auth/login', { identifier: 'gus', password })
    expect(entered.json.user).toMatchObject({
      ...{ id: guest.userId, username: 'gus', kind: 'person', roles: ['user'], status: 'active' },
      ...{ email: gus.email, email_verified: true, pending_email: null, has_password: true },
    })
  })

  it('without the session of the guest the password counts, and its guesses are counted', async () => {
    const guest = await start()
    await upgrade(guest)
    await guest.post('/auth/logout')
    const { token } = await mailed(app, gus.email, 'verify_email')
    const prove = (word: string) => app.visitor().post('/auth/verify-email', { token, password: word })
    const guesses = []
    for (let i = 0; i < 6; i++) guesses.push(await prove(`guess number ${i}`))
    expect(tally(guesses)).toEqual({ 401: 5, 429: 1 })
    app.advance(31 * 60)
    expect((await prove(password)).status).toBe(200)
    expect(await signIn('gus')).toEqual([200, undefined])
  })

  it('AU7: a taken address looks like a free one, and only its owner is told', async () => {
    const guest = await start()
    const ann = app.visitor()
    await ann.post('/auth/register', { username: 'ann', email: 'ann@example.com', password })
    await ann.post('/auth/verify-email', { token: (await mailed(app, 'ann@example.com', 'verify_email')).token })
    const [free, taken] = [
      await upgrade(guest),
      await upgrade(await enter(), { username: 'gil', email: 'Ann@example.com' }),
    ]
    expect([taken.status, taken.json]).toEqual([free.status, free.json])
    expect(await mailsTo(app, 'ann@example.com')).toEqual(['verify_email', 'account_exists'])
    expect(await signIn('gil')).toEqual([403, 'email_not_verified'])
    expect(await signIn('ann')).toEqual([200, undefined])
  })

  it('the newest wish counts, holds its name, and gives way after a day', async () => {
    const guest = await start()
    await upgrade(guest, { username: 'gregor', email: 'typo@example.com' })
    const wrong = await mailed(app, 'typo@example.com', 'verify_email')
    expect((await upgrade(guest)).status).toBe(202)
    expect((await guest.post('/auth/verify-email', { token: wrong.token })).json.code).toBe('link_invalid')
    const other = await enter()
    expect((await upgrade(other, { email: 'other@example.com' })).json.code).toBe('username_taken')
    expect((await upgrade(other, { username: 'gregor', email: 'other@example.com' })).status).toBe(202)

    const { token } = await mailed(app, gus.email, 'verify_email')
    app.advance(86_401)
    expect((await guest.post('/auth/verify-email', { token })).status).toBe(400)
    expect((await upgrade(await enter(), { email: 'late@example.com' })).status).toBe(202)
  })

  it('whoever proves the address has it, before a registration that waits for it', async () => {
    const guest = await start()
    const wim = app.visitor()
    await wim.post('/auth/register', { username: 'wim', email: gus.email, password })
    await upgrade(guest)
    const { code } = await mailed(app, gus.email, 'verify_email')
    expect((await guest.post('/auth/verify-email', { email: gus.email, code })).status).toBe(200)
    expect(await signIn('gus')).toEqual([200, undefined])
    const users = await app.database.db
      .selectFrom('users')
      .select('username')
      .where('email_key', '=', gus.email)
      .execute()
    expect(users).toEqual([{ username: 'gus' }])
  })

  it('nobody mails strangers without end', async () => {
    const guest = await start({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
    const answers = []
    for (let i = 0; i < 6; i++) answers.push(await upgrade(guest, { email: `stranger${i}@example.com` }))
    expect(tally(answers)).toEqual({ 202: 5, 429: 1 })
  })
})
