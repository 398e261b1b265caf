import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ApiError, NetworkError, type SessionState } from '../src/index.ts'
import { eventually, Jar, password, startServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.drop())

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApiError)
      return error as ApiError
    },
  )

describe('sessions by cookie', () => {
  it('signs in, keeps the session over a reload of the page, and signs out', async () => {
    const first = await server.person('ada')
    expect(first.session.user?.username).toBe('ada')

    const reloaded = server.page({}, first.jar)
    expect(reloaded.session.state.status).toBe('unknown')
    expect(await reloaded.session.load()).toMatchObject({ status: 'signed-in', user: { username: 'ada' } })

    const states: SessionState[] = []
    reloaded.session.subscribe((state) => states.push(state))
    await reloaded.session.logout()
    expect(states).toEqual([{ status: 'signed-out', user: null, reason: 'logged_out' }])
    expect(await server.page({}, first.jar).session.load()).toMatchObject({ status: 'signed-out', reason: null })
  })

  it('says what was wrong with each field', async () => {
    const registration = { username: '', email: 'nobody', password }
    const error = await refusal(server.page().session.register(registration))
    expect(error).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(error.requestId).not.toBe('')
    expect([...error.fieldErrors.keys()]).toEqual(['/username', '/email'])
  })

  it('reads the CSRF value again when another page changed it, and repeats the request', async () => {
    const page = await server.person('bea')
    const other = server.page({}, page.jar)
    await other.session.login({ identifier: 'bea', password })

    const user = await page.account.update({ display_name: 'Bea' })
    expect(user.display_name).toBe('Bea')
    expect(page.jar.count('GET /api/v1/auth/csrf')).toBe(1)
    expect(page.jar.count('PATCH /api/v1/users/me')).toBe(2)
  })

  it('swaps an expired access token once for 20 calls at the same time', async () => {
    const strict = await startServer({ ACCESS_TOKEN_TOLERANCE_MINUTES: '0' })
    try {
      const page = await strict.person('cleo')
      strict.advance(31 * 60)
      const users = await Promise.all(Array.from({ length: 20 }, () => page.account.get()))
      expect(users.every(({ username }) => username === 'cleo')).toBe(true)
      expect(page.jar.count('POST /api/v1/auth/refresh')).toBe(1)

      strict.advance(31 * 60)
      await page.account.update({ bio: 'Reads at night' })
      expect(page.jar.count('POST /api/v1/auth/refresh')).toBe(2)
    } finally {
      await strict.drop()
    }
  })

  it('asks again for new tokens whose answer was lost', async () => {
    const strict = await startServer({ ACCESS_TOKEN_TOLERANCE_MINUTES: '0' })
    try {
      const { jar } = await strict.person('dana')
      let lost = 0
      const fetch = async (request: Request) => {
        const cookies = jar.copy()
        const answer = await jar.fetch(request)
        if (!request.url.endsWith('/auth/refresh') || lost++ > 0) return answer
        jar.restore(cookies)
        throw new TypeError('connection reset')
      }
      const page = strict.page({ fetch }, jar)
      await page.session.load()
      strict.advance(31 * 60)
      expect(await page.account.get()).toMatchObject({ username: 'dana' })
      expect(jar.count('POST /api/v1/auth/refresh')).toBe(2)
    } finally {
      await strict.drop()
    }
  })

  it('is signed out when the session was not used for too long', async () => {
    const slept = await startServer()
    try {
      const page = await slept.person('dirk')
      slept.advance(8 * 24 * 3600)
      await refusal(page.account.get())
      expect(page.session.state).toEqual({ status: 'signed-out', user: null, reason: 'expired' })
    } finally {
      await slept.drop()
    }
  })

  it('revives a session whose access token ended long ago', async () => {
    const strict = await startServer({ ACCESS_TOKEN_TOLERANCE_MINUTES: '0' })
    try {
      const { jar } = await strict.person('dora')
      strict.advance(31 * 60)
      expect(await strict.page({}, jar).session.load()).toMatchObject({ status: 'signed-in' })
    } finally {
      await strict.drop()
    }
  })

  it('tells the other tabs of a sign-in, a new CSRF value and a sign-out', async () => {
    const jar = new Jar()
    const channels: BroadcastChannel[] = []
    class KnownChannel extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        channels.push(this)
      }
    }
    vi.stubGlobal('BroadcastChannel', KnownChannel)
    const [here, there] = [server.page({ tabs: true }, jar), server.page({ tabs: true }, jar)]
    vi.unstubAllGlobals()
    await here.session.register({ username: 'eve', email: 'eve@example.com', password })
    await eventually(() => there.session.user?.username).toBe('eve')

    // After the tab's own listener, so it has the new CSRF value by then; without it the first try would be refused.
    const heard = new Promise((resolve) => channels[1]?.addEventListener('message', resolve, { once: true }))
    await here.session.reauthenticate({ password })
    await heard
    await there.account.update({ bio: 'Two tabs' })
    expect(jar.count('PATCH /api/v1/users/me')).toBe(1)

    await here.session.logout()
    await eventually(() => there.session.state).toMatchObject({ status: 'signed-out', reason: 'logged_out' })
  })

  it('takes over rights that changed without a new version of the account', async () => {
    const jar = new Jar()
    const more = { permissions: [] as string[] }
    const fetch = async (request: Request) => {
      const answer = await jar.fetch(request)
      if (!request.url.endsWith('/auth/current_user')) return answer
      const { user, ...rest } = (await answer.json()) as { user: { permissions: string[] } }
      return Response.json({ ...rest, user: { ...user, permissions: [...user.permissions, ...more.permissions] } })
    }
    const page = server.page({ fetch }, jar)
    const states: unknown[] = []
    await page.session.register({ username: 'rita', email: 'rita@example.com', password })
    page.session.subscribe((state) => states.push(state))
    await page.session.load()
    expect(states).toEqual([])
    more.permissions.push('audit:read')
    await page.session.load()
    expect(page.session.user?.permissions).toContain('audit:read')
    expect(states).toHaveLength(1)
  })

  it('lets one of two tabs renew for both', async () => {
    const strict = await startServer({ ACCESS_TOKEN_TOLERANCE_MINUTES: '0' })
    try {
      const jar = new Jar()
      const tabs = [strict.page({ tabs: true }, jar), strict.page({ tabs: true }, jar)]
      await tabs[0]?.session.register({ username: 'finn', email: 'finn@example.com', password })
      await eventually(() => tabs[1]?.session.user?.username).toBe('finn')
      strict.advance(31 * 60)
      await Promise.all(tabs.flatMap((tab) => [tab.account.get(), tab.sessions.list()]))
      expect(jar.count('POST /api/v1/auth/refresh')).toBe(1)
    } finally {
      await strict.drop()
    }
  })

  it('is signed out with the reason when the session was ended elsewhere', async () => {
    const page = await server.person('gus')
    const elsewhere = server.page()
    await elsewhere.session.login({ identifier: 'gus', password })
    expect(await elsewhere.sessions.revokeOthers()).toBe(1)

    expect(await refusal(page.account.get())).toMatchObject({ code: 'session_revoked' })
    expect(page.session.state).toEqual({ status: 'signed-out', user: null, reason: 'revoked' })
    expect(await elsewhere.sessions.list()).toMatchObject({ data: [{ current: true }] })
  })
})

