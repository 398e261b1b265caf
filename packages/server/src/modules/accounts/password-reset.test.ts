import { afterEach, describe, expect, it } from 'vitest'
import { expectEnded, openAccess } from '../../../test/ended-access.ts'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { addTotp } from '../../../test/second-factors.ts'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const fresh = 'a lantern on the stairs'
const email = 'ann@example.com'
const ask = (address = email, headers: Record<string, string> = {}) =>
  app.visitor().post('/auth/password-reset', { email: address }, headers)
const complete = (body: object) => app.visitor().post('/auth/password-reset/complete', { password: fresh, ...body })
const signIn = (identifier: string, word: string) => app.visitor().post('/auth/login', { identifier, password: word })
const linkToken = async (address = email) => {
  await ask(address)
  return (await mailed(app, address, 'reset_password')).token
}
const change = async (username: string, row: object) =>
  app.database.unitOfWork(async ({ tx }) => {
    await tx.updateTable('users').set(row).where('username_key', '=', username).execute()
  })

describe('asking for it', () => {
  it('AU8 is answered alike for every address, after equal work; only who may sign in is mailed', async () => {
    app = await createTestApp()
    for (const name of ['ann', 'nopass', 'gone', 'waiting']) await app.person(name)
    await change('nopass', { password_hash: null })
    await change('gone', { status: 'deactivated' })
    await change('waiting', { status: 'deletion_pending' })
    const rows = async () => {
      const count = async (table: 'one_time_tokens' | 'audit_events') =>
        (await app.database.db.selectFrom(table).select('id').execute()).length
      return { tokens: await count('one_time_tokens'), events: await count('audit_events') }
    }
    const attempt = async (address: string) => {
      const before = await rows()
      const { status, json, headers } = await ask(address)
      const after = await rows()
      return {
        answer: { status, json, headers: Object.keys(headers).sort() },
        made: { tokens: after.tokens - before.tokens, events: after.events - before.events },
        mails: (await mailsTo(app, address)).filter((template) => template === 'reset_password').length,
      }
    }
    const known = await attempt(email)
    expect(known.answer).toMatchObject({ status: 202, json: { message: 'If email exists, reset link sent' } })
    expect(known.made).toEqual({ tokens: 1, events: 1 })
    for (const [address, mails] of [
      ['nopass@example.com', 1],
      ['waiting@example.com', 1],
      ['gone@example.com', 0],
      ['nobody@example.com', 0],
    ] as const) {
      expect(await attempt(address)).toEqual({ ...known, mails })
    }
    expect((await app.visitor().post('/auth/password-reset', { email: [email] })).status).toBe(422)
  })

  it('AU8 mails an account three times an hour and no more, and limits a network', async () => {
    app = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
    await app.person('ann')
    const asked = []
    for (let i = 0; i < 11; i++) asked.push(await ask())
    expect(tally(asked)).toEqual({ 202: 10, 429: 1 })
    expect((await mailsTo(app, email)).filter((template) => template === 'reset_password')).toHaveLength(3)
    expect((await complete({ token: (await mailed(app, email, 'reset_password')).token })).status).toBe(200)
  })

  it('M07 the link leads to our own address, whatever the request says', async () => {
    app = await createTestApp()
    await app.person('ann')
    for (const headers of [{ host: 'evil.example' }, { 'x-forwarded-host': 'evil.example' }]) await ask(email, headers)
    for (const { text, links } of await app.mails(email)) {
      expect(text).not.toContain('evil.example')
      for (const link of links) expect(new URL(link).origin).toBe('http://localhost:8000')
    }
  })
})

