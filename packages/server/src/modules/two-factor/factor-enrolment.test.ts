import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPasskey, addTotp, factorTrail, twenty } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator } from '../../../test/software-authenticator.ts'
import { actorOf, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'
import { codeAt, stepAt } from './totp.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const methodsOf = (who: Visitor) => app.services.secondFactors.methodsOf(app.database.db, who.userId)
const login = (who: Visitor) => app.visitor().post('/auth/login', { identifier: who.username, password })
describe('setting up an authenticator app', () => {
  it('AU13 counts for nothing until a code of it was typed, and tells its seed once', async () => {
    const ann = await app.person()
    const started = await ann.post('/users/me/mfa/totp')
    expect(started.json).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      otpauth_uri: expect.stringContaining(`secret=${started.json.secret}`),
      qr_svg: expect.stringMatching(/^<svg [^>]*><rect [^>]*\/><path [^>]*\/><\/svg>$/),
    })
    expect(started.headers['cache-control']).toMatch('no-store')
    expect(await methodsOf(ann)).toEqual([])
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(false)
    expect((await login(ann)).json.status).toBe('complete')
    expect(await factorTrail(app, ann)).toEqual({ mails: [], events: [] })

    const phone = await addTotp(app, ann)
    expect(phone.secret).not.toBe(started.json.secret)
    expect(phone.recoveryCodes).toHaveLength(10)
    expect(await methodsOf(ann)).toEqual(['totp', 'recovery'])
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(true)
    expect((await login(ann)).json).toMatchObject({ status: 'mfa_required', methods: ['totp', 'recovery'] })
    expect(await factorTrail(app, ann)).toEqual({
      mails: ['mfa_enabled'],
      events: ['recovery_codes_created', 'mfa_enabled'],
    })

    const again = await ann.post('/users/me/mfa/totp')
    expect([again.status, again.json.code]).toEqual([409, 'already_exists'])
    const status = await ann.get('/users/me/mfa')
    expect(status.json).toEqual({
      totp: { enabled: true, confirmed_at: expect.any(String) },
      passkeys: 0,
      recovery_codes_left: 10,
      required: false,
    })
    for (const answer of [again, status]) expect(answer.body).not.toContain(phone.secret)
  })

  it.each([
    ['by one of twenty', false],
    ['by one of twenty sessions with both factors', true],
  ])('is confirmed %s', async (_, hasBoth) => {
    const ann = await app.person()
    if (hasBoth) await addPasskey(ann, new SoftwareAuthenticator())
    const { secret } = (await ann.post('/users/me/mfa/totp')).json
    const code = codeAt(secret, stepAt(app.now()))
    const answers = await twenty(() => ann.copy().post('/users/me/mfa/totp/confirm', { code }))
    const winners = answers.filter(({ status }) => status === 200)
    expect(winners).toHaveLength(1)
    const refusals = answers.filter(({ status }) => status !== 200).map(({ json }) => json.code)
    for (const code of refusals) expect(code).toMatch(/^(state_conflict|reauthentication_required)$/)
    const [shown] = winners[0]?.json.recovery_codes ?? []
    expect(await app.services.secondFactors.useRecoveryCode(ann.userId, shown)).toBe(9)
  })

  it('needs a right code of the newest secret', async () => {
    const ann = await app.person()
    expect((await ann.post('/users/me/mfa/totp/confirm', { code: '123456' })).json.code).toBe('state_conflict')
    const first = (await ann.post('/users/me/mfa/totp')).json.secret
    await ann.post('/users/me/mfa/totp')
    const answer = await ann.post('/users/me/mfa/totp/confirm', { code: codeAt(first, stepAt(app.now())) })
    expect([answer.status, answer.json.code]).toEqual([401, 'mfa_invalid'])
    expect(await methodsOf(ann)).toEqual([])
  })

  it('AU13 starting, removing and renewing need a recent proof of identity', async () => {
    const ann = await app.person()
    await addTotp(app, ann)
    app.advance(700)
    for (const answer of [
      await ann.post('/users/me/mfa/totp'),
      await ann.post('/users/me/mfa/totp/confirm', { code: '123456' }),
      await ann.post('/users/me/mfa/recovery-codes'),
      await ann.delete('/users/me/mfa/totp'),
    ]) {
      expect([answer.status, answer.json.code]).toEqual([403, 'reauthentication_required'])
    }
    expect((await ann.get('/users/me/mfa')).status).toBe(200)
  })

  it('changes need a second factor once there is one: the password alone is not enough', async () => {
    const body = { username: 'bearer', email: 'bearer@example.com', password, token_delivery: 'body' }
    const { access_token, user } = (await app.visitor().post('/auth/register', body)).json
    const program = app.visitor()
    program.headers = { authorization: `Bearer ${access_token}` }
    const phone = await addTotp(app, program)
    // The token from before the code is as good as one of a session that never showed a second factor.
    for (const answer of [
      await program.delete('/users/me/mfa/totp'),
      await program.post('/users/me/mfa/recovery-codes'),
      await program.post('/users/me/passkeys/options'),
    ]) {
      expect([answer.status, answer.json.code, answer.json.required_aal]).toEqual([403, 'reauthentication_required', 2])
    }
    const proved = await program.post('/auth/reauthenticate', { code: phone.freshCode() })
    program.headers = { authorization: `Bearer ${proved.json.access_token}` }
    expect((await program.delete('/users/me/mfa/totp')).status).toBe(204)
    expect(await app.services.secondFactors.methodsOf(app.database.db, user.id)).toEqual([])
  })

  it('SE3 ends the other sessions, and this one goes on with a new pair and both factors', async () => {
    const ann = await app.person()
    const [tablet, laptop] = [app.visitor(), app.visitor()]
    for (const device of [tablet, laptop]) await device.post('/auth/login', { identifier: ann.username, password })
    const before = ann.copy()
    const phone = await addTotp(app, ann)
    expect(ann.cookies.get('access_token_cookie')).not.toBe(before.cookies.get('access_token_cookie'))
    for (const device of [tablet, laptop]) expect((await device.get('/users/me')).json.code).toBe('session_revoked')
    expect((await ann.get('/users/me/sessions')).json.data).toMatchObject([{ current: true, aal: 2 }])
    const rows = await app.database.db
      .selectFrom('sessions')
      .select('revoked_reason')
      .where('user_id', '=', ann.userId)
      .where('revoked_at', 'is not', null)
      .execute()
    expect(rows.map((row) => row.revoked_reason)).toEqual(['mfa_changed', 'mfa_changed'])

    const { mfa_token } = (await tablet.post('/auth/login', { identifier: ann.username, password })).json
    const entered = await tablet.post('/auth/mfa/verify', { mfa_token, method: 'totp', code: phone.freshCode() })
    expect(entered.status).toBe(200)
    expect((await ann.delete('/users/me/mfa/totp')).status).toBe(204)
    expect((await tablet.get('/users/me')).json.code).toBe('session_revoked')
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(false)
    expect((await factorTrail(app, ann)).mails).toEqual(['mfa_enabled', 'mfa_disabled'])
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ totp: { enabled: false }, recovery_codes_left: 0 })
    expect((await ann.delete('/users/me/mfa/totp')).status).toBe(404)
  })

  it('tells the account’s other windows', async () => {
    const ann = await app.person()
    const before = (await app.events()).filter((type) => type === 'account.updated').length
    const version = (await ann.get('/users/me')).json.version
    await addTotp(app, ann)
    expect((await app.events()).filter((type) => type === 'account.updated')).toHaveLength(before + 1)
    expect((await ann.get('/users/me')).json.version).toBe(version + 1)
  })

  it('DP1 keeps the seed encrypted and bound to its owner', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const phone = await addTotp(app, ann)
    await addTotp(app, eve)
    const { db } = app.database
    const row = await db
      .selectFrom('totp_credentials')
      .selectAll()
      .where('user_id', '=', ann.userId)
      .executeTakeFirstOrThrow()
    expect(row.sealed_secret).not.toContain(phone.secret)
    await app.database.unitOfWork(async ({ tx }) => {
      const { sealed_secret } = row
      await tx.updateTable('totp_credentials').set({ sealed_secret }).where('user_id', '=', eve.userId).execute()
    })
    await expect(app.services.secondFactors.verifyTotp(eve.userId, phone.freshCode())).rejects.toThrow()
    const codes = await db.selectFrom('recovery_codes').selectAll().where('user_id', '=', ann.userId).execute()
    const stored = JSON.stringify(codes)
    for (const code of phone.recoveryCodes) {
      expect(stored).not.toContain(code)
      expect(stored).not.toContain(code.replaceAll('-', ''))
    }
  })
})

