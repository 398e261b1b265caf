import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, type DevPerson, pathOf, signInWithDev } from '../../../test/dev-sign-in.ts'
import { addPasskey } from '../../../test/second-factors.ts'
import { SoftwareAuthenticator } from '../../../test/software-authenticator.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const identities = async (someone: Visitor) => (await someone.get('/users/me/identities')).json.data
const begin = (someone: Visitor, body?: object, headers = {}) => someone.post('/oauth/dev/link', body, headers)
const link = async (someone: Visitor, person: DevPerson, body?: object): Promise<Answer> => {
  const { json } = await begin(someone, body)
  return someone.get(pathOf(await approve(someone, new URL(json.url), person)))
}
const trail = async (userId: string) => {
  const { db } = app.database
  const mails = await db.selectFrom('mails').select('template').where('user_id', '=', userId).orderBy('id').execute()
  const events = await db.selectFrom('audit_events').selectAll().where('user_id', '=', userId).orderBy('id').execute()
  return {
    mails: mails.map(({ template }) => template).filter((template) => template.startsWith('identity')),
    events: events
      .filter(({ type }) => type.startsWith('identity'))
      .map(({ type, actor_id, detail }) => ({ type, own: actor_id === userId, detail: JSON.parse(detail) })),
  }
}

describe('OA5 linking while signed in', () => {
  it('adds an identity that opens the account from then on', async () => {
    const ann = await app.person('ann')
    const answer = await link(ann, { name: 'Ann There', email: 'elsewhere@example.org' }, { redirect_to: '/settings' })
    expect(answer.headers.location).toBe('/settings')
    expect(answer.headers['set-cookie']).toBeUndefined()
    const [identity, ...others] = await identities(ann)
    expect(others).toEqual([])
    expect(identity).toMatchObject({
      provider: 'dev',
      provider_name: 'Development',
      email: 'elsewhere@example.org',
      name: 'Ann There',
      last_used_at: null,
    })
    const again = app.visitor()
    await signInWithDev(again, { email: 'elsewhere@example.org', unverified_email: true })
    expect((await again.get('/users/me')).json.id).toBe(ann.userId)
    expect((await identities(ann))[0].last_used_at).not.toBeNull()
    expect((await link(ann, { email: 'elsewhere@example.org' })).headers.location).toBe('/')
    expect(await identities(ann)).toHaveLength(1)
    expect(await trail(ann.userId)).toEqual({
      mails: ['identity_linked'],
      events: [{ type: 'identity_linked', own: true, detail: { provider: 'dev', by: 'user' } }],
    })
  })

  it('needs a session, a CSRF token, our own page and a recent proof of identity', async () => {
    const late = await createTestApp()
    const someone = await late.person('late')
    expect((await late.visitor().post('/oauth/dev/link')).status).toBe(401)
    expect((await begin(someone, undefined, { 'x-csrf-token': '' })).json.code).toBe('csrf_missing')
    expect((await begin(someone, undefined, { origin: 'https://evil.example' })).json.code).toBe('origin_not_allowed')
    expect((await begin(someone)).status).toBe(200)
    late.advance(601)
    expect((await begin(someone)).json).toMatchObject({ status: 403, code: 'reauthentication_required' })
    expect((await someone.post('/oauth/nobody/link')).status).toBe(403)
    await late.drop()
  })

  it('tells that an identity is linked elsewhere and not where', async () => {
    const [first, second] = [await app.person('first'), await app.person('second')]
    await link(first, { email: 'shared@example.org' })
    const answer = await link(second, { email: 'shared@example.org' }, { redirect_to: '/settings' })
    expect(answer.headers.location).toBe('/settings?error=identity_linked_elsewhere')
    expect(answer.body).toBe('')
    expect(await identities(second)).toEqual([])
    expect(await identities(first)).toHaveLength(1)
  })

  it('M23 ends in the session it began in: nobody links their identity to the account of somebody else', async () => {
    const [thief, victim] = [await app.person('thief'), await app.person('prey')]
    const { json } = await begin(thief)
    const back = pathOf(await approve(victim, new URL(json.url), { email: 'prey-at-dev@example.org' }))
    expect((await victim.get(back)).headers.location).toBe('/sign-in?error=oauth_state_invalid')
    // Even with the thief's cookie of the flow in the victim's browser.
    const { json: again } = await begin(thief)
    victim.cookies.set('oauth_state', thief.cookies.get('oauth_state') ?? '')
    const second = pathOf(await approve(victim, new URL(again.url), { email: 'prey-at-dev@example.org' }))
    expect((await victim.get(second)).headers.location).toBe('/sign-in?error=oauth_state_invalid')
    expect([await identities(thief), await identities(victim)]).toEqual([[], []])
  })

  it('is not for guests', async () => {
    const open = await createTestApp({ GUEST_ACCOUNTS: 'true' })
    const guest = open.visitor()
    expect((await guest.post('/auth/guest', {})).status).toBe(200)
    expect((await guest.post('/oauth/dev/link')).json).toMatchObject({ status: 403, code: 'forbidden' })
    await open.drop()
  })

  it('mails nobody whose address cannot exist', async () => {
    const someone = app.visitor()
    await signInWithDev(someone, { name: 'Nowhere', email: 'nowhere@example.org', no_email: true })
    await someone.get('/auth/csrf')
    await link(someone, { email: 'nowhere-else@example.org' })
    expect(await identities(someone)).toHaveLength(2)
    expect((await trail((await someone.get('/users/me')).json.id)).mails).toEqual([])
  })

  it('is over when the session is', async () => {
    const someone = await app.person('leaver')
    const { json } = await begin(someone)
    const back = pathOf(await approve(someone, new URL(json.url), { email: 'leaver@example.org' }))
    await someone.post('/auth/logout')
    expect((await someone.get(back)).headers.location).toBe('/sign-in?error=oauth_state_invalid')
    const rows = await app.database.db
      .selectFrom('identities')
      .select('id')
      .where('email', '=', 'leaver@example.org')
      .execute()
    expect(rows).toEqual([])
  })
})

