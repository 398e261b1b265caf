import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addTotp, factorTrail, twenty } from '../../../test/second-factors.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const methodsOf = (who: Visitor) => app.services.secondFactors.methodsOf(app.database.db, who.userId)
const login = (who: Visitor) => app.visitor().post('/auth/login', { identifier: who.username, password })
describe('AU10 a code', () => {
  it('works once, and none before it works after it', async () => {
    const ann = await app.person()
    const phone = await addTotp(app, ann)
    const { secondFactors } = app.services
    const verify = (code: string) => secondFactors.verifyTotp(ann.userId, code)
    // The one that confirmed the app is used up as well.
    expect(await verify(phone.code())).toBe(false)
    app.advance(90)
    expect(await verify(phone.code(-2))).toBe(false)
    expect(await verify(phone.code(2))).toBe(false)
    expect(await verify(phone.code(1))).toBe(true)
    expect(await verify(phone.code(1))).toBe(false)
    expect(await verify(phone.code(0))).toBe(false)
    expect(await verify(phone.code(-1))).toBe(false)
    app.advance(60)
    expect(await verify(phone.code(-1))).toBe(false)
    expect(await verify(phone.code(0))).toBe(true)
    expect(await verify('000000')).toBe(false)
  })

  it('has exactly one success of twenty', async () => {
    const ann = await app.person()
    const phone = await addTotp(app, ann)
    const code = phone.freshCode()
    const results = await twenty(() => app.services.secondFactors.verifyTotp(ann.userId, code))
    expect(results.filter(Boolean)).toHaveLength(1)
  })

  it('is used up at every door at once', async () => {
    const ann = await app.person()
    const phone = await addTotp(app, ann)
    const code = phone.freshCode()
    expect((await ann.post('/auth/reauthenticate', { code })).status).toBe(200)
    const { mfa_token } = (await login(ann)).json
    const elsewhere = await app.visitor().post('/auth/mfa/verify', { mfa_token, method: 'totp', code })
    expect([elsewhere.status, elsewhere.json.code]).toEqual([401, 'mfa_invalid'])
    expect((await ann.post('/auth/reauthenticate', { code })).status).toBe(401)
  })

  it('is nobody else’s', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const phone = await addTotp(app, ann)
    await addTotp(app, eve)
    expect(await app.services.secondFactors.verifyTotp(eve.userId, phone.freshCode())).toBe(false)
    expect(await app.services.secondFactors.verifyTotp((await app.person()).userId, phone.code())).toBe(false)
    expect(await app.services.secondFactors.verifyTotp(ann.userId, phone.code())).toBe(true)
  })
})

describe('AU11 a recovery code', () => {
  it('works once however it is written, and says how many are left', async () => {
    const ann = await app.person()
    const phone = await addTotp(app, ann)
    const use = (code = '') => app.services.secondFactors.useRecoveryCode(ann.userId, code)
    const [first = '', second = '', third = ''] = phone.recoveryCodes
    expect(await use(first)).toBe(9)
    expect(await use(first)).toBeUndefined()
    expect(await use(` ${second.toLowerCase().replaceAll('-', ' ')} `)).toBe(8)
    expect(await use(third.replaceAll('-', '').replaceAll('0', 'o').replaceAll('1', 'L'))).toBe(7)
    expect(await use('AAAA-AAAA-AAAA-AAAA-AAAA-AAAA')).toBeUndefined()
    expect((await ann.get('/users/me/mfa')).json.recovery_codes_left).toBe(7)
    expect((await factorTrail(app, ann)).mails.filter((template) => template === 'recovery_code_used')).toHaveLength(3)
    expect((await factorTrail(app, ann)).events.filter((type) => type === 'recovery_code_used')).toHaveLength(3)
  })

  it('has exactly one success of twenty', async () => {
    const ann = await app.person()
    const [code = ''] = (await addTotp(app, ann)).recoveryCodes
    const results = await twenty(() => app.services.secondFactors.useRecoveryCode(ann.userId, code))
    expect(results.filter((left) => left !== undefined)).toEqual([9])
    expect((await factorTrail(app, ann)).mails.filter((template) => template === 'recovery_code_used')).toHaveLength(1)
  })

  it('is dead once there are new ones, and is nobody else’s', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const [old = ''] = (await addTotp(app, ann)).recoveryCodes
    await addTotp(app, eve)
    const renewed = await ann.post('/users/me/mfa/recovery-codes')
    expect(renewed.json.recovery_codes).toHaveLength(10)
    expect(renewed.headers['cache-control']).toMatch('no-store')
    const [fresh = ''] = renewed.json.recovery_codes
    const { secondFactors } = app.services
    expect(await secondFactors.useRecoveryCode(ann.userId, old)).toBeUndefined()
    expect(await secondFactors.useRecoveryCode(eve.userId, fresh)).toBeUndefined()
    expect(await secondFactors.useRecoveryCode(ann.userId, fresh)).toBe(9)
    expect((await factorTrail(app, ann)).mails).toEqual(['mfa_enabled', 'recovery_codes_created', 'recovery_code_used'])
  })

  it('leaves exactly one set when twenty are asked for at once', async () => {
    const ann = await app.person()
    await addTotp(app, ann)
    const answers = await twenty(() => ann.copy().post('/users/me/mfa/recovery-codes'))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect((await ann.get('/users/me/mfa')).json.recovery_codes_left).toBe(10)
  })

  it('stands in for a second factor, so there is none without one', async () => {
    const ann = await app.person()
    const answer = await ann.post('/users/me/mfa/recovery-codes')
    expect([answer.status, answer.json.code]).toEqual([409, 'state_conflict'])
    const [code = ''] = (await addTotp(app, ann)).recoveryCodes
    await ann.delete('/users/me/mfa/totp')
    expect(await app.services.secondFactors.useRecoveryCode(ann.userId, code)).toBeUndefined()
  })
})

describe('an administrator’s reset', () => {
  it('leaves no factor at all', async () => {
    const ann = await app.person()
    const [code = ''] = (await addTotp(app, ann)).recoveryCodes
    await app.database.unitOfWork(({ tx }) => app.services.secondFactors.removeAll(tx, ann.userId))
    expect(await methodsOf(ann)).toEqual([])
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(false)
    expect(await app.services.secondFactors.useRecoveryCode(ann.userId, code)).toBeUndefined()
    expect((await login(ann)).json.status).toBe('complete')
  })
})
