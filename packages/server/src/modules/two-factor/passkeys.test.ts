import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPasskey, addTotp, factorTrail, twenty } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator, type Tricks } from '../../../test/software-authenticator.ts'
import { createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'
import type { PasskeyPurpose } from './passkeys.schema.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

/** Somebody with a passkey. */
async function holder(options: ConstructorParameters<typeof SoftwareAuthenticator>[0] = {}, name?: string) {
  const who = await app.person(name)
  const key = new SoftwareAuthenticator(options)
  const added = await addPasskey(who, key)
  if (added.status !== 201) throw new Error(added.body)
  return { who, key, id: added.json.id as string }
}
const ask = (purpose: PasskeyPurpose, userId?: string) => app.services.passkeys.requestOptions(purpose, userId)
const verify = (purpose: PasskeyPurpose, assertion: unknown, userId?: string) =>
  app.services.passkeys.verify(purpose, assertion, userId)

describe('AU14 a passkey proves who somebody is', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'with %s, signing in, as second step, and once more',
    async (algorithm) => {
      const { who, key } = await holder({ algorithm })
      const proved = { userId: who.userId, userVerified: true }
      const options = await ask('sign_in')
      expect(options).toEqual({
        challenge: expect.stringMatching(/^[\w-]{43}$/),
        rpId: 'localhost',
        timeout: 300_000,
        allowCredentials: [],
        userVerification: 'required',
      })
      expect(await verify('sign_in', key.get(options))).toEqual(proved)
      for (const purpose of ['mfa', 'reauthenticate'] as const) {
        const own = await ask(purpose, who.userId)
        expect(own.allowCredentials).toEqual([
          { id: key.ids[0], type: 'public-key', transports: ['hybrid', 'internal'] },
        ])
        expect(own.userVerification).toBe('preferred')
        expect(await verify(purpose, key.get(own), who.userId)).toEqual(proved)
      }
      expect((await who.get('/users/me/passkeys')).json.data).toMatchObject([{ last_used_at: expect.any(String) }])
    },
  )

  it('with an id of 1023 bytes, the longest there is', async () => {
    const who = await app.person()
    const key = new SoftwareAuthenticator()
    const options = (await who.post('/users/me/passkeys/options')).json
    const credentialId = Buffer.alloc(1023, 'x').toString('base64url')
    expect((await who.post('/users/me/passkeys', { credential: key.create(options, { credentialId }) })).status).toBe(
      201,
    )
    expect(await verify('sign_in', key.get(await ask('sign_in')))).toMatchObject({ userId: who.userId })
  })

  it('as second step also where the authenticator did not check the person, and says so', async () => {
    const { who, key } = await holder()
    const assertion = key.get(await ask('mfa', who.userId), { userVerified: false, userHandle: null })
    expect(await verify('mfa', assertion, who.userId)).toEqual({ userId: who.userId, userVerified: false })
  })
})

