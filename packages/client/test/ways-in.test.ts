import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt, stepAt } from '../../server/src/modules/two-factor/totp.ts'
import { SoftwareAuthenticator } from '../../server/test/software-authenticator.ts'
import { ApiError, type AtriumClient, type SignInResult, type User } from '../src/index.ts'
import { password, startServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ GUEST_ACCOUNTS: 'true' })
})
afterAll(() => server.drop())

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApiError)
      return error as ApiError
    },
  )

async function addApp(page: AtriumClient) {
  const { secret } = await page.api.POST('/api/v1/users/me/mfa/totp', { body: {} })
  const code = () => codeAt(secret, stepAt(server.now()))
  const confirmed = await page.api.POST('/api/v1/users/me/mfa/totp/confirm', { body: { code: code() } })
  page.session.renew(confirmed)
  return {
    recoveryCodes: confirmed.recovery_codes,
    freshCode() {
      server.advance(30)
      return code()
    },
  }
}

async function addPasskey(page: AtriumClient): Promise<SoftwareAuthenticator> {
  const authenticator = new SoftwareAuthenticator()
  const options = await page.api.POST('/api/v1/users/me/passkeys/options', { body: {} })
  const credential = authenticator.create(options)
  page.session.renew(await page.api.POST('/api/v1/users/me/passkeys', { body: { credential: credential as never } }))
  return authenticator
}

const asked = (authenticator: SoftwareAuthenticator, options: PublicKeyCredentialRequestOptionsJSON) =>
  authenticator.get(options as never)

function secondStepOf(result: SignInResult) {
  if (result.status === 'complete') throw new Error('No second step was asked')
  return result
}
function userOf(result: SignInResult): User {
  if (result.status !== 'complete') throw new Error('A second step was asked')
  return result.user
}

describe.each(['cookie', 'body'] as const)('by %s', (tokenDelivery) => {
  const person = (name: string) => server.person(`${name}-${tokenDelivery}`, { tokenDelivery })

  it('asks for the second step, and takes a code, a recovery code or a passkey', async () => {
    const page = await person('ada')
    const app = await addApp(page)
    const authenticator = await addPasskey(page)
    const identifier = page.session.user?.username ?? ''
    const again = server.page({ tokenDelivery })
    const begin = async () => secondStepOf(await again.session.login({ identifier, password }))

    const step = await begin()
    expect(step.methods).toEqual(expect.arrayContaining(['totp', 'recovery', 'passkey']))
    expect(again.session.state.status).toBe('unknown')
    const wrong = await refusal(again.session.verifyMfa({ mfa_token: step.mfa_token, method: 'totp', code: '000000' }))
    expect(wrong.code).toBe('mfa_invalid')
    await again.session.verifyMfa({ mfa_token: step.mfa_token, method: 'totp', code: app.freshCode() })
    expect(again.session.state).toMatchObject({ status: 'signed-in', user: { username: identifier } })
    expect(await again.account.get()).toMatchObject({ username: identifier })

    const [code = ''] = app.recoveryCodes
    await again.session.verifyMfa({ mfa_token: (await begin()).mfa_token, method: 'recovery', code })
    const { mfa_token } = await begin()
    const assertion = asked(authenticator, await again.session.passkeyOptions({ mfa_token }))
    await again.session.verifyMfa({ mfa_token, method: 'passkey', assertion })
    await again.account.update({ bio: 'Three ways' })
  })

  it('signs in with a passkey alone', async () => {
    const page = await person('bea')
    const authenticator = await addPasskey(page)
    const again = server.page({ tokenDelivery })
    const assertion = asked(authenticator, await again.session.passkeyOptions())
    const user = userOf(await again.session.signInWithPasskey({ assertion, remember: false }))
    expect(user.id).toBe(page.session.user?.id)
    await again.account.update({ bio: 'No password' })
    expect(await refusal(server.page().session.signInWithPasskey({ assertion }))).toMatchObject({
      code: 'passkey_invalid',
    })
  })

  it('proves again who somebody is, by each thing the account has', async () => {
    const page = await person('cem')
    const app = await addApp(page)
    const authenticator = await addPasskey(page)
    const proofs = [
      async () => ({ password }),
      async () => ({ code: app.freshCode() }),
      async () => ({
        assertion: asked(authenticator, await page.session.passkeyOptions({ purpose: 'reauthenticate' })),
      }),
    ]
    for (const prove of proofs) {
      server.advance(11 * 60)
      expect(await refusal(page.sessions.revokeOthers())).toMatchObject({ code: 'reauthentication_required' })
      await page.session.reauthenticate(await prove())
      expect(await page.sessions.revokeOthers()).toBe(0)
    }
  })
})

