import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addPasskey, addTotp, factorTrail } from '../../../test/second-factors.ts'
import {
  attestation,
  attestedCredential,
  authenticatorData,
  cbor,
  SoftwareAuthenticator,
  type Tricks,
} from '../../../test/software-authenticator.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const optionsFor = async (who: Visitor) => (await who.post('/users/me/passkeys/options')).json
const keep = (who: Visitor, credential: unknown, name?: string) =>
  who.post('/users/me/passkeys', { credential, ...(name === undefined ? {} : { name }) })

describe('adding a passkey', () => {
  it('asks for what authenticators have, and says who it is for without saying who it is', async () => {
    const ann = await app.person('annabel')
    expect(await optionsFor(ann)).toEqual({
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      rp: { id: 'localhost', name: 'Atrium' },
      user: {
        id: Buffer.from(ann.userId.replaceAll('-', ''), 'hex').toString('base64url'),
        name: 'annabel',
        displayName: 'annabel',
      },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'preferred', requireResidentKey: false, userVerification: 'preferred' },
      attestation: 'none',
      extensions: { credProps: true },
    })
    const key = new SoftwareAuthenticator()
    await addPasskey(ann, key)
    expect((await optionsFor(ann)).excludeCredentials).toMatchObject([{ id: key.ids[0] }])
  })

  it('makes it the second factor: mails, log, recovery codes, and the end of other sessions', async () => {
    const ann = await app.person()
    const tablet = app.visitor()
    await tablet.post('/auth/login', { identifier: ann.username, password })
    const added = await addPasskey(ann, new SoftwareAuthenticator(), '  Blue key ')
    expect(added.status).toBe(201)
    expect(added.headers.location).toBe(`/api/v1/users/me/passkeys/${added.json.id}`)
    expect(added.json).toMatchObject({
      name: 'Blue key',
      transports: ['hybrid', 'internal'],
      backed_up: true,
      last_used_at: null,
      status: 'complete',
      session_id: ann.sessionId,
    })
    expect(added.json.recovery_codes).toHaveLength(10)
    expect((await tablet.get('/users/me')).json.code).toBe('session_revoked')
    expect((await ann.get('/users/me')).json.mfa_enabled).toBe(true)
    expect((await ann.get('/users/me/sessions')).json.data).toMatchObject([{ current: true, aal: 2 }])
    expect(await factorTrail(app, ann)).toEqual({
      mails: ['passkey_added', 'mfa_enabled'],
      events: ['recovery_codes_created', 'passkey_added', 'mfa_enabled'],
    })
    const login = await app.visitor().post('/auth/login', { identifier: ann.username, password })
    expect(login.json).toMatchObject({ status: 'mfa_required', methods: ['passkey', 'recovery'] })

    const second = await addPasskey(ann, new SoftwareAuthenticator())
    expect(second.json).not.toHaveProperty('recovery_codes')
    expect((await ann.get('/users/me/mfa')).json).toMatchObject({ passkeys: 2, recovery_codes_left: 10 })
    expect((await factorTrail(app, ann)).mails).toEqual(['passkey_added', 'mfa_enabled', 'passkey_added'])
  })

  it('frees a session that owes a second factor', async () => {
    const strict = await createTestApp({ REQUIRE_MFA: 'all' })
    const ann = await strict.person()
    expect((await ann.get('/conversations')).json.code).toBe('mfa_required')
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator())).json
    expect((await ann.get('/conversations')).status).toBe(200)
    expect((await ann.delete(`/users/me/passkeys/${id}`)).json.code).toBe('state_conflict')
    await addTotp(strict, ann)
    expect((await ann.delete(`/users/me/passkeys/${id}`)).status).toBe(204)
    expect((await ann.delete('/users/me/mfa/totp')).json.code).toBe('state_conflict')
    await strict.drop()
  })

  it('needs a recent proof of identity', async () => {
    const ann = await app.person()
    const { id } = (await addPasskey(ann, new SoftwareAuthenticator())).json
    const credential = new SoftwareAuthenticator().create(await optionsFor(ann))
    app.advance(700)
    for (const answer of [
      await ann.post('/users/me/passkeys/options'),
      await keep(ann, credential),
      await ann.delete(`/users/me/passkeys/${id}`),
    ]) {
      expect([answer.status, answer.json.code]).toEqual([403, 'reauthentication_required'])
    }
  })
})

