import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
let ann: Visitor
beforeAll(async () => {
  app = await createTestApp({ TRUSTED_PROXIES: '127.0.0.1' })
  ann = await app.person('ann')
})
afterAll(() => app.drop())

const keys = '/users/me/api-keys'
const outcome = ({ status, json }: Answer) => [status, json?.code]

async function keyOf(person: Visitor, scopes: string[], more: object = {}): Promise<{ id: string; key: string }> {
  const answer = await person.post(keys, { name: 'a program', scopes, ...more })
  expect([answer.status, answer.json?.detail]).toEqual([201, undefined])
  return answer.json
}

const from = async (key: string, ip: string) =>
  outcome(await app.visitor().get('/users/me', { 'x-api-key': key, 'x-forwarded-for': ip }))

describe('AZ7: the addresses of a key', () => {
  it('AZ7: it works from the listed ones, however they are spelt, and from no other', async () => {
    const { id, key } = await keyOf(ann, ['account:read'], {
      allowed_ips: ['192.0.2.7', '10.0.0.0/8', '2001:DB8:1::/48', '::ffff:198.51.100.1'],
    })
    expect((await ann.get(`${keys}/${id}`)).json.allowed_ips).toEqual([
      '192.0.2.7',
      '10.0.0.0/8',
      '2001:db8:1::/48',
      '198.51.100.1',
    ])
    for (const ip of [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::FFFF:c000:207',
      '10.9.8.7',
      '2001:db8:1::f',
      '198.51.100.1',
    ]) {
      expect([ip, ...(await from(key, ip))]).toEqual([ip, 200, undefined])
    }
    for (const ip of ['192.0.2.8', '11.0.0.1', '2001:db8:2::1', '::1', '127.0.0.1']) {
      expect([ip, ...(await from(key, ip))]).toEqual([ip, 403, 'forbidden'])
    }
    // What a client says of itself before the proxy counts for nothing.
    expect(await from(key, '192.0.2.7, 203.0.113.9')).toEqual([403, 'forbidden'])
    await app.services.keyAuthenticator.settled()
    const denied = await app.database.db
      .selectFrom('audit_events')
      .select(['type', 'outcome', 'user_id'])
      .where('resource_id', '=', id)
      .where('type', '=', 'unauthorized_access_attempt')
      .execute()
    expect(denied[0]).toEqual({ type: 'unauthorized_access_attempt', outcome: 'denied', user_id: ann.userId })
    expect(denied).toHaveLength(6)
  })

  it('K01: when and from where it was used is kept, once a minute', async () => {
    const { id, key } = await keyOf(ann, ['account:read'])
    const used = async () => {
      await app.services.keyAuthenticator.settled()
      const { last_used_at, last_used_ip, version } = (await ann.get(`${keys}/${id}`)).json
      expect(version).toBe(1)
      return [last_used_at, last_used_ip]
    }
    await Promise.all(Array.from({ length: 10 }, () => from(key, '192.0.2.1')))
    const [first, ip] = await used()
    expect(ip).toBe('192.0.2.1')
    await from(key, '192.0.2.2')
    expect(await used()).toEqual([first, '192.0.2.1'])
    app.advance(61)
    await from(key, '192.0.2.2')
    const [second, other] = await used()
    expect(other).toBe('192.0.2.2')
    expect(second > first).toBe(true)
    app.advance(-61)
  })
})

describe('K01: limits', () => {
  it('K01: a key has a budget of its own within that of its owner', async () => {
    const limited = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '60' })
    const owner = await limited.person('owner')
    const make = async (rate_limit: number | null) =>
      (await owner.post(keys, { name: 'x', scopes: ['account:read'], rate_limit })).json.key as string
    const use = (key: string) => limited.visitor().get('/users/me', { 'x-api-key': key })
    const [three, many] = [await make(3), await make(null)]
    const first = await use(three)
    expect(first.headers).toMatchObject({
      ratelimit: expect.stringMatching(/^"api-key";r=2;/),
      'x-ratelimit-limit': '3',
    })
    await use(three)
    await use(three)
    const over = await use(three)
    expect(outcome(over)).toEqual([429, 'rate_limited'])
    expect(over.headers['retry-after']).toBeDefined()
    const left = Number((await owner.get('/users/me')).headers['x-ratelimit-remaining'])
    for (let count = 0; count < 5; count++) await use(three)
    // What the key was refused did not cost its owner anything.
    expect(Number((await owner.get('/users/me')).headers['x-ratelimit-remaining'])).toBe(left - 1)
    expect(Number((await use(many)).headers['x-ratelimit-remaining'])).toBe(left - 2)
    await limited.drop()
  })

  it('M01: guessing keys is counted by network', async () => {
    const limited = await createTestApp({ RATE_LIMIT_PROFILE: 'standard', RATE_LIMIT_PER_MINUTE: '10' })
    const guess = (index: number) =>
      limited.visitor().get('/users/me', { 'x-api-key': `sk_${String(index).padStart(54, 'A')}` })
    const answers = []
    for (let index = 0; index < 15; index++) answers.push((await guess(index)).status)
    expect(answers.filter((status) => status === 401)).toHaveLength(10)
    expect(answers.slice(10)).toEqual(Array(5).fill(429))
    await limited.drop()
  })
})
