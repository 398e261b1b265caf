import { afterEach, describe, expect, it } from 'vitest'
import { expectEnded, openAccess } from '../../../test/ended-access.ts'
import { connect } from '../../../test/live-client.ts'
import { mailed, mailsTo, tally } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const rename = (who: Visitor, username: string, word: string | undefined = password) =>
  who.put('/users/me/username', { username, password: word })
const ask = (who: Visitor, new_email: string, word: string | undefined = password) =>
  who.post('/users/me/email', { new_email, password: word })
const confirm = (who: Visitor, body: object) => who.post('/users/me/email/confirm', body)
const takePassword = (who: Visitor) =>
  app.database.unitOfWork(async ({ tx }) => {
    await tx.updateTable('users').set({ password_hash: null }).where('id', '=', who.userId).execute()
  })
const audited = async (who: Visitor, type: string) => {
  const rows = await app.database.db
    .selectFrom('audit_events')
    .select('id')
    .where('user_id', '=', who.userId)
    .where('type', '=', type)
    .execute()
  return rows.length
}

describe('another name', () => {
  it('A19 is taken with the password, told to the owner, and seen by everybody', async () => {
    app = await createTestApp({ PORT: '0' })
    await app.listen()
    const [ann, bob] = [await app.person('ann'), await app.person('bob')]
    const live = await connect(app, ann)
    const room = await app.conversation(ann, bob)
    await ann.post(`/conversations/${room}/messages`, { client_id: 'a', text: 'hello' })
    const answer = await rename(ann, 'Annika')
    expect([answer.status, answer.json.username]).toEqual([200, 'Annika'])
    expect(await live.hears('account.updated')).toMatchObject({ data: { username: 'Annika' } })
    expect((await bob.get('/users/@annika')).json.id).toBe(ann.userId)
    expect((await bob.get('/users/@ann')).status).toBe(404)
    expect((await bob.get(`/conversations/${room}/messages`)).body).toContain('"username":"Annika"')
    expect((await app.visitor().post('/auth/login', { identifier: 'annika', password })).status).toBe(200)
    expect((await app.visitor().post('/auth/login', { identifier: 'ann', password })).status).toBe(401)
    const { text } = await mailed(app, 'ann@example.com', 'username_changed')
    expect(text).toContain('Annika')
    expect(await audited(ann, 'username_changed')).toBe(1)
  })

  it('A19 needs the right password and a recent proof, and follows the rules of names', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await app.person('bob')
    for (const [name, word, code] of [
      ['other', 'a wrong guess', 'current_password_incorrect'],
      ['x', password, 'validation_failed'],
      ['admin', password, 'validation_failed'],
      ['BOB', password, 'username_taken'],
    ]) {
      expect((await rename(ann, name as string, word)).json.code).toBe(code)
    }
    expect((await ann.put('/users/me/username', { username: 'other' })).status).toBe(422)
    expect((await rename(ann, 'ANN')).json.username).toBe('ANN')
    app.advance(601)
    expect((await rename(ann, 'other')).json.code).toBe('reauthentication_required')
  })

  it('keeps the former name from others for a day, not from its owner', async () => {
    app = await createTestApp()
    const [ann, bob] = [await app.person('ann'), await app.person('bob')]
    await rename(ann, 'annika')
    const takers = [
      () => rename(bob, 'ANN'),
      () => app.visitor().post('/auth/register', { username: 'ann', email: 'new@example.com', password }),
    ]
    for (const take of takers) expect((await take()).json.code).toBe('username_taken')
    expect((await rename(ann, 'ann')).status).toBe(200)
    expect((await rename(bob, 'annika')).json.code).toBe('username_taken')
    app.advance(86_401)
    await bob.post('/auth/login', { identifier: 'bob', password })
    expect((await rename(bob, 'annika')).status).toBe(200)
  })

  it('goes to one of 20 who want it at once', async () => {
    app = await createTestApp()
    const people = await Promise.all(Array.from({ length: 20 }, () => app.person()))
    const tries = await Promise.all(people.map((person) => rename(person, 'the-one')))
    expect(tally(tries)).toEqual({ 200: 1, 409: 19 })
  })

  it('asks no password of who has none', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await takePassword(ann)
    expect((await ann.put('/users/me/username', { username: 'annika' })).status).toBe(200)
  })
})

