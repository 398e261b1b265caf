import { afterEach, describe, expect, it } from 'vitest'
import { expectEnded, openAccess } from '../../../test/ended-access.ts'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { addTotp } from '../../../test/second-factors.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const day = 86_400
const remove = (who: Visitor, body: object = { password, confirm: 'DELETE' }) => who.send('DELETE', '/users/me', body)
const signIn = (identifier: string) => app.visitor().post('/auth/login', { identifier, password })
const rowOf = (who: Visitor) =>
  app.database.db.selectFrom('users').selectAll().where('id', '=', who.userId).executeTakeFirstOrThrow()

describe('asking for it', () => {
  it('A19 SE3 takes password and word, ends other sessions, sockets and keys, and leaves the account restorable', async () => {
    app = await createTestApp({ PORT: '0' })
    await app.listen()
    const ann = await app.person('ann')
    const other = app.visitor()
    await other.post('/auth/login', { identifier: 'ann', password })
    const elsewhere = await openAccess(app, other)
    const { key } = (await ann.post('/users/me/api-keys', { name: 'script', scopes: ['account:read'] })).json
    const byKey = () => app.visitor().get('/users/me', { 'x-api-key': key })
    expect((await byKey()).status).toBe(200)
    for (const [body, status] of [
      [{ password }, 422],
      [{ password, confirm: 'delete' }, 422],
      [{ confirm: 'DELETE' }, 422],
      [{ password: 'a wrong guess', confirm: 'DELETE' }, 401],
    ] as const) {
      expect((await remove(ann, body)).status).toBe(status)
    }
    const answer = await remove(ann)
    expect(answer.status).toBe(202)
    expect(Date.parse(answer.json.erase_at) - app.now().getTime()).toBeGreaterThan(13.9 * day * 1000)
    await expectEnded(app, elsewhere, 'revoked')
    expect((await byKey()).status).toBe(401)
    expect((await mailed(app, 'ann@example.com', 'deletion_requested')).links.join()).toContain('/sign-in')
    // The session that asked sees the account, and nothing else is open.
    expect((await ann.get('/users/me')).json.status).toBe('deletion_pending')
    expect((await ann.get('/conversations')).json.code).toBe('account_inactive')
    expect((await remove(ann)).json.code).toBe('account_inactive')
    expect((await app.visitor().get('/users/@ann')).status).toBe(404)
  })

  it('A19 is taken back by signing in and restoring', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    expect((await ann.post('/users/me/restore')).json.code).toBe('state_conflict')
    await remove(ann)
    app.advance(13 * day)
    const back = app.visitor()
    expect((await back.post('/auth/login', { identifier: 'ann', password })).status).toBe(200)
    const tries = await Promise.all(Array.from({ length: 20 }, () => back.post('/users/me/restore')))
    expect(tally(tries)).toEqual({ 200: 1, 409: 19 })
    expect((await back.get('/conversations')).status).toBe(200)
    app.advance(2 * day)
    expect(await app.services.erasure.eraseDue()).toBe(0)
    expect((await signIn('ann')).json.user.status).toBe('active')
    expect(
      (await mailsTo(app, 'ann@example.com')).filter((template) => template === 'deletion_cancelled'),
    ).toHaveLength(1)
    const log = await app.database.db
      .selectFrom('audit_events')
      .select('type')
      .where('user_id', '=', ann.userId)
      .where('type', 'like', 'deletion_%')
      .orderBy('id')
      .execute()
    expect(log.map((event) => event.type)).toEqual(['deletion_requested', 'deletion_cancelled'])
  })

  it('M36 the last administrator stays, and of two who leave at once one', async () => {
    app = await createTestApp()
    const [ann, bob] = [await app.person('ann'), await app.person('bob')]
    for (const name of ['ann', 'bob']) await app.services.administration.setRoles(name, ['admin', 'user'])
    for (const who of [ann, bob]) await who.post('/auth/login', { identifier: who.username, password })
    const tries = await Promise.all([remove(ann), remove(bob)])
    expect(tally(tries)).toEqual({ 202: 1, 409: 1 })
    expect(tries.find(({ status }) => status === 409)?.json.code).toBe('last_admin')
    const left = tries[0]?.status === 409 ? ann : bob
    await expect(app.services.erasure.erase(left.userId)).rejects.toMatchObject({ code: 'last_admin' })
  })

  it('needs a recent proof; who has no password needs only that', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    app.advance(601)
    expect((await remove(ann)).json.code).toBe('reauthentication_required')
    await ann.post('/auth/reauthenticate', { password })
    await app.database.unitOfWork(async ({ tx }) => {
      await tx.updateTable('users').set({ password_hash: null }).where('id', '=', ann.userId).execute()
    })
    expect((await remove(ann, { confirm: 'DELETE' })).status).toBe(202)
  })
})