describe('a new password', () => {
  it('AU9 A10 works once of 20 at once, signs nobody in, and ends sessions, tokens, sockets and known browsers', async () => {
    app = await createTestApp({ PORT: '0' })
    await app.listen()
    const ann = await app.person('ann')
    const access = await openAccess(app, ann)
    const other = app.visitor()
    await other.post('/auth/login', { identifier: 'ann', password })
    const elsewhere = await openAccess(app, other)
    const token = await linkToken()
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, i) => complete({ token, password: `${fresh} number ${i}` })),
    )
    expect(tally(tries)).toEqual({ 200: 1, 400: 19 })
    const winner = tries.findIndex(({ status }) => status === 200)
    expect(tries[winner]?.json).toEqual({ message: 'Password reset successful' })
    expect(tries[winner]?.headers['set-cookie']).toBeUndefined()
    await expectEnded(app, access, 'password_changed')
    await expectEnded(app, elsewhere, 'password_changed')
    expect(await app.database.db.selectFrom('devices').select('id').execute()).toEqual([])
    expect((await signIn('ann', `${fresh} number ${winner}`)).status).toBe(200)
    expect((await signIn('ann', `${fresh} number ${(winner + 1) % 20}`)).status).toBe(401)
    expect((await signIn('ann', password)).status).not.toBe(200)
    expect((await mailsTo(app, email)).filter((template) => template === 'password_changed')).toHaveLength(1)
    const log = await app.database.db
      .selectFrom('audit_events')
      .select('type')
      .where('user_id', '=', ann.userId)
      .where('type', 'like', 'password_%')
      .orderBy('id')
      .execute()
    expect(log.map((event) => event.type)).toEqual(['password_reset_requested', 'password_reset_completed'])
  })

  it('AU9 is refused after a newer request, after 61 minutes, for another address, and when used', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    const old = await linkToken()
    const newer = await linkToken()
    expect((await complete({ token: old })).json).toMatchObject({
      status: 400,
      code: 'link_invalid',
      detail: 'Invalid or expired token',
    })
    app.advance(61 * 60)
    expect((await complete({ token: newer })).status).toBe(400)
    const third = await linkToken()
    await change('ann', { email: 'ann@elsewhere.example', email_key: 'ann@elsewhere.example' })
    expect((await complete({ token: third })).status).toBe(400)
    const fourth = await linkToken('ann@elsewhere.example')
    expect((await complete({ token: fourth })).status).toBe(200)
    expect((await complete({ token: fourth })).status).toBe(400)
    const fifth = await linkToken('ann@elsewhere.example')
    await ann.post('/auth/login', { identifier: 'ann', password: fresh })
    await ann.put('/users/me/password', { current_password: fresh, new_password: password })
    expect((await complete({ token: fifth })).status).toBe(400)
    const sixth = await linkToken('ann@elsewhere.example')
    await change('ann', { status: 'suspended' })
    expect((await complete({ token: sixth })).status).toBe(400)
  })

  it('AU9 still asks for the second factor, also of a trusted browser', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await ann.post('/auth/verify-email', { token: (await mailed(app, email, 'verify_email')).token })
    const phone = await addTotp(app, ann)
    const login = await ann.post('/auth/login', { identifier: 'ann', password })
    await ann.post('/auth/mfa/verify', {
      mfa_token: login.json.mfa_token,
      method: 'totp',
      code: phone.freshCode(),
      trust_device: true,
    })
    expect((await ann.post('/auth/login', { identifier: 'ann', password })).json.status).toBe('complete')
    const half = await signIn('ann', password)
    expect((await complete({ token: await linkToken() })).status).toBe(200)
    expect((await ann.post('/auth/login', { identifier: 'ann', password: fresh })).json.status).toBe('mfa_required')
    const late = await app.visitor().post('/auth/mfa/verify', {
      mfa_token: half.json.mfa_token,
      method: 'totp',
      code: phone.freshCode(),
    })
    expect([late.status, late.json.code]).toEqual([401, 'mfa_invalid'])
  })

  it('AU3 is judged by the same rules, before the link is used up', async () => {
    app = await createTestApp()
    await app.person('annabella')
    const token = await linkToken('annabella@example.com')
    for (const [word, code] of [
      ['short', 'password_too_short'],
      ['password123', 'password_breached'],
      ['my atrium password', 'password_contains_context'],
      ['i am annabella!', 'password_contains_context'],
      ['x'.repeat(129), 'password_too_long'],
    ]) {
      const answer = await complete({ token, password: word })
      expect([answer.status, answer.json.errors]).toEqual([
        422,
        [expect.objectContaining({ pointer: '/password', code })],
      ])
    }
    expect((await complete({ token })).status).toBe(200)
  })

  it('A20 takes the code: 5 tries, 10 minutes, the same countdown for an address nobody has', async () => {
    app = await createTestApp()
    await app.person('ann')
    const countdown = async (address: string) => {
      await ask(address)
      const answers = []
      for (let i = 0; i < 6; i++) answers.push(await complete({ email: address, code: '00000000' }))
      return answers.map(({ status, json }) => [status, json.code, json.remaining_attempts])
    }
    const known = await countdown(email)
    expect(known).toEqual([
      ...[4, 3, 2, 1, 0].map((left) => [400, 'link_invalid', left]),
      [429, 'too_many_attempts', 0],
    ])
    expect(await countdown('nobody@example.com')).toEqual(known)
    await ask()
    const late = (await mailed(app, email, 'reset_password')).code
    app.advance(601)
    expect((await complete({ email, code: late })).status).toBe(400)
    await ask()
    const { code } = await mailed(app, email, 'reset_password')
    // A bad password costs no try.
    for (let i = 0; i < 6; i++) expect((await complete({ email, code, password: 'short' })).status).toBe(422)
    expect((await complete({ email, code })).status).toBe(200)
    expect((await signIn('ann', fresh)).status).toBe(200)
  })

  it('ends a lock, and gives an account without a password its first one', async () => {
    app = await createTestApp()
    await app.person('ann')
    await change('ann', { password_hash: null })
    for (let i = 0; i < 6; i++) await signIn('ann', 'a wrong guess')
    expect((await signIn('ann', fresh)).status).toBe(423)
    expect((await complete({ token: await linkToken() })).status).toBe(200)
    expect((await signIn('ann', fresh)).status).toBe(200)
    expect(await mailsTo(app, email)).toContain('password_set')
  })

  it('M08 W04 is not used up by a scanner', async () => {
    app = await createTestApp()
    await app.person('ann')
    await ask()
    const { token, links } = await mailed(app, email, 'reset_password')
    for (const link of links) {
      for (let i = 0; i < 3; i++) {
        await app.visitor().get(new URL(link).pathname)
        await app.visitor().send('HEAD', new URL(link).pathname)
      }
    }
    expect((await complete({ token })).status).toBe(200)
    expect((await complete({ token })).status).toBe(400)
  })
})

describe('of an address nobody had proved', () => {
  it('takes a registration that waits from whoever made it', async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' })
    const squatter = app.visitor()
    await squatter.post('/auth/register', { username: 'squatter', email, password })
    const link = await mailed(app, email, 'verify_email')
    expect((await complete({ token: await linkToken() })).status).toBe(200)
    expect((await squatter.post('/auth/verify-email', { token: link.token })).status).toBe(400)
    expect((await signIn(email, password)).json.code).toBe('invalid_credentials')
    expect((await signIn(email, fresh)).json.user).toMatchObject({ status: 'active', email_verified: true })
  })

  it('#28 leaves nothing to whoever used the address without proof; who was given rights keeps the second factor', async () => {
    app = await createTestApp()
    for (const [name, roles] of [
      ['squatter', ['user']],
      ['boss', ['admin', 'user']],
    ] as const) {
      const someone = await app.person(name)
      await addTotp(app, someone)
      await app.services.administration.setRoles(name, roles)
      const address = `${name}@example.com`
      expect((await complete({ token: await linkToken(address) })).status).toBe(200)
      const login = await signIn(name, fresh)
      expect(login.json.status).toBe(name === 'boss' ? 'mfa_required' : 'complete')
    }
  })
})
