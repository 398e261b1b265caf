import { afterEach, beforeEach, expect, it } from 'vitest'
import { addTotp } from '../../../test/second-factors.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let dora: Visitor
let ann: Visitor
beforeEach(async () => {
  app = await createTestApp()
  dora = await app.holderOf(['admin', 'user'], 'dora')
  ann = await app.person('ann')
})
afterEach(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const act = (name: string, who: Visitor = dora, whom: Visitor = ann) => who.post(`/admin/users/${whom.userId}/${name}`)
const login = (identifier: string, browser = app.visitor()) => browser.post('/auth/login', { identifier, password })
const names = (answer: Answer) => answer.json.data.map(({ username }: { username: string }) => username)

it('finds accounts by name, address, role, state and time', async () => {
  await app.person('bert')
  await act('suspend')
  expect(names(await dora.get('/admin/users'))).toEqual(['bert', 'ann', 'dora'])
  expect(names(await dora.get('/admin/users?search=AN'))).toEqual(['ann'])
  expect(names(await dora.get('/admin/users?search=bert@exam'))).toEqual(['bert'])
  expect(names(await dora.get('/admin/users?role=admin'))).toEqual(['dora'])
  expect(names(await dora.get('/admin/users?status=suspended'))).toEqual(['ann'])
  expect(names(await dora.get('/admin/users?created_after=2100-01-01T00:00:00Z'))).toEqual([])
  const first = await dora.get('/admin/users?limit=2')
  expect(names(await dora.get(`/admin/users?limit=2&cursor=${first.json.page.next_cursor}`))).toEqual(['dora'])
  const [row] = first.json.data
  for (const secret of ['password_hash', 'email_key', 'username_key']) expect(row).not.toHaveProperty(secret)
})

it('M36: is for who may, and never reaches above the caller', async () => {
  const mona = await app.holderOf(['moderator', 'user'], 'mona')
  expect(outcome(await ann.get('/admin/users'))).toEqual([403, 'admin_required'])
  expect((await mona.get('/admin/users')).status).toBe(200)
  expect((await act('suspend', mona)).status).toBe(204)
  expect(outcome(await act('suspend', mona, dora))).toEqual([403, 'forbidden'])
  expect(outcome(await act('reset-mfa', mona))).toEqual([403, 'admin_required'])
  const promoted = await mona.patch(`/admin/users/${mona.userId}`, { roles: ['admin'] })
  expect(outcome(promoted)).toEqual([403, 'admin_required'])
})

it('AZ6 M36: the last administrator stays, and nobody locks themselves out', async () => {
  expect(outcome(await dora.patch(`/admin/users/${dora.userId}`, { roles: ['user'] }))).toEqual([409, 'last_admin'])
  expect(outcome(await act('suspend', dora, dora))).toEqual([409, 'state_conflict'])
  expect(outcome(await dora.delete(`/admin/users/${dora.userId}`))).toEqual([409, 'state_conflict'])
})

it('AZ6: no administrator chooses a password or reads a secret', async () => {
  const made = { username: 'new', email: 'new@example.com', password }
  expect(outcome(await dora.post('/admin/users', made))).toEqual([422, 'unknown_field'])
  expect(outcome(await dora.patch(`/admin/users/${ann.userId}`, { password }))).toEqual([422, 'unknown_field'])
  expect(outcome(await dora.patch(`/admin/users/${ann.userId}`, { email_verified: true }))).toEqual([
    422,
    'unknown_field',
  ])
})

it('SE3 AZ5: suspending ends sessions at once, and is told by mail', async () => {
  expect((await act('suspend')).status).toBe(204)
  expect((await ann.get('/users/me')).status).toBe(401)
  expect(outcome(await login('ann'))).toEqual([403, 'account_suspended'])
  expect((await act('activate')).status).toBe(204)
  expect((await login('ann')).status).toBe(200)
  const templates = (await app.mails('ann@example.com')).map(({ template }) => template)
  expect(templates).toEqual(expect.arrayContaining(['account_suspended', 'account_activated']))
})

it('unlocks, confirms an address, resets factors, revokes sessions', async () => {
  for (let i = 0; i < 6; i++) await app.visitor().post('/auth/login', { identifier: 'ann', password: 'a wrong guess' })
  expect((await dora.get(`/admin/users/${ann.userId}`)).json.locked_until).not.toBeNull()
  const { etag } = (await dora.get(`/admin/users/${ann.userId}`)).headers
  expect((await act('unlock')).status).toBe(204)
  // A browser that asks whether what it has is still right must not be told that it is.
  const unlocked = await dora.get(`/admin/users/${ann.userId}`, { 'if-none-match': String(etag) })
  expect([unlocked.status, unlocked.json.locked_until]).toEqual([200, null])

  expect((await act('verify-email')).status).toBe(204)
  expect((await ann.get('/users/me')).json.email_verified).toBe(true)

  await addTotp(app, ann)
  expect((await login('ann')).json.status).toBe('mfa_required')
  expect((await act('reset-mfa')).status).toBe(204)
  const again = app.visitor()
  expect((await login('ann', again)).json.status).toBe('complete')
  expect((await again.get('/users/me')).json.mfa_enabled).toBe(false)

  expect((await act('revoke-sessions')).status).toBe(204)
  expect((await again.get('/users/me')).status).toBe(401)
})

it('changes roles with everything or nothing, by the version it was read at', async () => {
  const read = await dora.get(`/admin/users/${ann.userId}`)
  const stale = { 'if-match': '"v0"' }
  const refused = await dora.send('PATCH', `/admin/users/${ann.userId}`, { roles: ['moderator'] }, stale)
  expect(refused.status).toBe(412)
  const unknown = await dora.patch(`/admin/users/${ann.userId}`, { display_name: 'Ann', roles: ['no-such-role'] })
  expect(unknown.status).toBe(422)
  expect((await dora.get(`/admin/users/${ann.userId}`)).json.display_name).toBe(read.json.display_name)
  const changed = await dora.patch(`/admin/users/${ann.userId}`, { display_name: 'Ann', roles: ['moderator', 'user'] })
  expect(changed.json).toMatchObject({ display_name: 'Ann', roles: ['moderator', 'user'] })
  expect((await ann.get('/users/me')).status).toBe(401)
})

it('needs a proof of the last ten minutes for every change', async () => {
  app.advance(601)
  for (const name of ['unlock', 'verify-email', 'reset-mfa', 'force-password-reset', 'revoke-sessions', 'suspend']) {
    expect([name, ...outcome(await act(name))]).toEqual([name, 403, 'reauthentication_required'])
  }
})

const tokenOf = async (to: string): Promise<string> => {
  const mail = (await app.mails(to)).filter(({ template }) => template === 'reset_password').at(-1)
  return mail?.links[0]?.split('#token=')[1] ?? ''
}

it('creates an account whose owner chooses the password', async () => {
  const made = await dora.post('/admin/users', {
    username: 'new',
    email: 'new@example.com',
    roles: ['moderator', 'user'],
  })
  expect(made.status).toBe(201)
  expect(made.json).toMatchObject({ username: 'new', has_password: false, roles: ['moderator', 'user'] })
  expect((await login('new')).status).toBe(401)
  const proof = { token: await tokenOf('new@example.com'), password }
  expect((await app.visitor().post('/auth/password-reset/complete', proof)).status).toBe(200)
  expect((await login('new')).status).toBe(200)
  expect((await dora.get(`/admin/users/${made.json.id}`)).json.email_verified).toBe(true)
  const again = await dora.post('/admin/users', { username: 'NEW', email: 'other@example.com' })
  expect(outcome(again)).toEqual([409, 'username_taken'])
})

it('makes a password useless and mails a link for a new one', async () => {
  expect((await act('force-password-reset')).status).toBe(204)
  expect((await ann.get('/users/me')).status).toBe(401)
  expect((await login('ann')).status).toBe(401)
  const proof = { token: await tokenOf('ann@example.com'), password: 'another quiet harbour' }
  expect((await app.visitor().post('/auth/password-reset/complete', proof)).status).toBe(200)
})
