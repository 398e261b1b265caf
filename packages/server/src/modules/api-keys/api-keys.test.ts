import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
beforeAll(async () => {
  app = await createTestApp({ GUEST_ACCOUNTS: 'true' })
  ann = await app.person('ann')
})
afterAll(() => app.drop())

const keys = '/users/me/api-keys'
const outcome = ({ status, json }: Answer) => [status, json?.code]
const wanted = (more: object = {}) => ({ name: 'Nightly export', scopes: ['messages:read'], ...more })

async function made(person: Visitor, more: object = {}) {
  const answer = await person.post(keys, wanted(more))
  expect([answer.status, answer.json?.detail]).toEqual([201, undefined])
  return answer.json
}

const auditOf = async (id: string) =>
  (
    await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'user_id'])
      .where('resource_id', '=', id)
      .orderBy('id')
      .execute()
  ).map(({ type, user_id }) => [type, user_id])

describe('K01 AZ7: API keys', () => {
  it('AZ7: is shown once, and stored as prefix and hash', async () => {
    const answer = await ann.post(keys, wanted({ scopes: ['messages:send', 'messages:read', 'messages:read'] }))
    expect(answer.status).toBe(201)
    const { key, ...shown } = answer.json
    expect(answer.headers).toMatchObject({ location: `/api/v1${keys}/${shown.id}`, etag: '"v1"' })
    expect(answer.headers['cache-control']).toMatch('no-store')
    expect(key).toMatch(/^sk_[A-Za-z0-9_-]{54}$/)
    expect(shown).toEqual({
      id: shown.id,
      name: 'Nightly export',
      prefix: key.slice(0, 11),
      scopes: ['messages:read', 'messages:send'],
      allowed_ips: [],
      rate_limit: null,
      expires_at: null,
      last_used_at: null,
      last_used_ip: null,
      created_at: shown.created_at,
      updated_at: shown.created_at,
      version: 1,
    })
    expect((await ann.get(`${keys}/${shown.id}`)).json).toEqual(shown)
    expect((await ann.get(keys)).json.data).toEqual([shown])

    const tables = ['api_keys', 'audit_events', 'mails', 'one_time_tokens'] as const
    for (const table of tables) {
      const rows = await app.database.db.selectFrom(table).selectAll().execute()
      expect(JSON.stringify(rows)).not.toContain(key.slice(12))
    }
    const mails = await app.database.db
      .selectFrom('mails')
      .select(['template', 'to_address'])
      .where('user_id', '=', ann.userId)
      .where('template', '=', 'api_key_created')
      .execute()
    expect(mails).toEqual([{ template: 'api_key_created', to_address: 'ann@example.com' }])
    expect(await auditOf(shown.id)).toEqual([['api_key_created', ann.userId]])
  })

  it('is changed, given a new text and deleted, and each change is in the audit log', async () => {
    const { id, key } = await made(ann)
    const changed = await ann.patch(
      `${keys}/${id}`,
      { name: ' Export ', scopes: ['people:read'], rate_limit: 30, expires_at: '2099-01-01T00:00:00+01:00' },
      { 'if-match': '"v1"' },
    )
    expect(changed.json).toMatchObject({
      name: 'Export',
      scopes: ['people:read'],
      rate_limit: 30,
      expires_at: '2098-12-31T23:00:00.000Z',
      version: 2,
    })
    expect((await ann.patch(`${keys}/${id}`, { rate_limit: null, expires_at: null })).json).toMatchObject({
      rate_limit: null,
      expires_at: null,
      name: 'Export',
    })
    const stale = { 'if-match': '"v1"' }
    expect(outcome(await ann.patch(`${keys}/${id}`, { name: 'x' }, stale))).toEqual([412, 'precondition_failed'])
    expect(outcome(await ann.post(`${keys}/${id}/rotate`, undefined, stale))).toEqual([412, 'precondition_failed'])
    expect(outcome(await ann.delete(`${keys}/${id}`, stale))).toEqual([412, 'precondition_failed'])

    const rotated = await ann.post(`${keys}/${id}/rotate`)
    expect(rotated.json).toMatchObject({ id, name: 'Export', version: 4 })
    expect(rotated.json.key).toMatch(/^sk_/)
    expect(rotated.json.key).not.toBe(key)
    expect((await ann.delete(`${keys}/${id}`)).status).toBe(204)
    for (const gone of [await ann.get(`${keys}/${id}`), await ann.delete(`${keys}/${id}`)]) {
      expect(outcome(gone)).toEqual([404, 'not_found'])
    }
    const types = (await auditOf(id)).map(([type]) => type)
    expect(types).toEqual([
      'api_key_created',
      'api_key_updated',
      'api_key_updated',
      'api_key_rotated',
      'api_key_revoked',
    ])
  })

  it.each([
    ['an unknown permission', { scopes: ['users:fly'] }, 'validation_failed', '/scopes'],
    ['a name every object has', { scopes: ['constructor'] }, 'validation_failed', '/scopes'],
    ['no scopes', { scopes: [] }, 'validation_failed', '/scopes'],
    ['an empty name', { name: ' ' }, 'validation_failed', '/name'],
    ['a time that is over', { expires_at: '2020-01-01T00:00:00Z' }, 'validation_failed', '/expires_at'],
    ['a time that is none', { expires_at: 'tomorrow' }, 'validation_failed', '/expires_at'],
    ['an address that is none', { allowed_ips: ['10.0.0.1', 'home'] }, 'validation_failed', '/allowed_ips/1'],
    ['a network that is none', { allowed_ips: ['10.0.0.0/33'] }, 'validation_failed', '/allowed_ips/0'],
    ['no requests at all', { rate_limit: 0 }, 'validation_failed', '/rate_limit'],
    ['half a request', { rate_limit: 1.5 }, 'validation_failed', '/rate_limit'],
    ['somebody else’s name on it', { user_id: 'x' }, 'unknown_field', '/user_id'],
    ['a hash of one’s own', { key_hash: 'x' }, 'unknown_field', '/key_hash'],
  ])('refuses %s', async (_what, more, code, pointer) => {
    const before = (await ann.get(keys)).json.data.length
    const answer = await ann.post(keys, wanted(more))
    expect(outcome(answer)).toEqual([422, code])
    expect(answer.json.errors[0].pointer).toBe(pointer)
    const { id } = (await ann.get(keys)).json.data[0]
    expect(outcome(await ann.patch(`${keys}/${id}`, more))).toEqual([422, code])
    expect((await ann.get(keys)).json.data).toHaveLength(before)
  })

  it('#1: without a session nobody’s key is made, whoever the body names', async () => {
    const anonymous = await app.visitor().post(keys, wanted({ user_id: ann.userId, userId: ann.userId }))
    expect(outcome(anonymous)).toEqual([401, 'authentication_required'])
  })

  it.each([[['users:read']], [['users:*']], [['*']], [['messages:read', 'roles:update']]])(
    'AZ7: nobody gets a key above their own rights: %j',
    async (scopes) => {
      const answer = await ann.post(keys, wanted({ scopes }))
      expect(outcome(answer)).toEqual([403, 'forbidden'])
      expect(answer.json.missing.length).toBeGreaterThan(0)
      expect(answer.json.missing).not.toContain('messages:read')
      const { id } = (await ann.get(keys)).json.data[0]
      expect(outcome(await ann.patch(`${keys}/${id}`, { scopes }))).toEqual([403, 'forbidden'])
    },
  )

  it('a wildcard is had by who has all it stands for', async () => {
    const { scopes } = await made(ann, { scopes: ['account:*'] })
    expect(scopes).toEqual(['account:*'])
    const admin = await app.holderOf(['admin'])
    expect((await made(admin, { scopes: ['*'] })).scopes).toEqual(['*'])
  })

  it('M29: keys of others are as if they did not exist', async () => {
    const { id } = await made(ann)
    const thief = await app.person()
    const random = '01890000-0000-7000-8000-000000000000'
    const comparable = ({ json: { request_id: _r, instance: _i, ...problem } }: Answer) => problem
    const attempts = async (of: string) =>
      (
        await Promise.all([
          thief.get(`${keys}/${of}`),
          thief.patch(`${keys}/${of}`, { name: 'mine' }),
          thief.post(`${keys}/${of}/rotate`),
          thief.delete(`${keys}/${of}`),
        ])
      ).map(comparable)
    expect(await attempts(id)).toEqual(await attempts(random))
    expect((await attempts(id)).map(({ code }) => code)).toEqual(Array(4).fill('not_found'))
    expect((await thief.get(keys)).json.data).toEqual([])
    expect((await ann.get(`${keys}/${id}`)).json.version).toBe(1)
  })

  it('guests have none', async () => {
    const guest = app.visitor()
    expect((await guest.post('/auth/guest', {})).json.user.kind).toBe('guest')
    expect(outcome(await guest.post(keys, wanted({ scopes: ['account:read'] })))).toEqual([403, 'forbidden'])
    expect((await guest.get(keys)).json.data).toEqual([])
  })

  it('every change needs a recent proof, reading does not', async () => {
    const bert = await app.person()
    const { id } = await made(bert)
    app.advance(601)
    for (const answer of [
      await bert.post(keys, wanted()),
      await bert.patch(`${keys}/${id}`, { name: 'x' }),
      await bert.post(`${keys}/${id}/rotate`),
      await bert.delete(`${keys}/${id}`),
    ]) {
      expect(outcome(answer)).toEqual([403, 'reauthentication_required'])
    }
    expect((await bert.get(keys)).json.data).toHaveLength(1)
    app.advance(-601)
  })

  it('nobody has more than 50, however many they ask for at once', async () => {
    const carl = await app.person()
    for (let count = 0; count < 44; count++) await made(carl)
    const answers = await Promise.all(Array.from({ length: 12 }, () => carl.post(keys, wanted())))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(6)
    expect(answers.filter(({ json }) => json.code === 'state_conflict')).toHaveLength(6)
    expect((await carl.get(keys)).json.data).toHaveLength(50)
  })

  it('20 rotations at once: the last one counts, the others are worth nothing', async () => {
    const dora = await app.person()
    const { id } = await made(dora, { scopes: ['account:read'] })
    const answers = await Promise.all(Array.from({ length: 20 }, () => dora.post(`${keys}/${id}/rotate`)))
    const versions = answers.map(({ json }) => json.version).sort((a, b) => a - b)
    expect(versions).toEqual(Array.from({ length: 20 }, (_, index) => index + 2))
    const works = await Promise.all(
      answers.map(async ({ json }) => (await app.visitor().get('/users/me', { 'x-api-key': json.key })).status),
    )
    expect(works.filter((status) => status === 200)).toHaveLength(1)
    expect(works.filter((status) => status === 401)).toHaveLength(19)
  })
})
