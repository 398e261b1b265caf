import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

describe('register', () => {
  it('signs in and stores an argon2id hash', async () => {
    const ann = app.visitor()
    const answer = await ann.post('/auth/register', { username: 'Ann', email: 'Ann@Example.com', password })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ status: 'complete', token_type: 'bearer', verification: { required: false } })
    expect(answer.json.user).toMatchObject({
      username: 'Ann',
      email: 'Ann@Example.com',
      roles: ['user'],
      has_password: true,
    })
    expect(answer.json).not.toHaveProperty('access_token')
    expect(answer.body).not.toMatch(/password_hash|argon2/)
    const row = await app.database.db
      .selectFrom('users')
      .selectAll()
      .where('username_key', '=', 'ann')
      .executeTakeFirstOrThrow()
    expect(row.password_hash).toMatch(/^\$argon2id\$/)
    expect((await ann.get('/users/me')).json.id).toBe(row.id)
  })

  it('names each field that needs attention and keeps nothing', async () => {
    const answer = await app.visitor().post('/auth/register', { username: 'x', email: 'nobody', password: 'short' })
    expect(answer.status).toBe(422)
    expect(answer.headers['content-type']).toMatch('application/problem+json')
    expect(answer.json).toMatchObject({ code: 'validation_failed', instance: '/api/v1/auth/register' })
    expect(answer.json.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual([
      '/email',
      '/username',
    ])
    expect(await app.database.db.selectFrom('users').select('id').where('username_key', '=', 'x').execute()).toEqual([])
  })

  it('refuses taken names and addresses however they are spelt', async () => {
    await app.person('Berta')
    const again = (username: string, email: string) =>
      app.visitor().post('/auth/register', { username, email, password })
    expect((await again('bERTA', 'other@example.com')).json).toMatchObject({
      status: 409,
      code: 'username_taken',
      detail: 'Username already taken',
    })
    expect((await again('berta2', 'BERTA@EXAMPLE.com')).json).toMatchObject({
      status: 409,
      code: 'email_taken',
      detail: 'Email already registered',
    })
  })

  it('makes one account of twenty that ask for one name at once', async () => {
    const body = { username: 'racer', email: 'racer@example.com', password }
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.visitor().post('/auth/register', body)))
    const statuses = answers.map((answer) => answer.status).sort()
    expect(statuses).toEqual([201, ...Array(19).fill(409)])
    const rows = await app.database.db.selectFrom('users').select('id').where('username_key', '=', 'racer').execute()
    expect(rows).toHaveLength(1)
  })

  it.each([
    ['admin', 'username_reserved'],
    ['Admin', 'username_reserved'],
    ['ＡＤＭＩＮ', 'username_characters'],
    ['аdmin', 'username_characters'],
    ['...', 'username_characters'],
    ['..', 'username_length'],
  ])('refuses the name %s', async (username, code) => {
    const answer = await app.visitor().post('/auth/register', { username, email: 'name@example.com', password })
    expect(answer.status).toBe(422)
    expect(answer.json.errors).toContainEqual(expect.objectContaining({ pointer: '/username', code }))
  })

  it.each([
    '"a@evil.example x"@v.example',
    'a@b,c@d.example',
    'a@b\r\nBcc:c@d.example',
    'victim＠example.com',
    'a@example',
    '@example.com',
    `${'('.repeat(150)}a@example.com`,
  ])('refuses the address %j', async (email) => {
    const answer = await app.visitor().post('/auth/register', { username: 'someone', email, password })
    expect(answer.status).toBe(422)
    expect(answer.json.errors).toContainEqual(expect.objectContaining({ pointer: '/email', code: 'email_invalid' }))
  })

  it.each([
    ['1234567', 'password_too_short'],
    ['x'.repeat(129), 'password_too_long'],
    ['password123', 'password_breached'],
    ['Password1', 'password_breached'],
    ['my atrium password', 'password_contains_context'],
    ['i am carlotta!', 'password_contains_context'],
  ])('refuses the password %s', async (bad, code) => {
    const answer = await app
      .visitor()
      .post('/auth/register', { username: 'carlotta', email: 'c@example.com', password: bad })
    expect(answer.status).toBe(422)
    expect(answer.json.errors).toEqual([expect.objectContaining({ pointer: '/password', code })])
    expect(answer.body).not.toContain(bad)
  })
})