describe('another address', () => {
  it('A12 SE3 counts once it was confirmed; both addresses are told, other sessions and sockets end', async () => {
    app = await createTestApp({ PORT: '0' })
    await app.listen()
    const ann = await app.person('ann')
    const other = app.visitor()
    await other.post('/auth/login', { identifier: 'ann', password })
    const elsewhere = await openAccess(app, other)
    const asked = await ask(ann, 'Ann@New.example')
    expect([asked.status, asked.json]).toEqual([202, { pending_email: 'Ann@New.example', expires_in: 86_400 }])
    expect((await ann.get('/users/me')).json).toMatchObject({
      email: 'ann@example.com',
      pending_email: 'Ann@New.example',
    })
    expect((await mailed(app, 'ann@example.com', 'email_change_requested')).text).toContain('Ann@New.example')
    const { token, links } = await mailed(app, 'Ann@New.example', 'confirm_email')
    expect(links).toContain(`${app.config.publicUrl.origin}/confirm-email#token=${token}`)
    const confirmed = await confirm(ann, { token })
    expect([confirmed.status, confirmed.json]).toMatchObject([
      200,
      { email: 'Ann@New.example', email_verified: true, pending_email: null },
    ])
    await expectEnded(app, elsewhere, 'revoked')
    expect((await ann.get('/users/me')).status).toBe(200)
    expect((await mailed(app, 'ann@example.com', 'email_changed')).text).toContain('Ann@New.example')
    expect((await confirm(ann, { token })).json.code).toBe('link_invalid')
    expect((await app.visitor().post('/auth/login', { identifier: 'ann@new.example', password })).status).toBe(200)
    expect((await app.visitor().post('/auth/login', { identifier: 'ann@example.com', password })).status).toBe(401)
    expect([await audited(ann, 'email_change_requested'), await audited(ann, 'email_changed')]).toEqual([1, 1])
  })

  it('W04 one of 20 at once confirms it, after every kind of look at the link; nobody else can', async () => {
    app = await createTestApp()
    const [ann, bob] = [await app.person('ann'), await app.person('bob')]
    await ask(ann, 'new@example.com')
    const { token, links } = await mailed(app, 'new@example.com', 'confirm_email')
    for (const link of links) {
      for (let i = 0; i < 3; i++) {
        await app.visitor().get(new URL(link).pathname)
        await app.visitor().send('HEAD', new URL(link).pathname)
      }
    }
    expect((await confirm(app.visitor(), { token })).status).toBe(401)
    expect((await confirm(bob, { token })).json.code).toBe('link_invalid')
    const tries = await Promise.all(Array.from({ length: 20 }, () => confirm(ann, { token })))
    expect(tally(tries)).toEqual({ 200: 1, 400: 19 })
  })

  it('A20 takes the code: 5 tries, 10 minutes, the newest one', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await ask(ann, 'new@example.com')
    const wrong = []
    for (let i = 0; i < 6; i++) wrong.push(await confirm(ann, { code: '00000000' }))
    expect(wrong.map(({ status, json }) => [status, json.remaining_attempts])).toEqual([
      ...[4, 3, 2, 1, 0].map((left) => [400, left]),
      [429, 0],
    ])
    const old = (await mailed(app, 'new@example.com', 'confirm_email')).token
    expect((await ann.post('/users/me/email/resend')).status).toBe(202)
    expect((await confirm(ann, { token: old })).status).toBe(400)
    const { code } = await mailed(app, 'new@example.com', 'confirm_email')
    for (const body of [{}, { token: old, code }]) expect((await confirm(ann, body)).status).toBe(422)
    expect((await confirm(ann, { code })).json.email).toBe('new@example.com')
  })

  it('needs the right password, a recent proof, and an address that is another one', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await app.person('bob')
    expect((await ask(ann, 'new@example.com', 'a wrong guess')).json.code).toBe('current_password_incorrect')
    expect((await ask(ann, 'nowhere')).json.errors[0]).toMatchObject({ pointer: '/new_email', code: 'email_invalid' })
    expect((await ask(ann, 'ANN@example.com')).json.errors[0].code).toBe('email_unchanged')
    expect((await ask(ann, 'bob@example.com')).json.code).toBe('email_taken')
    expect((await ann.post('/users/me/email/resend')).json.code).toBe('state_conflict')
    await takePassword(ann)
    expect((await ann.post('/users/me/email', { new_email: 'new@example.com' })).status).toBe(202)
    app.advance(601)
    const { token } = await mailed(app, 'new@example.com', 'confirm_email')
    for (const answer of [
      await ask(ann, 'newer@example.com'),
      await confirm(ann, { token }),
      await ann.post('/users/me/email/resend'),
      await ann.delete('/users/me/email'),
    ]) {
      expect([answer.status, answer.json.code]).toEqual([403, 'reauthentication_required'])
    }
  })

  it('can be called off, and a reset calls it off', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await ask(ann, 'new@example.com')
    const first = (await mailed(app, 'new@example.com', 'confirm_email')).token
    expect((await ann.delete('/users/me/email')).status).toBe(204)
    expect((await ann.delete('/users/me/email')).status).toBe(204)
    expect((await ann.get('/users/me')).json.pending_email).toBe(null)
    expect((await confirm(ann, { token: first })).status).toBe(400)
    await ask(ann, 'thief@example.com')
    const second = (await mailed(app, 'thief@example.com', 'confirm_email')).token
    await app.visitor().post('/auth/password-reset', { email: 'ann@example.com' })
    const reset = (await mailed(app, 'ann@example.com', 'reset_password')).token
    await app.visitor().post('/auth/password-reset/complete', { token: reset, password: 'a lantern on the stairs' })
    await ann.post('/auth/login', { identifier: 'ann', password: 'a lantern on the stairs' })
    expect((await ann.get('/users/me')).json.pending_email).toBe(null)
    expect((await confirm(ann, { token: second })).status).toBe(400)
  })

  it('#28 ends what was mailed to the former address', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await app.visitor().post('/auth/password-reset', { email: 'ann@example.com' })
    const reset = (await mailed(app, 'ann@example.com', 'reset_password')).token
    const verify = (await mailed(app, 'ann@example.com', 'verify_email')).token
    await ask(ann, 'new@example.com')
    await confirm(ann, { token: (await mailed(app, 'new@example.com', 'confirm_email')).token })
    const completed = { token: reset, password: 'a lantern on the stairs' }
    expect((await app.visitor().post('/auth/password-reset/complete', completed)).status).toBe(400)
    expect((await ann.post('/auth/verify-email', { token: verify })).status).toBe(400)
  })

  it('is refused when somebody else has it by then, and goes to one of two who confirm it at once', async () => {
    app = await createTestApp()
    const people = [await app.person(), await app.person(), await app.person()]
    const tokens: string[] = []
    for (const person of people) {
      await ask(person, 'new@example.com')
      tokens.push((await mailed(app, 'new@example.com', 'confirm_email')).token)
    }
    const tries = await Promise.all(people.map((person, i) => confirm(person, { token: tokens[i] })))
    expect(tally(tries)).toEqual({ 200: 1, 409: 2 })
    expect(tries.filter(({ status }) => status === 409).map(({ json }) => json.code)).toEqual([
      'email_taken',
      'email_taken',
    ])
  })

  it('AU7 tells nobody that an address is taken where addresses are proved, but its owner', async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' })
    const ann = app.visitor()
    await app.services.administration.create({ username: 'ann', email: 'ann@example.com', password }, ['user'])
    await app.services.administration.create({ username: 'owner', email: 'owner@example.com', password }, ['user'])
    await ann.post('/auth/login', { identifier: 'ann', password })
    const seen = async (email: string) => {
      const asked = await ask(ann, email)
      const wrong = await confirm(ann, { code: '00000000' })
      return [asked.status, Object.keys(asked.json), wrong.status, wrong.json.remaining_attempts]
    }
    expect(await seen('owner@example.com')).toEqual(await seen('free@example.com'))
    expect(await mailsTo(app, 'owner@example.com')).toEqual(['account_exists'])
    // A registration that waits for the same address gives way to the proof.
    await app.visitor().post('/auth/register', { username: 'squatter', email: 'third@example.com', password })
    await ask(ann, 'third@example.com')
    const { token } = await mailed(app, 'third@example.com', 'confirm_email')
    expect((await confirm(ann, { token })).json.email).toBe('third@example.com')
  })
})