describe('the end', () => {
  it('DP2 erases everything of the person; what they wrote stays, under a name that is nobody’s', async () => {
    app = await createTestApp()
    const [ann, bob] = [await app.person('annabella'), await app.person('bob')]
    const traces = {
      display_name: 'Trace-Display',
      first_name: 'Trace-First',
      last_name: 'Trace-Last',
      bio: 'Trace-Bio',
      country: 'IS',
      date_of_birth: '1971-02-03',
      time_zone: 'Atlantic/Reykjavik',
    }
    await ann.patch('/users/me', traces)
    await ann.post('/users/me/api-keys', { name: 'script', scopes: ['account:read'] })
    await addTotp(app, ann)
    await ann.post('/users/me/email', { new_email: 'trace-new@example.com', password })
    await ann.put('/users/me/username', { username: 'annabella2', password })
    for (let i = 0; i < 3; i++) await app.visitor().post('/auth/login', { identifier: 'annabella2', password: 'wrong' })
    const agent = { 'user-agent': 'Trace-Agent' }
    await app.visitor().post('/auth/login', { identifier: 'annabella2', password }, agent)
    await app.visitor().post('/auth/password-reset', { email: 'annabella@example.com' })
    const room = await app.conversation(ann, bob)
    await ann.post(`/conversations/${room}/messages`, { client_id: 'a', text: 'what I wrote' })
    const { country, ...words } = traces
    const known = [...Object.values(words), `"${country}"`, 'trace', 'annabella', 'trace-new', '127.0.0.1']
    const leftIn = (text: string) => known.filter((value) => text.toLowerCase().includes(value.toLowerCase()))
    expect(leftIn(Object.values(await everything()).join())).toEqual(known)
    await remove(ann)
    app.advance(14 * day + 1)
    expect(await app.services.erasure.eraseDue()).toBe(1)
    expect(await app.services.erasure.eraseDue()).toBe(0)
    const rows = await everything()
    for (const [table, text] of Object.entries(rows)) {
      expect([table, leftIn(text)]).toEqual([table, []])
    }
    expect(rows.sessions).toBe('[]')
    const tombstone = await rowOf(ann)
    expect(tombstone).toMatchObject({ status: 'deleted', password_hash: null, email_verified: 0 })
    expect(tombstone.username).toMatch(/^deleted-[0-9a-f]{16}$/)
    const shown = await bobAgain(bob).then((it) => it.get(`/conversations/${room}/messages`))
    expect(shown.json.data).toEqual([
      expect.objectContaining({
        text: 'what I wrote',
        sender: expect.objectContaining({ id: ann.userId, username: tombstone.username, display_name: null }),
      }),
    ])
    expect((await signIn('annabella2')).status).toBe(401)
    expect((await app.visitor().get(`/users/${ann.userId}`)).status).toBe(404)
    const again = { username: 'annabella2', email: 'annabella@example.com', password: 'a lantern on the stairs' }
    expect((await app.visitor().post('/auth/register', again)).status).toBe(201)
    expect(
      await app.database.db.selectFrom('audit_events').select('type').where('type', '=', 'user_deleted').execute(),
    ).toHaveLength(1)
  })

  /** The rows of every table that may hold something of a person, as text; other people's are left out. */
  async function everything(): Promise<Record<string, string>> {
    const { db } = app.database
    const text = async (rows: Promise<unknown[]>) => JSON.stringify(await rows)
    const bobs = (await db.selectFrom('users').select('id').where('username', '=', 'bob').executeTakeFirst())?.id ?? ''
    return {
      users: await text(db.selectFrom('users').selectAll().where('id', '!=', bobs).execute()),
      sessions: await text(db.selectFrom('sessions').selectAll().where('user_id', '!=', bobs).execute()),
      devices: await text(db.selectFrom('devices').selectAll().where('user_id', '!=', bobs).execute()),
      mails: await text(db.selectFrom('mails').selectAll().where('user_id', '!=', bobs).execute()),
      tokens: await text(db.selectFrom('one_time_tokens').selectAll().execute()),
      names: await text(db.selectFrom('reserved_names').selectAll().execute()),
      totp: await text(db.selectFrom('totp_credentials').selectAll().execute()),
      identities: await text(db.selectFrom('identities').selectAll().execute()),
      keys: await text(db.selectFrom('api_keys').selectAll().execute()),
      throttles: await text(db.selectFrom('login_throttles').selectAll().execute()),
      roles: await text(db.selectFrom('user_roles').selectAll().where('user_id', '!=', bobs).execute()),
      messages: await text(db.selectFrom('messages').selectAll().execute()),
      events: await text(db.selectFrom('events').selectAll().execute()),
      details: await text(db.selectFrom('audit_events').select('detail').execute()),
    }
  }

  const bobAgain = async (bob: Visitor) => {
    const again = app.visitor()
    await again.post('/auth/login', { identifier: bob.username, password })
    return again
  }

  it('comes for many, also when several servers see to it', async () => {
    app = await createTestApp()
    const people = await Promise.all(Array.from({ length: 25 }, () => app.person()))
    await Promise.all(people.map((person) => remove(person)))
    app.advance(15 * day)
    const erased = await Promise.all(Array.from({ length: 3 }, () => app.services.erasure.eraseDue()))
    expect(erased.reduce((sum, count) => sum + count, 0)).toBe(25)
    const log = await app.database.db
      .selectFrom('audit_events')
      .select('id')
      .where('type', '=', 'user_deleted')
      .execute()
    expect(log).toHaveLength(25)
  })

  it('too late to restore is too late, also before the job has come by', async () => {
    app = await createTestApp({ ACCOUNT_DELETION_GRACE_DAYS: '0' })
    const ann = await app.person('ann')
    await remove(ann)
    app.advance(1)
    expect((await ann.post('/users/me/restore')).json.code).toBe('state_conflict')
    expect(await app.services.erasure.eraseDue()).toBe(1)
    expect((await ann.get('/users/me')).status).toBe(401)
    await expect(app.services.administration.setStatus(ann.userId, 'active')).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

it('M16 a deactivated account is shut at once, and told so only after its password', async () => {
  app = await createTestApp({ PORT: '0' })
  await app.listen()
  const ann = await app.person('ann')
  const access = await openAccess(app, ann)
  await app.services.administration.setStatus('ann', 'deactivated')
  await expectEnded(app, access, 'suspended')
  expect((await signIn('ann')).json.code).toBe('account_inactive')
  expect((await app.visitor().post('/auth/login', { identifier: 'ann', password: 'wrong' })).json.code).toBe(
    'invalid_credentials',
  )
  await app.services.administration.setStatus('ann', 'active')
  expect((await signIn('ann')).status).toBe(200)
})