describe('AU14 a new passkey is refused, and its challenge is gone', () => {
  const flaws: [what: string, tricks: Tricks][] = [
    ['from another origin', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['inside a foreign page', { crossOrigin: true }],
    ['inside a foreign page that is named', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['inside a page that is only named', { topOrigin: 'http://localhost:8000' }],
    ['without anybody there', { userPresent: false }],
    ['made for signing in', { type: 'webauthn.get' }],
    ['backed up though it cannot be', { backupEligible: false, backedUp: true }],
  ]
  it.each(flaws)('%s', async (_, tricks) => {
    const ann = await app.person()
    const options = await optionsFor(ann)
    const answer = await keep(ann, new SoftwareAuthenticator().create(options, tricks))
    expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed'])
    expect(answer.json.errors).toMatchObject([{ pointer: '/credential', code: 'passkey_invalid' }])
    expect((await keep(ann, new SoftwareAuthenticator().create(options))).status).toBe(422)
    expect((await ann.get('/users/me/passkeys')).json.data).toEqual([])
  })

  it('answering a challenge that is used, old, somebody else’s, for signing in, or invented', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const fresh = () => new SoftwareAuthenticator()
    const options = await optionsFor(ann)
    expect((await keep(ann, fresh().create(options))).status).toBe(201)
    const asked = await app.services.passkeys.requestOptions('mfa', ann.userId)
    for (const challenge of [
      options.challenge,
      (await optionsFor(eve)).challenge,
      asked.challenge,
      Buffer.alloc(32).toString('base64url'),
    ]) {
      expect((await keep(ann, fresh().create(options, { challenge }))).status).toBe(422)
    }
    const late = await optionsFor(ann)
    app.advance(301)
    expect((await keep(ann, fresh().create(late))).status).toBe(422)
    expect((await ann.get('/users/me/passkeys')).json.data).toHaveLength(1)
  })

  it('when its credential id is known, to this account or another', async () => {
    const [ann, eve] = [await app.person(), await app.person()]
    const key = new SoftwareAuthenticator()
    await addPasskey(ann, key)
    const [credentialId = ''] = key.ids
    for (const [who, authenticator] of [
      [ann, key],
      [ann, new SoftwareAuthenticator()],
      [eve, new SoftwareAuthenticator()],
    ] as const) {
      const answer = await keep(who, authenticator.create(await optionsFor(who), { credentialId }))
      expect([answer.status, answer.json.code]).toEqual([409, 'already_exists'])
    }
    const options = await app.services.passkeys.requestOptions('sign_in')
    expect(await app.services.passkeys.verify('sign_in', key.get(options))).toMatchObject({ userId: ann.userId })
    expect((await eve.get('/users/me')).json.mfa_enabled).toBe(false)
  })

  it('but for one, when twenty bring the same', async () => {
    const people = [await app.person(), await app.person()]
    const credentialId = Buffer.alloc(32, 'same').toString('base64url')
    const credentials: [Visitor, unknown][] = []
    for (let i = 0; i < 20; i++) {
      const who = people[i % 2]?.copy()
      if (who) credentials.push([who, new SoftwareAuthenticator().create(await optionsFor(who), { credentialId })])
    }
    const answers = await Promise.all(credentials.map(([who, credential]) => keep(who, credential)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.every(({ status }) => [201, 403, 409].includes(status))).toBe(true)
  })

  it('when the key is of a kind nobody asked for, or under another id', async () => {
    const ann = await app.person()
    const key = new SoftwareAuthenticator()
    const options = await optionsFor(ann)
    const made = key.create(options)
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
    const part = (text = '') => Buffer.from(text, 'base64url')
    const es384 = cbor(
      new Map<number, number | Buffer>([
        [1, 2],
        [3, -35],
        [-1, 2],
        [-2, part(jwk.x)],
        [-3, part(jwk.y)],
      ]),
    )
    const authData = Buffer.concat([
      authenticatorData('localhost', 0x45, 0),
      attestedCredential(Buffer.alloc(16), part(made.id), es384),
    ])
    const attestationObject = attestation('none', new Map(), authData).toString('base64url')
    expect((await keep(ann, { ...made, response: { ...made.response, attestationObject } })).status).toBe(422)
    const other = Buffer.alloc(32).toString('base64url')
    const renamed = { ...key.create(await optionsFor(ann)), id: other, rawId: other }
    expect((await keep(ann, renamed)).status).toBe(422)
  })

  it('when it is no credential', async () => {
    const ann = await app.person()
    const right = new SoftwareAuthenticator().create(await optionsFor(ann))
    for (const credential of [
      {},
      'x',
      { ...right, rawId: 'AAAA' },
      { ...right, type: 'password' },
      { ...right, response: {} },
      { ...right, response: { ...right.response, attestationObject: 'AAAA' } },
      { ...right, response: { ...right.response, attestationObject: 'ä' } },
    ]) {
      expect((await keep(ann, credential)).status).toBe(422)
    }
    const unknown = await ann.post('/users/me/passkeys', { credential: right, nickname: 'x' })
    expect(unknown.json.code).toBe('unknown_field')
  })

  it('when there are twenty', async () => {
    const ann = await app.person()
    const key = new SoftwareAuthenticator()
    for (let i = 0; i < 19; i++) await addPasskey(ann, key)
    const [first, second] = [await optionsFor(ann), await optionsFor(ann)]
    const answers = await Promise.all(
      [first, second].map((options) => keep(ann.copy(), new SoftwareAuthenticator().create(options))),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
    expect((await ann.post('/users/me/passkeys/options')).json.code).toBe('state_conflict')
  })
})