describe('where the rules ask for a second factor', () => {
  it('whoever has none may add one, and nothing else; the last one stays', async () => {
    const strict = await createTestApp({ REQUIRE_MFA: 'all' })
    const ann = await strict.person()
    expect((await ann.get('/conversations')).json.code).toBe('mfa_required')
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ required: true, totp: { enabled: false } })
    expect((await ann.delete('/users/me/mfa/totp')).json.code).toBe('mfa_required')
    await addTotp(strict, ann)
    expect((await ann.get('/conversations')).status).toBe(200)
    const answer = await ann.delete('/users/me/mfa/totp')
    expect([answer.status, answer.json.code]).toEqual([409, 'state_conflict'])
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ required: true, totp: { enabled: true } })
    await strict.drop()
  })

  it('asks administrators only where it says so', async () => {
    const { factorEnrolment } = app.services
    const ann = await app.person()
    expect((await factorEnrolment.status(actorOf(ann, { roles: ['admin'] }))).required).toBe(false)
    const careful = await createTestApp({ REQUIRE_MFA: 'admins' })
    const bob = await careful.person()
    const { status } = careful.services.factorEnrolment
    const ask = status.bind(careful.services.factorEnrolment)
    expect((await ask(actorOf(bob))).required).toBe(false)
    expect((await ask(actorOf(bob, { roles: ['admin', 'user'] }))).required).toBe(true)
    await careful.drop()
  })
})

it('AU10 wrong codes while confirming are counted for the account; a right one is not', async () => {
  const limited = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000' })
  const ann = await limited.person()
  const { secret } = (await ann.post('/users/me/mfa/totp')).json
  const wrong = codeAt(secret, stepAt(limited.now()) + 5)
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await ann.post('/users/me/mfa/totp/confirm', { code: wrong })).status)
  expect(statuses).toEqual([...Array(5).fill(401), 429])
  const right = await ann.post('/users/me/mfa/totp/confirm', { code: codeAt(secret, stepAt(limited.now())) })
  expect(right.status).toBe(429)
  await limited.drop()
})
