import { afterEach, describe, expect, it } from 'vitest'
import { PasswordHasher } from '../../src/modules/accounts/index.ts'
import { type Answer, createTestApp, password, type TestApp } from '../test-app.ts'

let app: TestApp
afterEach(() => app.drop())

const open = async (variables: Record<string, string> = {}, overrides = {}) => {
  app = await createTestApp(
    { RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '1000', ACCOUNT_LOCKOUT_THRESHOLD: '50', ...variables },
    overrides,
  )
}
const login = (identifier: string, word: string, headers: Record<string, string> = {}, more: object = {}) =>
  app.visitor().post('/auth/login', { identifier, password: word, ...more }, headers)
const wrong = (identifier: string, headers: Record<string, string> = {}) => login(identifier, 'a wrong guess', headers)
const from = (address: string) => ({ 'x-forwarded-for': address })

/** Both families of headers, as one line. */
function standing({ headers }: Answer): string {
  const policy = /^"([\w-]+)";q=(\d+);w=(\d+)$/.exec(String(headers['ratelimit-policy']))
  const usage = /^"([\w-]+)";r=(\d+);t=(\d+)$/.exec(String(headers.ratelimit))
  const [, name, limit, window] = policy ?? []
  const [, sameName, remaining, reset] = usage ?? []
  expect(sameName).toBe(name)
  expect([headers['x-ratelimit-limit'], headers['x-ratelimit-remaining'], headers['x-ratelimit-reset']]).toEqual([
    limit,
    remaining,
    reset,
  ])
  expect(Number(reset)).toBeGreaterThan(0)
  expect(Number(reset)).toBeLessThanOrEqual(Number(window))
  return `${name}: ${remaining} of ${limit} in ${window}`
}

