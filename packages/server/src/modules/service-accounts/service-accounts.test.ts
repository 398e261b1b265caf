import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let admin: Visitor
beforeAll(async () => {
  app = await createTestApp()
  admin = await app.holderOf(['admin', 'user'], 'boss')
})
afterAll(() => app.drop())

const base = '/admin/service-accounts'
const outcome = ({ status, json }: Answer) => [status, json?.code]

async function made(name: string, more: object = {}) {
  const answer = await admin.post(base, { name, ...more })
  expect([answer.status, answer.json?.detail]).toEqual([201, undefined])
  return answer.json
}

async function keyOf(id: string, scopes: string[], by: Visitor = admin) {
  const answer = await by.post(`${base}/${id}/keys`, { name: 'a program', scopes })
  expect([answer.status, answer.json?.detail]).toEqual([201, undefined])
  return answer.json
}

const me = async (key: string) => outcome(await app.visitor().get('/users/me', { 'x-api-key': key }))

/** Somebody who may make service accounts and little else. */
async function clerk(name: string, ...more: string[]): Promise<Visitor> {
  const permissions = ['service_accounts:read', 'service_accounts:update', 'roles:read', ...more]
  await admin.post('/admin/roles', { name, permissions })
  return app.holderOf([name, 'user'])
}

