import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect } from '../../../test/live-client.ts'
import { type Answer, createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let dora: Visitor
let ann: Visitor
beforeEach(async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  dora = await app.holderOf(['admin', 'user'], 'dora')
  ann = await app.person('ann')
})
afterEach(() => app.drop())

const outcome = ({ status, json }: Answer) => [status, json?.code]
const begin = (who: Visitor = dora, whom: Visitor = ann) =>
  who.post(`/admin/users/${whom.userId}/impersonate`, { reason: 'Ticket 4711: cannot see a message' })

it('acts as somebody else, and goes back to being oneself', async () => {
  const own = dora.copy()
  expect((await begin()).status).toBe(200)
  const seen = (await dora.get('/auth/current_user')).json
  expect([seen.user.username, seen.impersonated_by]).toEqual(['ann', 'dora'])
  expect((await dora.post('/auth/impersonation/end')).status).toBe(200)
  expect((await dora.get('/users/me')).json.username).toBe('dora')
  expect(outcome(await dora.post('/auth/impersonation/end'))).toEqual([409, 'state_conflict'])
  // The pair of before was replaced like by any refresh.
  expect((await own.get('/users/me')).json.username).toBe('dora')
})

it('credentials, keys and second factors stay out of reach', async () => {
  await begin()
  const calls = [
    ['PUT', '/users/me/password', { current_password: password, new_password: 'chosen by somebody else' }],
    ['POST', '/users/me/mfa/totp', undefined],
    ['GET', '/users/me/sessions', undefined],
    ['POST', '/auth/logout-everywhere', {}],
    ['POST', '/auth/reauthenticate', { password }],
    ['GET', '/users/me/passkeys', undefined],
  ] as const
  for (const [method, url, body] of calls) {
    const answer = await dora.send(method, url, body)
    expect([url, ...outcome(answer)]).toEqual([url, 403, 'forbidden'])
  }
  expect(outcome(await begin())).toEqual([403, 'admin_required'])
})

it('nobody acts as an equal, as somebody above, or as somebody who does not exist', async () => {
  const other = await app.holderOf(['admin', 'user'], 'otto')
  expect(outcome(await begin(dora, other))).toEqual([403, 'forbidden'])
  expect(outcome(await begin(dora, dora))).toEqual([403, 'forbidden'])
  expect(outcome(await begin(ann, dora))).toEqual([403, 'admin_required'])
  const nobody = await dora.post(`/admin/users/${dora.sessionId}/impersonate`, { reason: 'nobody' })
  expect(outcome(nobody)).toEqual([404, 'not_found'])
  expect((await dora.post(`/admin/users/${ann.userId}/impersonate`, {})).status).toBe(422)
  app.advance(601)
  expect(outcome(await begin())).toEqual([403, 'reauthentication_required'])
})

it('ends after an hour, and with the session of the administrator', async () => {
  await begin()
  app.advance(3601)
  expect((await dora.get('/users/me')).status).toBe(401)

  const otto = await app.holderOf(['admin', 'user'], 'otto')
  const elsewhere = otto.copy()
  await begin(otto)
  const socket = await connect(app, otto)
  expect(socket.ready.user.username).toBe('ann')
  await app.services.sessions.logoutEverywhere(
    { ...(await app.services.sessions.authenticate(elsewhere.cookies.get('access_token_cookie') ?? '')).actor },
    false,
  )
  expect(await socket.hears('session.ended')).toMatchObject({ reason: 'revoked' })
  expect(outcome(await otto.get('/users/me'))).toEqual([401, 'session_revoked'])
})

it('is written down for both, and told to the person', async () => {
  await begin()
  await dora.patch('/users/me', { bio: 'changed by support' })
  await dora.post('/auth/impersonation/end')
  const rows = await app.database.db
    .selectFrom('audit_events')
    .select(['type', 'user_id', 'actor_id', 'impersonator_id'])
    .where('user_id', '=', ann.userId)
    .orderBy('id')
    .execute()
  expect(rows.filter(({ type }) => type.startsWith('impersonation'))).toEqual([
    { type: 'impersonation_started', user_id: ann.userId, actor_id: dora.userId, impersonator_id: null },
    { type: 'impersonation_ended', user_id: ann.userId, actor_id: ann.userId, impersonator_id: dora.userId },
  ])
  const mails = (await app.mails('ann@example.com')).filter(({ template }) => template === 'impersonated')
  expect(mails.map(({ text }) => text.includes('Ticket 4711'))).toEqual([true])
})