describe('L02: each answer tells the limit that is nearest', () => {
  it('the general one where nothing else was counted', async () => {
    await open({ RATE_LIMIT_PER_MINUTE: '3' })
    expect(standing(await app.visitor().get('/auth/current_user'))).toBe('anonymous: 2 of 3 in 60')
    expect(standing(await app.visitor().get('/users/me'))).toBe('anonymous: 1 of 3 in 60')
    expect(standing(await app.visitor().get('/users/nothing-here'))).toBe('anonymous: 0 of 3 in 60')
    const refused = await app.visitor().get('/auth/current_user')
    expect([refused.status, standing(refused)]).toEqual([429, 'anonymous: 0 of 3 in 60'])
  })

  it('the one of sign-ins, which a success leaves as it was', async () => {
    await open()
    await app.person('ann')
    expect(standing(await login('ann', password))).toBe('login: 5 of 5 in 60')
    for (const left of [4, 3, 2, 1, 0]) expect(standing(await wrong('ann'))).toBe(`login: ${left} of 5 in 60`)
    const refused = await wrong('ann')
    expect([refused.status, standing(refused)]).toEqual([429, 'login: 0 of 5 in 60'])
    expect(refused.headers['retry-after']).toBe(String(refused.json.retry_after))
    expect(refused.headers['x-ratelimit-reset']).toBe(String(refused.json.retry_after))
  })

  it('the one of a network, where that is the one which refuses', async () => {
    await open()
    for (let i = 0; i < 20; i++) await wrong(`name${i}`)
    const refused = await wrong('one more')
    expect([refused.status, standing(refused)]).toEqual([429, 'login-network: 0 of 20 in 600'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(500)
  })

  it('the one of registering, also where it succeeds', async () => {
    await open()
    const register = (n: number) =>
      app.visitor().post('/auth/register', { username: `person${n}`, email: `p${n}@example.com`, password })
    expect([standing(await register(1)), standing(await register(2)), standing(await register(3))]).toEqual([
      'register: 2 of 3 in 60',
      'register: 1 of 3 in 60',
      'register: 0 of 3 in 60',
    ])
    const refused = await register(4)
    expect([refused.status, standing(refused)]).toEqual([429, 'register: 0 of 3 in 60'])
  })

  it('the one of renewals, asked before and counted after', async () => {
    await open()
    const ann = await app.person('ann')
    expect(standing(await ann.post('/auth/refresh'))).toBe('refresh: 9 of 10 in 60')
    for (let i = 0; i < 9; i++) expect((await ann.post('/auth/refresh')).status).toBe(200)
    const refused = await ann.post('/auth/refresh')
    expect([refused.status, standing(refused)]).toEqual([429, 'refresh: 0 of 10 in 60'])
  })

  it('a page of another origin may read them', async () => {
    await open({ ALLOWED_ORIGINS: 'https://app.example' })
    const { headers } = await app.visitor().get('/auth/current_user', { origin: 'https://app.example' })
    for (const name of ['RateLimit', 'RateLimit-Policy', 'X-RateLimit-Remaining', 'Retry-After']) {
      expect(String(headers['access-control-expose-headers']).split(', ')).toContain(name)
    }
  })
})

describe('L01 profiles', () => {
  it('strict: 5 sign-ins a minute whatever comes of them, 50 requests an hour, 200 a day', async () => {
    await open({ RATE_LIMIT_PROFILE: 'strict' })
    await app.person('ann')
    const answers: Answer[] = []
    for (let i = 0; i < 6; i++) answers.push(await login('ann', password))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(standing(answers[0] as Answer)).toBe('sign-in: 4 of 5 in 60')
    expect(standing(answers[5] as Answer)).toBe('sign-in: 0 of 5 in 60')

    const statuses: number[] = []
    let last: Answer | undefined
    for (let i = 0; i < 44; i++) {
      last = await app.visitor().get('/auth/current_user')
      statuses.push(last.status)
    }
    expect(statuses).toEqual([...Array(43).fill(200), 429])
    expect(standing(last as Answer)).toBe('anonymous-hour: 0 of 50 in 3600')
  })

  it('off: nothing is refused', async () => {
    await open({ RATE_LIMIT_PROFILE: 'off', RATE_LIMIT_PER_MINUTE: '1' })
    for (let i = 0; i < 25; i++) expect((await wrong('nobody')).status).toBe(401)
  })
})

describe('who is counted', () => {
  it('CVE-2026-45364: 200 tries from one /64, in six spellings, are one network’s', async () => {
    await open({ TRUSTED_PROXIES: '127.0.0.1' })
    const spellings = (n: number) => [
      `2001:db8:1:2::${n.toString(16)}`,
      `2001:DB8:1:2::${n.toString(16)}`,
      `2001:0db8:0001:0002:0000:0000:0000:${n.toString(16).padStart(4, '0')}`,
      `2001:db8:1:2:0:0:0:${n.toString(16)}`,
      `2001:db8:1:2:${n.toString(16)}::`,
      `2001:db8:1:2:ffff:${n.toString(16)}:0.0.${n >> 8}.${n & 255}`,
    ]
    let checked = 0
    for (let n = 1; n <= 200; n++) {
      const answer = await wrong(`name${n}`, from(spellings(n)[n % 6] as string))
      if (answer.status === 401) checked++
      else expect([answer.status, standing(answer)]).toEqual([429, 'login-network: 0 of 20 in 600'])
    }
    expect(checked).toBe(20)
    expect((await wrong('next door', from('2001:db8:1:3::1'))).status).toBe(401)
  })

  it('an IPv4 address is one network in every spelling', async () => {
    await open({ TRUSTED_PROXIES: '127.0.0.1' })
    const spellings = ['198.51.100.7', '::ffff:198.51.100.7', '::FFFF:c633:6407', '0:0:0:0:0:ffff:198.51.100.7']
    const statuses: number[] = []
    for (let n = 0; n < 24; n++) statuses.push((await wrong(`name${n}`, from(spellings[n % 4] as string))).status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(20)
    expect((await wrong('next door', from('198.51.100.8'))).status).toBe(401)
  })

  it('CVE-2025-64526: no field, header or spelling of a name makes another counter', async () => {
    await open({ TRUSTED_PROXIES: '203.0.113.0/24' })
    await app.person('ann')
    const names = ['ann', 'ANN', ' ann ', 'ａｎｎ', 'Ann']
    for (const [n, name] of names.entries()) {
      const junk = { 'user-agent': `agent ${n}`, 'x-forwarded-for': `192.0.2.${n}`, 'x-real-ip': `192.0.2.${n}` }
      expect((await wrong(name, { ...junk, cookie: `junk=${n}` })).status).toBe(401)
    }
    const tries: Promise<Answer>[] = [
      login('ann', 'a wrong guess', {}, { device_name: 'another', remember: false, token_delivery: 'body' }),
      login('ann', password, { 'x-forwarded-for': '192.0.2.77' }),
      app.visitor().post('/auth/login?identifier=bob', { username: 'ann', password }),
      app.visitor().post('/auth/login', { email_or_username: 'aNN', password }),
    ]
    for (const answer of await Promise.all(tries)) expect(answer.status).toBe(429)
    // A field that does not exist is no way round either: nothing is looked up for it.
    expect((await login('ann', password, {}, { junk: 1 })).json.code).toBe('unknown_field')
  })

  it('CF3: an address a stranger names for itself counts nowhere', async () => {
    await open({ RATE_LIMIT_PER_MINUTE: '5' })
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) {
      const headers = Object.fromEntries(
        ['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip'].map(
          (name) => [name, name === 'forwarded' ? `for=192.0.2.${n}` : `192.0.2.${n}`],
        ),
      )
      statuses.push((await app.visitor().get('/auth/current_user', headers)).status)
    }
    expect(statuses).toEqual([...Array(5).fill(200), 429, 429])
  })

  it('M02: one password on 500 accounts from one source is compared 20 times', async () => {
    const hasher = new PasswordHasher({ memoryCost: 1024, timeCost: 1 })
    await open({}, { hasher })
    const before = hasher.computed
    let refused = 0
    for (let n = 0; n < 500; n++) if ((await wrong(`account${n}`)).status === 429) refused++
    expect([hasher.computed - before, refused]).toEqual([20, 480])
  })
})