describe('service accounts', () => {
  it('are made, listed and deleted, and each change is in the audit log', async () => {
    const robot = await made('Nightly-Robot', { description: 'Copies things', roles: ['user', 'user'] })
    expect(robot).toEqual({
      id: robot.id,
      name: 'Nightly-Robot',
      description: 'Copies things',
      roles: ['user'],
      permissions: robot.permissions,
      status: 'active',
      created_at: robot.created_at,
      updated_at: robot.created_at,
      version: 1,
    })
    expect(robot.permissions).toContain('messages:send')
    expect((await admin.get(base)).json.data).toContainEqual(robot)
    const read = await admin.get(`${base}/${robot.id}`)
    expect([read.json, read.headers.etag]).toEqual([robot, '"v1"'])
    expect(outcome(await admin.post(base, { name: 'nightly-robot' }))).toEqual([409, 'username_taken'])
    expect(outcome(await admin.post(base, { name: 'BOSS' }))).toEqual([409, 'username_taken'])

    const { id: keyId, key } = await keyOf(robot.id, ['account:read'])
    expect(await me(key)).toEqual([200, undefined])
    expect((await admin.delete(`${base}/${robot.id}`)).status).toBe(204)
    expect(await me(key)).toEqual([401, 'token_invalid'])
    for (const gone of [
      await admin.get(`${base}/${robot.id}`),
      await admin.delete(`${base}/${robot.id}`),
      await admin.get(`${base}/${robot.id}/keys`),
      await admin.post(`${base}/${robot.id}/keys`, { name: 'x', scopes: ['account:read'] }),
    ]) {
      expect(outcome(gone)).toEqual([404, 'not_found'])
    }
    expect((await admin.get(base)).json.data).not.toContainEqual(expect.objectContaining({ id: robot.id }))
    // The name is free, and what has it now is another account.
    expect((await made('Nightly-Robot')).id).not.toBe(robot.id)

    const rows = await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'actor_id'])
      .where('resource_id', 'in', [robot.id, keyId])
      .orderBy('id')
      .execute()
    expect(rows.map(({ type }) => type)).toEqual([
      'user_created',
      'role_assigned',
      'api_key_created',
      'api_key_revoked',
      'user_deleted',
    ])
    expect(new Set(rows.map(({ actor_id }) => actor_id))).toEqual(new Set([admin.userId]))
  })

  it.each([
    ['a name that is none', { name: 'a b' }, 'validation_failed', '/name'],
    ['no name', {}, 'validation_failed', '/name'],
    ['a role that is none', { name: 'robot9', roles: ['nobody'] }, 'validation_failed', '/roles'],
    ['no role', { name: 'robot9', roles: [] }, 'validation_failed', '/roles'],
    ['a password', { name: 'robot9', password }, 'unknown_field', '/password'],
    ['an address', { name: 'robot9', email: 'a@example.com' }, 'unknown_field', '/email'],
  ])('refuses %s', async (_what, body, code, pointer) => {
    const answer = await admin.post(base, body)
    expect(outcome(answer)).toEqual([422, code])
    expect(answer.json.errors[0].pointer).toBe(pointer)
  })

  it('a person is none, under any id', async () => {
    for (const id of [admin.userId, '01890000-0000-7000-8000-000000000000']) {
      expect(outcome(await admin.get(`${base}/${id}`))).toEqual([404, 'not_found'])
      expect(outcome(await admin.delete(`${base}/${id}`))).toEqual([404, 'not_found'])
      const key = await admin.post(`${base}/${id}/keys`, { name: 'x', scopes: ['account:read'] })
      expect(outcome(key)).toEqual([404, 'not_found'])
    }
  })

  it('have no address, no password and no way in', async () => {
    const robot = await made('doorless')
    const { key } = await keyOf(robot.id, ['account:read', 'account:update'])
    const account = (await app.visitor().get('/users/me', { 'x-api-key': key })).json
    expect(account).toMatchObject({ username: 'doorless', email: null, has_password: false, kind: 'service' })
    const { email } = await app.database.db
      .selectFrom('users')
      .select('email')
      .where('id', '=', robot.id)
      .executeTakeFirstOrThrow()
    expect(email).toMatch(/@service\.invalid$/)
    for (const identifier of ['doorless', email]) {
      for (const secret of ['', password, key]) {
        const answer = await app.visitor().post('/auth/login', { identifier, password: secret || 'x' })
        expect(outcome(answer)).toEqual([401, 'invalid_credentials'])
      }
    }
    for (const path of ['/auth/password-reset', '/auth/email-otp', '/auth/resend-verification']) {
      expect((await app.visitor().post(path, { email })).status).toBe(202)
    }
    expect(outcome(await admin.post(`/admin/users/${robot.id}/impersonate`, { reason: 'a look around' }))[0]).not.toBe(
      200,
    )
    const mails = await app.database.db.selectFrom('mails').select('to_address').execute()
    expect(mails.filter(({ to_address }) => to_address.endsWith('.invalid'))).toEqual([])
    const sessions = await app.database.db.selectFrom('sessions').select('id').where('user_id', '=', robot.id).execute()
    expect(sessions).toEqual([])
  })

  it('are nobody one meets', async () => {
    const { id } = await made('hidden-robot', { description: 'hidden' })
    const ann = await app.person('hidden-person')
    const bob = await app.person()
    const found = (await bob.get('/users?search=hidden')).json.data
    expect(found.map((user: { id: string }) => user.id)).toEqual([ann.userId])
    expect((await bob.get(`/users/${id}`)).status).toBe(404)
    expect((await bob.get('/users/@hidden-robot')).status).toBe(404)
    expect((await bob.post('/conversations', { kind: 'direct', username: 'hidden-robot' })).status).toBe(404)
  })

  it('write to people, who see who wrote', async () => {
    const { id } = await made('herald')
    const { key } = await keyOf(id, ['conversations:*', 'messages:*'])
    const ann = await app.person()
    const robot = Object.assign(app.visitor(), { headers: { 'x-api-key': key } })
    const room = await robot.post('/conversations', { kind: 'direct', username: ann.username })
    expect(room.status).toBe(201)
    const url = `/conversations/${room.json.id}/messages`
    expect((await robot.post(url, { client_id: 'a', text: 'Your copy is ready' })).status).toBe(201)
    expect((await ann.get(url)).json.data[0]).toMatchObject({
      text: 'Your copy is ready',
      sender: { username: 'herald' },
    })
  })
})

