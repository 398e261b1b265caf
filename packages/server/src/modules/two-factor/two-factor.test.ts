import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addTotp } from '../../../test/second-factors.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

describe('an authenticator app', () => {
  it('AU13 counts for nothing until a code of it was typed, and its seed is told once', async () => {
    const ann = await app.person()
    const { db } = app.database
    const started = await ann.post('/users/me/mfa/totp')
    expect(started.json).toEqual({
      secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
      otpauth_uri: expect.stringContaining(`secret=${started.json.secret}`),
      qr_svg: expect.stringMatching(/^<svg [^>]*><rect [^>]*\/><path [^>]*\/><\/svg>$/),
    })
    expect(await app.services.secondFactors.methodsOf(db, ann.userId)).toEqual([])
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(false)
    const phone = await addTotp(app, ann)
    expect(phone.secret).not.toBe(started.json.secret)
    expect(await app.services.secondFactors.methodsOf(db, ann.userId)).toEqual(['totp', 'recovery'])
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(true)
    const again = await ann.post('/users/me/mfa/totp')
    expect([again.status, again.json.code]).toEqual([409, 'already_exists'])
    expect((await ann.get('/users/me/mfa')).json).toEqual({
      totp: { enabled: true, confirmed_at: expect.any(String) },
      passkeys: 0,
      recovery_codes_left: 10,
      required: false,
    })
  })
})
