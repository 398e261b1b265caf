import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approve, leave, pathOf, signInWithDev } from '../../../test/dev-sign-in.ts'
import { type Answer, createTestApp, type TestApp, type Visitor } from '../../../test/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.drop())

const sessionsOf = (userId: string) =>
  app.database.db.selectFrom('sessions').selectAll().where('user_id', '=', userId).execute()
const countSessions = async () => (await app.database.db.selectFrom('sessions').select('id').execute()).length
const setCookies = (answer: Answer): string[] => [answer.headers['set-cookie'] ?? []].flat().map(String)
const stateInvalid = '/sign-in?error=oauth_state_invalid'
const arrived = (answer: Answer) => ({ status: answer.status, location: answer.headers.location })

describe('the way back', () => {
  const inFlight = async (visitor: Visitor, email = 'flight@example.com', query = {}) =>
    pathOf(await approve(visitor, await leave(visitor, query), { email }))

  it('M23 OA2 is refused in another browser, and the state is used up', async () => {
    const [thief, victim] = [app.visitor(), app.visitor()]
    const back = await inFlight(thief, 'thief@example.com')
    await leave(victim)
    const before = await countSessions()
    expect(arrived(await victim.get(back))).toEqual({ status: 302, location: stateInvalid })
    expect(arrived(await app.visitor().get(back))).toEqual({ status: 302, location: stateInvalid })
    expect((await victim.get('/auth/current_user')).json.authenticated).toBe(false)
    expect((await thief.get(back)).headers.location).toBe(stateInvalid)
    expect(await countSessions()).toBe(before)
  })

  it('OA2 is refused without the cookie, with two of them, and at another provider', async () => {
    for (const change of ['none', 'two', 'made up'] as const) {
      const visitor = app.visitor()
      const back = await inFlight(visitor)
      const cookie = `oauth_state=${visitor.cookies.get('oauth_state')}`
      const headers = {
        none: { cookie: 'a=b' },
        two: { cookie: `${cookie}; oauth_state=${'a'.repeat(43)}` },
        'made up': { cookie: `oauth_state=${'a'.repeat(43)}` },
      }[change]
      const answer = await visitor.get(back, headers)
      expect(String(answer.headers.location)).toMatch(/^\/sign-in\?error=/)
      expect(setCookies(answer)).toEqual([])
    }
  })

  it('M24 #6 makes one session of twenty callbacks at once', async () => {
    const visitor = app.visitor()
    await signInWithDev(visitor, { email: 'twenty@example.com' })
    const { id } = (await visitor.get('/users/me')).json
    const before = (await sessionsOf(id)).length
    const back = await inFlight(visitor, 'twenty@example.com')
    const answers = await Promise.all(Array.from({ length: 20 }, () => visitor.copy().get(back)))
    const locations = answers.map((answer) => answer.headers.location)
    expect(locations.filter((location) => location === '/')).toHaveLength(1)
    expect(locations.filter((location) => location === stateInvalid)).toHaveLength(19)
    expect((await sessionsOf(id)).length).toBe(before + 1)
    expect((await visitor.get(back)).headers.location).toBe(stateInvalid)
  })

  it('makes one account of the first sign-in in ten tabs', async () => {
    const visitor = app.visitor()
    await leave(visitor)
    const flights = await Promise.all(Array.from({ length: 10 }, () => inFlight(visitor, 'tabs@example.com')))
    const answers = await Promise.all(flights.map((back) => visitor.copy().get(back)))
    expect(answers.map((answer) => answer.headers.location)).toEqual(flights.map(() => '/'))
    const users = await app.database.db
      .selectFrom('users')
      .select('id')
      .where('email_key', '=', 'tabs@example.com')
      .execute()
    expect(users).toHaveLength(1)
  })

  it('OA2 M08 is not used up by who only looks', async () => {
    const visitor = app.visitor()
    const back = await inFlight(visitor, 'looks@example.com')
    const looks: [method: 'GET' | 'HEAD', headers: Record<string, string>][] = [
      ['HEAD', {}],
      ['GET', { purpose: 'prefetch' }],
      ['GET', { 'sec-purpose': 'prefetch;prerender' }],
    ]
    for (const [method, headers] of looks) {
      const answer = await visitor.send(method, back, undefined, headers)
      expect({ status: answer.status, cookies: setCookies(answer) }).toEqual({ status: 204, cookies: [] })
    }
    expect((await visitor.get(back)).headers.location).toBe('/')
  })

  it('is refused after ten minutes', async () => {
    const late = await createTestApp()
    const visitor = late.visitor()
    const back = pathOf(await approve(visitor, await leave(visitor), {}))
    late.advance(601)
    expect((await visitor.get(back)).headers.location).toBe(stateInvalid)
    await late.drop()
  })

  it('OA2 RFC 9207 wants the issuer that the provider advertises', async () => {
    for (const iss of [undefined, 'https://other.example']) {
      const visitor = app.visitor()
      const back = new URL(await inFlight(visitor), 'http://localhost')
      back.searchParams.delete('iss')
      if (iss !== undefined) back.searchParams.set('iss', iss)
      expect((await visitor.get(back.pathname + back.search)).headers.location).toBe('/sign-in?error=provider_error')
    }
  })

  it('#33 takes no code of another sign-in', async () => {
    const [mine, theirs] = [app.visitor(), app.visitor()]
    const back = new URL(await inFlight(mine, 'mine@example.com'), 'http://localhost')
    const stolen = new URL(await inFlight(theirs, 'theirs@example.com'), 'http://localhost')
    back.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    expect((await mine.get(back.pathname + back.search)).headers.location).toBe('/sign-in?error=provider_error')
  })

  it('is refused with a state that is missing, doubled or made up', async () => {
    for (const search of [
      '',
      '?code=a',
      '?code=a&state=',
      '?state=a&state=a&code=b',
      `?code=a&state=${'a'.repeat(43)}`,
    ]) {
      const answer = await app.visitor().get(`/oauth/dev/callback${search}`)
      expect(arrived(answer)).toEqual({ status: 302, location: stateInvalid })
    }
  })
})