describe('sessions by bearer token', () => {
  it('signs in, renews and signs out without a cookie', async () => {
    const app = await server.person('hal', { tokenDelivery: 'body' })
    expect(app.jar.header).toBe('')
    server.advance(31 * 60)
    const users = await Promise.all(Array.from({ length: 20 }, () => app.account.get()))
    expect(users.every(({ username }) => username === 'hal')).toBe(true)
    expect(app.jar.count('POST /api/v1/auth/refresh')).toBe(1)

    server.advance(31 * 60)
    expect(await app.session.load()).toMatchObject({ status: 'signed-in' })
    await app.session.logout()
    expect(await app.session.load()).toMatchObject({ status: 'signed-out' })
  })
})

describe('calls', () => {
  it('reads what the app shows', async () => {
    const [ivy, jon] = [await server.person('ivy'), await server.person('jon')]
    const conversation = await ivy.conversations.create({ kind: 'direct', username: 'jon' })
    expect((await ivy.conversations.list()).data).toHaveLength(1)
    expect(await jon.conversations.get(conversation.id)).toMatchObject({ members_preview: [{ username: 'ivy' }] })
    expect(await ivy.conversations.markRead(conversation.id, 0)).toMatchObject({ last_read_seq: 0, unread_count: 0 })
    expect((await ivy.conversations.messages(conversation.id, { limit: 10 })).data).toEqual([])

    expect((await ivy.people.search('jo')).data.map(({ username }) => username)).toContain('jon')
    const person = await ivy.people.get('jon')
    expect(await ivy.people.get(person.id)).toEqual(person)
    expect(await refusal(ivy.people.get('nobody-here'))).toMatchObject({ status: 404 })
    expect(await ivy.meta()).toMatchObject({ setup_required: true })
  })

  it('refuses to overwrite a profile that was changed elsewhere', async () => {
    const page = await server.person('kim')
    const { version } = await page.account.get()
    await page.account.update({ bio: 'First' }, version)
    expect(await refusal(page.account.update({ bio: 'Second' }, version))).toMatchObject({
      code: 'precondition_failed',
    })
  })

  it('asks for a new proof of identity where one is needed', async () => {
    const page = await server.person('lou')
    server.advance(11 * 60)
    expect(await refusal(page.sessions.revokeOthers())).toMatchObject({ code: 'reauthentication_required' })
    await page.session.reauthenticate({ password })
    expect(await page.sessions.revokeOthers()).toBe(0)
    await page.account.changePassword({ current_password: password, new_password: 'a louder harbour at noon' })
  })

  it('rejects with NetworkError when nobody answers', async () => {
    const page = server.page({ baseUrl: 'http://127.0.0.1:9' })
    await expect(page.meta()).rejects.toBeInstanceOf(NetworkError)
    await expect(page.session.load()).rejects.toBeInstanceOf(NetworkError)
    expect(page.session.state.status).toBe('unknown')
  })

  it('takes a page of a proxy for no answer of the server', async () => {
    const html = async () => new Response('<h1>Welcome</h1>', { headers: { 'content-type': 'text/html' } })
    await expect(server.page({ fetch: html }).meta()).rejects.toBeInstanceOf(NetworkError)
    const down = async () => new Response('Bad gateway', { status: 502 })
    expect(await refusal(server.page({ fetch: down }).meta())).toMatchObject({ status: 502, code: 'unavailable' })
  })

  it('waits as long as a busy server asks, twice at most, and only when repeating is harmless', async () => {
    let asked = 0
    const busy = async () => {
      asked += 1
      return Response.json(
        { code: 'busy', status: 503, title: 'Busy' },
        { status: 503, headers: { 'retry-after': '0' } },
      )
    }
    const page = server.page({ fetch: busy })
    expect(await refusal(page.meta())).toMatchObject({ code: 'busy', retryAfter: 0 })
    expect(asked).toBe(3)
    asked = 0
    await refusal(page.session.login({ identifier: 'ada', password }))
    expect(asked).toBe(1)
  })
})