describe('AU14 an answer is refused, and its challenge is gone', () => {
  /** Refused, and so is a flawless answer to the same challenge after it. */
  async function refused(
    { who, key }: { who: Visitor; key: SoftwareAuthenticator },
    tricks: Tricks & { credentialId?: string },
    purpose: PasskeyPurpose = 'sign_in',
  ) {
    const userId = purpose === 'sign_in' ? undefined : who.userId
    const options = await ask(purpose, userId)
    expect(await verify(purpose, key.get(options, tricks), userId)).toBeUndefined()
    expect(await verify(purpose, key.get(options), userId)).toBeUndefined()
  }

  const flaws: [what: string, tricks: Tricks][] = [
    ['from another origin', { origin: 'https://evil.example' }],
    ['from our host on another port', { origin: 'http://localhost:8001' }],
    ['from our host by another scheme', { origin: 'https://localhost:8000' }],
    ['for another host', { rpId: 'evil.example' }],
    ['inside a foreign page', { crossOrigin: true }],
    ['inside a foreign page that is named', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['inside a page that is only named', { topOrigin: 'http://localhost:8000' }],
    ['without anybody there', { userPresent: false }],
    ['without checking the person', { userVerified: false }],
    ['made for registering', { type: 'webauthn.create' }],
    ['for no account', { userHandle: null }],
    ['for another account', { userHandle: Buffer.alloc(16).toString('base64url') }],
    ['by a key that suddenly may leave its device', { backupEligible: false }],
  ]
  it.each(flaws)('%s', async (_, tricks) => {
    await refused(await holder(), tricks)
  })

  it.each(flaws.filter(([what]) => !/checking|no account/.test(what)))('as second step too: %s', async (_, tricks) => {
    await refused(await holder(), tricks, 'mfa')
  })

  it('when it was used before, whatever came of it', async () => {
    const { who, key } = await holder()
    const options = await ask('sign_in')
    expect(await verify('sign_in', key.get(options))).toMatchObject({ userId: who.userId })
    expect(await verify('sign_in', key.get(options))).toBeUndefined()
  })

  it('when its challenge is older than five minutes', async () => {
    const { key } = await holder()
    const [early, late] = [await ask('sign_in'), await ask('sign_in')]
    app.advance(299)
    expect(await verify('sign_in', key.get(early))).toBeDefined()
    app.advance(2)
    expect(await verify('sign_in', key.get(late))).toBeUndefined()
  })

  it('when the challenge is another purpose’s or another user’s', async () => {
    const { who, key } = await holder()
    const { who: eve } = await holder()
    const purposes: PasskeyPurpose[] = ['sign_in', 'mfa', 'reauthenticate']
    const userFor = (purpose: PasskeyPurpose) => (purpose === 'sign_in' ? undefined : who.userId)
    for (const asked of purposes) {
      for (const used of purposes.filter((purpose) => purpose !== asked)) {
        const options = await ask(asked, userFor(asked))
        expect(await verify(used, key.get(options), userFor(used)), `${asked} for ${used}`).toBeUndefined()
        expect(await verify(asked, key.get(options), userFor(asked)), `${asked} after ${used}`).toBeUndefined()
      }
      const registering = (await who.post('/users/me/passkeys/options')).json
      const answer = key.get({ challenge: registering.challenge, rpId: 'localhost' })
      expect(await verify(asked, answer, userFor(asked))).toBeUndefined()
    }
    for (const purpose of ['mfa', 'reauthenticate'] as const) {
      const hers = await ask(purpose, eve.userId)
      expect(await verify(purpose, key.get({ ...hers, allowCredentials: [] }), who.userId)).toBeUndefined()
      const own = await ask(purpose, who.userId)
      expect(await verify(purpose, key.get(own), eve.userId)).toBeUndefined()
    }
    const invented = { challenge: Buffer.alloc(32).toString('base64url'), rpId: 'localhost' }
    expect(await verify('sign_in', key.get(invented))).toBeUndefined()
  })

  it('when the key is somebody else’s, unknown, or was removed', async () => {
    const { who } = await holder()
    const { who: eve, key, id } = await holder()
    const options = await ask('mfa', who.userId)
    expect(await verify('mfa', key.get({ ...options, allowCredentials: [] }), who.userId)).toBeUndefined()
    const stranger = new SoftwareAuthenticator()
    stranger.create({ challenge: 'x', rp: { id: 'localhost' }, user: { id: 'x' } })
    expect(await verify('sign_in', stranger.get(await ask('sign_in')))).toBeUndefined()
    expect((await eve.delete(`/users/me/passkeys/${id}`)).status).toBe(204)
    expect(await verify('sign_in', key.get(await ask('sign_in')))).toBeUndefined()
  })

  it('when the counter stands still or goes back, as a copied key’s does', async () => {
    const { who, key } = await holder()
    const count = async (counter: number) => verify('sign_in', key.get(await ask('sign_in'), { counter }))
    expect(await count(0)).toBeDefined()
    expect(await count(0)).toBeDefined()
    expect(await count(7)).toBeDefined()
    for (const counter of [7, 6, 0]) expect(await count(counter), `counter ${counter}`).toBeUndefined()
    expect(await count(8)).toBeDefined()
    const { events } = await factorTrail(app, who)
    expect(events.filter((type) => type === 'suspicious_activity')).toHaveLength(3)
  })

  it('when it is no answer at all', async () => {
    const { key } = await holder()
    const right = key.get(await ask('sign_in'))
    const nonsense: unknown[] = [
      undefined,
      null,
      {},
      [],
      'x',
      { ...right, id: 'ä' },
      { ...right, rawId: 'AAAA' },
      { ...right, type: 'password' },
      { ...right, response: {} },
      { ...right, response: { ...right.response, clientDataJSON: 'AAAA' } },
      { ...right, response: { ...right.response, clientDataJSON: Buffer.from('null').toString('base64url') } },
      {
        ...right,
        response: { ...right.response, clientDataJSON: Buffer.from('{"challenge":7}').toString('base64url') },
      },
      { ...right, response: { ...right.response, authenticatorData: 'AAAA' } },
      { ...right, response: { ...right.response, userHandle: 7 } },
    ]
    for (const assertion of nonsense) expect(await verify('sign_in', assertion)).toBeUndefined()
  })

  it('but for one, when twenty come at once', async () => {
    const { key } = await holder()
    const assertion = key.get(await ask('sign_in'))
    const results = await twenty(() => verify('sign_in', assertion))
    expect(results.filter((result) => result !== undefined)).toHaveLength(1)
  })

  it('but for one, when twenty challenges are answered with one count', async () => {
    const { key } = await holder()
    const answers: unknown[] = []
    for (let i = 0; i < 20; i++) answers.push(key.get(await ask('sign_in'), { counter: 3 }))
    const results = await Promise.all(answers.map((answer) => verify('sign_in', answer)))
    expect(results.filter((result) => result !== undefined)).toHaveLength(1)
  })
})

it('AU14 signs in by its own door, and is the second step where it is the only one', async () => {
  const { who, key } = await holder()
  const options = (await app.visitor().post('/auth/passkey/options', {})).json
  const visitor = app.visitor()
  const entered = await visitor.post('/auth/passkey/verify', { assertion: key.get(options) })
  expect(entered.json).toMatchObject({ status: 'complete', user: { id: who.userId, mfa_enabled: true } })
  expect((await visitor.get('/users/me/sessions')).json.data).toContainEqual(
    expect.objectContaining({ current: true, method: 'passkey', aal: 2 }),
  )
  const phone = await addTotp(app, who)
  expect(await app.services.secondFactors.methodsOf(app.database.db, who.userId)).toEqual([
    'totp',
    'passkey',
    'recovery',
  ])
  expect(phone.recoveryCodes).toHaveLength(10)
  expect(await app.services.passkeys.count(app.database.db, who.userId)).toBe(1)
})
