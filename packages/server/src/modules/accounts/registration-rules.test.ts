import { afterEach, describe, expect, it } from 'vitest'
import { mailed } from '../../../test/mailed.ts'
import { createTestApp, password, type TestApp } from '../../../test/test-app.ts'
import { loadConfig } from '../../config/config.ts'

let app: TestApp
afterEach(() => app.drop())

let count = 0
const register = (more: object = {}) => {
  const username = `newcomer${++count}`
  return app.visitor().post('/auth/register', { username, email: `${username}@example.com`, password, ...more })
}
const bornYearsAgo = (years: number, days = 0) => {
  const date = app.now()
  date.setUTCFullYear(date.getUTCFullYear() - years)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

describe('A20 checking before registering', () => {
  it('tells of names and addresses by the rules of registration', async () => {
    app = await createTestApp()
    const ann = await app.person('ann')
    await ann.put('/users/me/username', { username: 'annika', password })
    const check = async (body: object) => (await app.visitor().post('/auth/check', body)).json
    expect(await check({ username: 'free.name', email: 'free@example.com' })).toEqual({
      username: { valid: true, available: true },
      email: { valid: true, available: true },
    })
    expect(await check({ username: 'ANNIKA', email: 'Ann@Example.com' })).toEqual({
      username: { valid: true, available: false },
      email: { valid: true, available: false },
    })
    expect((await check({ username: 'ann' })).username).toEqual({ valid: true, available: false })
    expect(await check({ username: 'admin', email: 'nowhere' })).toEqual({
      username: { valid: false, available: false, code: 'username_reserved', message: expect.any(String) },
      email: { valid: false, available: false, code: 'email_invalid', message: 'Invalid email format' },
    })
    expect(await check({})).toEqual({})
  })

  it('tells nothing of addresses where they are proved, and is limited', async () => {
    app = await createTestApp({
      EMAIL_VERIFICATION: 'required',
      RATE_LIMIT_PROFILE: 'standard',
      RATE_LIMIT_PER_MINUTE: '1000',
    })
    await app.visitor().post('/auth/register', { username: 'waiting', email: 'waiting@example.com', password })
    const answer = await app.visitor().post('/auth/check', { username: 'waiting', email: 'waiting@example.com' })
    expect(answer.json).toEqual({ username: { valid: true, available: false } })
    const more = await Promise.all(
      Array.from({ length: 25 }, () => app.visitor().post('/auth/check', { username: 'free.name' })),
    )
    expect(more.filter(({ status }) => status === 429)).toHaveLength(6)
  })
})

describe('A19 what an operator asks of people', () => {
  it('MINIMUM_AGE asks for a date of birth, at registration and ever after', async () => {
    app = await createTestApp({ MINIMUM_AGE: '18' })
    for (const [more, code] of [
      [{}, 'required'],
      [{ date_of_birth: null }, 'required'],
      [{ date_of_birth: bornYearsAgo(18, 2) }, 'too_young'],
      [{ date_of_birth: bornYearsAgo(17) }, 'too_young'],
    ] as const) {
      const answer = await register(more)
      expect([answer.status, answer.json.errors]).toEqual([
        422,
        [expect.objectContaining({ pointer: '/date_of_birth', code })],
      ])
    }
    expect((await app.visitor().get('/meta')).json.registration).toEqual({
      email_verification: 'optional',
      minimum_age: 18,
      required_fields: ['date_of_birth'],
    })
    const ann = app.visitor()
    const body = { username: 'ann', email: 'ann@example.com', password, date_of_birth: bornYearsAgo(18) }
    expect((await ann.post('/auth/register', body)).status).toBe(201)
    for (const patch of [{ date_of_birth: null }, { date_of_birth: bornYearsAgo(17) }]) {
      expect((await ann.patch('/users/me', patch)).status).toBe(422)
    }
    expect((await ann.patch('/users/me', { bio: 'hello' })).status).toBe(200)
    // The operator's own accounts are the operator's business.
    await app.services.administration.create({ username: 'carl', email: 'carl@example.com', password }, ['user'])
  })

  it('REQUIRED_PROFILE_FIELDS and ALLOWED_EMAIL_DOMAINS are asked for too', async () => {
    app = await createTestApp({
      REQUIRED_PROFILE_FIELDS: 'country, first_name',
      ALLOWED_EMAIL_DOMAINS: 'example.com, bücher.example',
    })
    const refused = await register({ country: 'CH', first_name: '  ', email: 'a@elsewhere.example' })
    expect(refused.json.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])).toEqual([
      ['/first_name', 'required'],
      ['/email', 'email_domain'],
    ])
    expect((await register({ country: 'CH', first_name: 'A', email: 'a@sub.example.com' })).status).toBe(422)
    expect((await register({ country: 'CH', first_name: 'A', email: 'a@BÜCHER.example' })).status).toBe(201)
    const ann = app.visitor()
    const body = { username: 'ann', email: 'ann@example.com', password, country: 'CH', first_name: 'Ann' }
    await ann.post('/auth/register', body)
    const change = (new_email: string) => ann.post('/users/me/email', { new_email, password })
    expect((await change('ann@elsewhere.example')).json.errors[0]).toMatchObject({
      pointer: '/new_email',
      code: 'email_domain',
    })
    expect((await change('ann@xn--bcher-kva.example')).status).toBe(202)
  })

  it('a guest who becomes somebody is asked the same, and proves the address', async () => {
    app = await createTestApp({ GUEST_ACCOUNTS: 'true', MINIMUM_AGE: '18' })
    const guest = app.visitor()
    await guest.post('/auth/guest', {})
    const upgrade = (more: object) =>
      guest.post('/auth/guest/upgrade', { username: 'somebody', email: 'somebody@example.com', password, ...more })
    expect((await upgrade({})).status).toBe(422)
    const answer = await upgrade({ date_of_birth: bornYearsAgo(30) })
    expect(answer.status).toBe(200)
    const { token } = await mailed(app, 'somebody@example.com', 'verify_email')
    expect((await guest.post('/auth/verify-email', { token })).status).toBe(200)
  })

  it('refuses settings that mean nothing', async () => {
    app = await createTestApp()
    for (const [name, value] of [
      ['REQUIRED_PROFILE_FIELDS', 'shoe_size'],
      ['ALLOWED_EMAIL_DOMAINS', 'not a domain'],
      ['MINIMUM_AGE', '-1'],
    ] as const) {
      expect(() => loadConfig({ [name]: value })).toThrow(name)
    }
  })
})