describe('OA5 unlinking', () => {
  it('takes an identity away where another way in is left', async () => {
    const someone = await app.person('unlinker')
    await link(someone, { email: 'unlinker@example.org' })
    const [{ id }] = await identities(someone)
    const stranger = await app.person('stranger')
    expect((await stranger.delete(`/users/me/identities/${id}`)).status).toBe(404)
    expect((await someone.delete(`/users/me/identities/${id}`)).status).toBe(204)
    expect((await someone.delete(`/users/me/identities/${id}`)).status).toBe(404)
    expect(await identities(someone)).toEqual([])
    expect(await trail(someone.userId)).toMatchObject({
      mails: ['identity_linked', 'identity_unlinked'],
      events: [{ type: 'identity_linked' }, { type: 'identity_unlinked', own: true, detail: { provider: 'dev' } }],
    })
  })

  it('leaves the last way in', async () => {
    const someone = app.visitor()
    await signInWithDev(someone, { email: 'only@example.com' })
    await someone.get('/auth/csrf')
    const [{ id }] = await identities(someone)
    expect((await someone.delete(`/users/me/identities/${id}`)).json).toMatchObject({
      status: 409,
      code: 'last_login_method',
    })
    await addPasskey(someone, new SoftwareAuthenticator())
    expect((await someone.delete(`/users/me/identities/${id}`)).status).toBe(204)
    const [{ id: passkey }] = (await someone.get('/users/me/passkeys')).json.data
    expect((await someone.delete(`/users/me/passkeys/${passkey}`)).json.code).toBe('last_login_method')
  })

  it('of two ways in that are taken away at once leaves one', async () => {
    const someone = app.visitor()
    await signInWithDev(someone, { email: 'two@example.com' })
    await someone.get('/auth/csrf')
    await link(someone, { email: 'two-more@example.com' })
    const both = (await identities(someone)).map(({ id }: { id: string }) => id)
    expect(both).toHaveLength(2)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => someone.delete(`/users/me/identities/${both[index % 2]}`)),
    )
    expect(answers.filter((answer) => answer.status === 204)).toHaveLength(1)
    expect(await identities(someone)).toHaveLength(1)
  })

  it('needs a recent proof of identity', async () => {
    const late = await createTestApp()
    const someone = await late.person('late')
    late.advance(601)
    const answer = await someone.delete('/users/me/identities/0193b0a0-0000-7000-8000-000000000000')
    expect(answer.json.code).toBe('reauthentication_required')
    await late.drop()
  })

  it('does not count an identity of a provider that is gone', async () => {
    const someone = app.visitor()
    await signInWithDev(someone, { email: 'gone@example.com' })
    await someone.get('/auth/csrf')
    const { id: user_id } = (await someone.get('/users/me')).json
    await app.database.unitOfWork(({ tx }) =>
      tx
        .insertInto('identities')
        .values({
          id: '0193b0a0-0000-7000-8000-000000000001',
          user_id,
          provider: 'gone',
          issuer: 'https://gone.example',
          subject: '1',
          email: null,
          display_name: null,
          created_at: new Date().toISOString(),
          last_used_at: null,
        })
        .execute(),
    )
    const all = await identities(someone)
    expect(all.map(({ provider_name }: { provider_name: string }) => provider_name).sort()).toEqual([
      'Development',
      'gone',
    ])
    const own = all.find(({ provider }: { provider: string }) => provider === 'dev')
    expect((await someone.delete(`/users/me/identities/${own.id}`)).json.code).toBe('last_login_method')
  })
})