describe('by mail', () => {
  const email = (name: string) => `${name}@example.com`

  it('proves an address, and signs in with a link or a code afterwards', async () => {
    const page = await server.person('dora')
    expect(page.session.user?.email_verified).toBe(false)
    await page.session.resendVerification(email('dora'))
    await page.session.verifyEmail({ token: (await server.mail(email('dora'))).token })
    expect(await page.account.get()).toMatchObject({ email_verified: true })

    const [one, other] = [server.page(), server.page()]
    await one.session.requestEmailSignIn(email('dora'))
    const { token } = await server.mail(email('dora'))
    expect(userOf(await one.session.signInByEmail({ token, remember: false })).username).toBe('dora')
    expect(await refusal(other.session.signInByEmail({ token }))).toMatchObject({ code: 'link_invalid' })
    await other.session.requestEmailSignIn(email('dora'))
    const { code } = await server.mail(email('dora'))
    userOf(await other.session.signInByEmail({ email: email('dora'), code }))
    await other.account.update({ bio: 'By mail' })
  })

  it('sets a new password, which ends every session', async () => {
    const page = await server.person('ede')
    const visitor = server.page()
    await visitor.session.requestPasswordReset(email('ede'))
    const { code } = await server.mail(email('ede'))
    const fresh = 'a harbour with two lights'
    await visitor.session.completePasswordReset({ email: email('ede'), code, password: fresh })
    expect(await refusal(page.account.get())).toMatchObject({ code: 'session_revoked' })
    userOf(await visitor.session.login({ identifier: 'ede', password: fresh }))
  })

  it('opens a door that was locked', async () => {
    await server.person('finn')
    const page = server.page()
    for (let tries = 0; tries < 5; tries++) {
      await refusal(page.session.login({ identifier: 'finn', password: 'not the password' }))
    }
    expect(await refusal(page.session.login({ identifier: 'finn', password }))).toMatchObject({
      code: 'account_locked',
    })
    await page.session.unlock((await server.mail(email('finn'))).token)
    userOf(await page.session.login({ identifier: 'finn', password }))
  })

  it('lets nobody in before the address is proved, where the server wants it so', async () => {
    const strict = await startServer({ EMAIL_VERIFICATION: 'required' })
    try {
      const page = strict.page()
      const registration = { username: 'gina', email: email('gina'), password }
      expect(await page.session.register(registration)).toEqual({
        status: 'verification_required',
        expires_in: expect.any(Number),
      })
      expect(page.session.state.status).toBe('unknown')
      const { token } = await strict.mail(email('gina'))
      const elsewhere = await refusal(strict.page().session.verifyEmail({ token }))
      expect(elsewhere.problem).toMatchObject({ code: 'link_invalid', password_required: true })
      await page.session.verifyEmail({ token })
      userOf(await page.session.login({ identifier: 'gina', password }))
    } finally {
      await strict.drop()
    }
  })
})

describe('guests', () => {
  it('look around without a name, and become somebody with everything kept', async () => {
    const page = server.page()
    const guest = await page.session.enterAsGuest()
    expect(guest.roles).toEqual(['guest'])
    const reasons: unknown[] = []
    page.session.subscribe(({ reason }) => reason && reasons.push(reason))
    page.live.connect()
    await expect.poll(() => page.live.state).toBe('live')

    const upgraded = await page.session.upgradeGuest({ username: 'gus', email: 'gus@example.com', password })
    const user = { id: guest.id, username: 'gus', roles: ['user'] }
    expect(upgraded).toMatchObject({ status: 'complete', user })
    await expect.poll(() => page.live.state).toBe('live')
    expect(await page.account.get()).toMatchObject({ username: 'gus' })
    expect(reasons).toEqual([])
  })
})

describe('every other route', () => {
  it('is called by its path, and answers its content or undefined', async () => {
    const page = await server.person('eva')
    expect(await page.api.GET('/api/v1/meta')).toMatchObject({ name: 'Atrium' })
    const { data } = await page.api.GET('/api/v1/users/me/sessions')
    const session_id = data[0]?.id ?? ''
    const path = '/api/v1/users/me/sessions/{session_id}'
    expect(await page.api.DELETE(path, { params: { path: { session_id } } })).toBeUndefined()
    expect(await refusal(page.api.GET('/api/v1/users/me'))).toMatchObject({ code: 'session_revoked' })
  })
})