describe('login', () => {
  it('takes name, address or either, in any case', async () => {
    await app.person('Dora')
    for (const field of [
      { identifier: 'dora' },
      { username: 'DORA' },
      { email: 'dora@EXAMPLE.com' },
      { email_or_username: 'Dora' },
    ]) {
      const answer = await app.visitor().post('/auth/login', { ...field, password })
      expect(answer.status).toBe(200)
      expect(answer.json.user.username).toBe('Dora')
    }
    expect((await app.visitor().post('/auth/login', { password })).json.code).toBe('validation_failed')
  })

  it('answers wrong password and unknown name alike, after equal work', async () => {
    await app.person('Emil')
    const hasher = await import('./password-hasher.ts').then(
      ({ PasswordHasher }) => new PasswordHasher({ memoryCost: 1024, timeCost: 1 }),
    )
    const measured = await createTestApp({}, { hasher })
    await measured.person('emil')
    const attempt = async (identifier: string) => {
      const before = hasher.computed
      const answer = await measured.visitor().post('/auth/login', { identifier, password: 'not the password' })
      return {
        status: answer.status,
        detail: answer.json.detail,
        code: answer.json.code,
        work: hasher.computed - before,
      }
    }
    expect(await attempt('emil')).toEqual({
      status: 401,
      code: 'invalid_credentials',
      detail: 'Invalid credentials',
      work: 1,
    })
    expect(await attempt('nobody-by-that-name')).toEqual(await attempt('emil'))
    await measured.drop()
  })

  it('computes no hash for a body of the wrong shape', async () => {
    for (const body of [
      { identifier: { $ne: null }, password: 'x' },
      { identifier: ['a'], password: 'x' },
      { identifier: 'a', password: 5 },
      { identifier: 'a', password: 'x'.repeat(2000) },
    ]) {
      expect((await app.visitor().post('/auth/login', body)).status).toBe(422)
    }
    expect((await app.visitor().post('/auth/login', { identifier: 'a', password: 'x'.repeat(1_100_000) })).status).toBe(
      413,
    )
  })

  it('takes composed and decomposed letters as one, and keeps spaces', async () => {
    const spelt = (text: string) => `  caf${text} at the harbour `
    const body = { username: 'accent', email: 'accent@example.com', password: spelt('\u00e9') }
    expect((await app.visitor().post('/auth/register', body)).status).toBe(201)
    expect((await app.visitor().post('/auth/login', { identifier: 'accent', password: spelt('e\u0301') })).status).toBe(
      200,
    )
    expect(
      (await app.visitor().post('/auth/login', { identifier: 'accent', password: spelt('\u00e9').trim() })).status,
    ).toBe(401)
  })

  it('tells a suspended person only after the right password', async () => {
    await app.person('Frida')
    await app.services.administration.setStatus('frida', 'suspended')
    expect((await app.visitor().post('/auth/login', { identifier: 'frida', password })).json.code).toBe(
      'account_suspended',
    )
    expect((await app.visitor().post('/auth/login', { identifier: 'frida', password: 'wrong guess' })).json.code).toBe(
      'invalid_credentials',
    )
  })

  it('replaces a hash of another cost at the next login', async () => {
    await app.person('Greta')
    const { PasswordHasher } = await import('./password-hasher.ts')
    const old = await new PasswordHasher({ memoryCost: 2048, timeCost: 1 }).hash(password)
    await app.database.unitOfWork(async ({ tx }) => {
      await tx.updateTable('users').set({ password_hash: old }).where('username_key', '=', 'greta').execute()
    })
    expect((await app.visitor().post('/auth/login', { identifier: 'greta', password })).status).toBe(200)
    const row = await app.database.db
      .selectFrom('users')
      .select('password_hash')
      .where('username_key', '=', 'greta')
      .executeTakeFirstOrThrow()
    expect(row.password_hash).toContain('m=1024,t=1')
    expect((await app.visitor().post('/auth/login', { identifier: 'greta', password })).status).toBe(200)
  })
})