describe('keys of service accounts', () => {
  it('are listed, given a new text and deleted', async () => {
    const { id } = await made('keyed')
    const { key, ...shown } = await keyOf(id, ['account:read'])
    expect((await admin.get(`${base}/${id}/keys`)).json.data).toEqual([shown])
    const rotated = await admin.post(`${base}/${id}/keys/${shown.id}/rotate`)
    expect([rotated.status, rotated.json.version]).toEqual([200, 2])
    expect([await me(key), await me(rotated.json.key)]).toEqual([
      [401, 'token_invalid'],
      [200, undefined],
    ])
    const other = await made('other-keyed')
    expect(outcome(await admin.delete(`${base}/${other.id}/keys/${shown.id}`))).toEqual([404, 'not_found'])
    expect((await admin.delete(`${base}/${id}/keys/${shown.id}`)).status).toBe(204)
    expect(await me(rotated.json.key)).toEqual([401, 'token_invalid'])
  })

  it('AZ7: may no more than the account, and the account no more than its roles say today', async () => {
    const { id } = await made('limited', { roles: ['guest'] })
    const above = await admin.post(`${base}/${id}/keys`, { name: 'x', scopes: ['messages:send'] })
    expect([...outcome(above), above.json.missing]).toEqual([403, 'forbidden', ['messages:send']])
    const { key } = await keyOf(id, ['people:read', 'account:read'])
    expect(await me(key)).toEqual([200, undefined])
    await admin.post('/admin/roles', { name: 'nothing_at_all' })
    await app.services.administration.setRoles(id, ['nothing_at_all'])
    expect(await me(key)).toEqual([403, 'forbidden'])
    await app.services.administration.setStatus(id, 'suspended')
    expect(await me(key)).toEqual([401, 'token_invalid'])
  })

  it('AZ7: are made by people, not by keys', async () => {
    const { id } = await made('parent')
    const own = await admin.post('/users/me/api-keys', { name: 'all', scopes: ['*'] })
    const program = Object.assign(app.visitor(), { headers: { 'x-api-key': own.json.key } })
    const child = await keyOf(id, ['account:read'])
    expect((await program.get(`${base}/${id}/keys`)).status).toBe(200)
    expect(outcome(await program.post(`${base}/${id}/keys`, { name: 'x', scopes: ['account:read'] }))).toEqual([
      403,
      'forbidden',
    ])
    expect(outcome(await program.post(`${base}/${id}/keys/${child.id}/rotate`))).toEqual([403, 'forbidden'])
    expect(await me(child.key)).toEqual([200, undefined])
  })
})

describe('AZ6: nobody makes a program that may more than they may', () => {
  it('AZ6: neither by its roles nor by its keys', async () => {
    const writer = await clerk('clerk1')
    for (const roles of [['admin'], ['moderator'], ['user', 'admin']]) {
      expect(outcome(await writer.post(base, { name: 'mighty', roles }))).toEqual([403, 'forbidden'])
    }
    expect((await writer.post(base, { name: 'small', roles: ['user'] })).status).toBe(201)

    const mighty = await made('mighty', { roles: ['admin'] })
    for (const scopes of [['*'], ['users:update'], ['roles:*']]) {
      const answer = await writer.post(`${base}/${mighty.id}/keys`, { name: 'x', scopes })
      expect(outcome(answer)).toEqual([403, 'forbidden'])
    }
    expect((await writer.post(`${base}/${mighty.id}/keys`, { name: 'x', scopes: ['messages:read'] })).status).toBe(201)
  })

  it('AZ6: a new text of a mighty key is not theirs to see, ending it is theirs', async () => {
    const writer = await clerk('clerk2')
    const { id } = await made('mighty2', { roles: ['admin'] })
    const { id: keyId, key } = await keyOf(id, ['*', 'account:read'])
    expect(outcome(await writer.post(`${base}/${id}/keys/${keyId}/rotate`))).toEqual([403, 'forbidden'])
    expect(await me(key)).toEqual([200, undefined])
    expect(outcome(await writer.delete(`${base}/${id}`))).toEqual([403, 'forbidden'])
    expect((await writer.delete(`${base}/${id}/keys/${keyId}`)).status).toBe(204)
    expect(await me(key)).toEqual([401, 'token_invalid'])
  })

  it('M36: an administrator that is a program does not count as one', async () => {
    await made('robot-admin', { roles: ['admin'] })
    await expect(app.services.administration.setRoles('boss', ['user'])).rejects.toMatchObject({ code: 'last_admin' })
  })

  it('every change needs a recent proof', async () => {
    const { id } = await made('timed')
    const { id: keyId } = await keyOf(id, ['account:read'])
    app.advance(601)
    for (const answer of [
      await admin.post(base, { name: 'late' }),
      await admin.delete(`${base}/${id}`),
      await admin.post(`${base}/${id}/keys`, { name: 'x', scopes: ['account:read'] }),
      await admin.post(`${base}/${id}/keys/${keyId}/rotate`),
      await admin.delete(`${base}/${id}/keys/${keyId}`),
    ]) {
      expect(outcome(answer)).toEqual([403, 'reauthentication_required'])
    }
    expect((await admin.get(`${base}/${id}/keys`)).status).toBe(200)
    app.advance(-601)
  })
})