describe('the account', () => {
  it('is changed in parts, told once, and guarded by its ETag', async () => {
    const hana = await app.person()
    const first = await hana.get('/users/me')
    const etag = String(first.headers.etag)
    expect(etag).toMatch(/^"v1-[\w-]{16}"$/)
    expect((await hana.get('/users/me', { 'if-none-match': `"v9", ${etag}` })).status).toBe(304)

    const answer = await hana.patch(
      '/users/me',
      { display_name: 'Hana K.', time_zone: 'Europe/Zurich' },
      { 'if-match': etag },
    )
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ display_name: 'Hana K.', time_zone: 'Europe/Zurich', version: 2 })
    for (const stale of [etag, '"v1"', '"v2', 'W/"v2"']) {
      const { json } = await hana.patch('/users/me', { bio: 'hi' }, { 'if-match': stale })
      expect(json.code, stale).toBe('precondition_failed')
    }
    const stream = await app.database.db
      .selectFrom('events')
      .select('type')
      .where('stream_id', '=', `user:${hana.userId}`)
      .execute()
    expect(stream).toEqual([{ type: 'account.updated' }])
    expect((await hana.patch('/users/me', {}, { 'if-match': '"v2"' })).status).toBe(200)
  })

  it.each([
    [{ role: 'admin' }, 'unknown_field'],
    [{ user: { role: 'admin' } }, 'unknown_field'],
    [{ email_verified: true }, 'unknown_field'],
    [{ time_zone: 'Middle/Earth' }, 'validation_failed'],
    [{ display_name: 5 }, 'validation_failed'],
    [{ country: 'Switzerland' }, 'validation_failed'],
  ])('refuses %j', async (body, code) => {
    const someone = await app.person()
    const answer = await someone.patch('/users/me', body)
    expect([answer.status, answer.json.code]).toEqual([422, code])
    expect((await someone.get('/users/me')).json).toMatchObject({ roles: ['user'], version: 1 })
  })

  it('changes its password with the current one; other sessions end', async () => {
    const ida = await app.person()
    const elsewhere = app.visitor()
    await elsewhere.post('/auth/login', { identifier: ida.username, password })
    const change = (current_password: string, new_password: string) =>
      ida.put('/users/me/password', { current_password, new_password })
    expect((await change('wrong', 'another harbour at dusk')).json.code).toBe('current_password_incorrect')
    expect((await change(password, '12345678')).json.errors[0]).toMatchObject({
      pointer: '/new_password',
      code: 'password_breached',
    })
    expect((await elsewhere.get('/users/me')).status).toBe(200)
    expect((await change(password, 'another harbour at dusk')).json).toEqual({ message: 'Password changed' })
    expect((await elsewhere.get('/users/me')).status).toBe(401)
    expect((await ida.get('/users/me')).status).toBe(200)
    expect((await app.visitor().post('/auth/login', { identifier: ida.username, password })).status).toBe(401)
  })

  it('is told without signing in only where that is allowed', async () => {
    expect((await app.visitor().get('/auth/current_user')).json).toEqual({ authenticated: false, user: null })
    expect((await app.visitor().get('/users/me')).json).toMatchObject({
      status: 401,
      code: 'authentication_required',
      detail: 'Login required',
    })
    const jon = await app.person()
    expect((await jon.get('/auth/current_user')).json).toMatchObject({ authenticated: true, user: { id: jon.userId } })
  })
})
