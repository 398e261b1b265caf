import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { comeBack, type MockIssuer, signInWith, startMockIssuer } from '../../../test/mock-issuer.ts'
import { createTestApp, type TestApp } from '../../../test/test-app.ts'
import { boundedFetch, ProviderUnreachable } from './bounded-fetch.ts'
import { ProviderMetadata } from './provider-metadata.ts'

describe('OA6 what a provider publishes', () => {
  const at = (seconds: number) => new Date(seconds * 1000)

  it('is asked once in an hour, by however many', async () => {
    let [asked, clock] = [0, 0]
    const metadata = new ProviderMetadata(
      async () => ++asked,
      () => at(clock),
    )
    expect(await Promise.all([metadata.get(), metadata.get(), metadata.get()])).toEqual([1, 1, 1])
    clock = 3599
    expect(await metadata.get()).toBe(1)
    clock = 3600
    expect(await metadata.get()).toBe(2)
  })

  it('is not asked again for half a minute while the provider is away', async () => {
    let [asked, clock] = [0, 0]
    const metadata = new ProviderMetadata(
      async () => {
        asked++
        throw new Error('away')
      },
      () => at(clock),
    )
    for (const second of [0, 1, 29]) {
      clock = second
      await expect(metadata.get()).rejects.toThrow('away')
    }
    expect(asked).toBe(1)
    clock = 30
    await expect(metadata.get()).rejects.toThrow('away')
    expect(asked).toBe(2)
  })

  it('is kept for a day while the provider is away', async () => {
    let clock = 0
    let isAway = false
    const metadata = new ProviderMetadata(
      async () => {
        if (isAway) throw new Error('away')
        return clock
      },
      () => at(clock),
    )
    await metadata.get()
    isAway = true
    for (const second of [3600, 3610, 40_000, 86_399]) {
      clock = second
      expect(await metadata.get()).toBe(0)
    }
    clock = 86_400
    await expect(metadata.get()).rejects.toThrow('away')
    isAway = false
    clock += 31
    expect(await metadata.get()).toBe(clock)
  })
})

describe('OA6 requests to providers', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
  const local = boundedFetch({ allowLoopbackHttp: true })

  it.each(['http://provider.example/', 'ftp://provider.example/', 'file:///etc/passwd', 'http://127.0.0.1.example/'])(
    'go to https only, not to %s',
    async (url) => {
      await expect(local(url, {})).rejects.toThrow('must be https')
    },
  )

  it('go to this machine over http in development only', async () => {
    const url = await serve((_request, response) => response.end('here'))
    expect(await (await local(url, {})).text()).toBe('here')
    await expect(boundedFetch({ allowLoopbackHttp: false })(url, {})).rejects.toThrow('must be https')
  })

  it('follow no redirect', async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: 'https://evil.example/' }).end(),
    )
    expect((await local(url, {})).status).toBe(302)
  })

  it('take no endless answer', async () => {
    let sent = 0
    const url = await serve((_request, response) => {
      const more = () => {
        sent++
        if (!response.destroyed) response.write('x'.repeat(65_536), more)
      }
      more()
    })
    await expect(local(url, {})).rejects.toThrow('too large')
    expect(sent).toBeLessThan(200)
  })

  it('tell a provider that is away from one whose answer is wrong', async () => {
    for (const [status, isAway] of [
      [429, true],
      [502, true],
      [503, true],
      [504, true],
      [500, false],
      [404, false],
    ] as const) {
      const url = await serve((_request, response) => response.writeHead(status).end())
      const asked = local(url, {})
      if (isAway) await expect(asked).rejects.toThrow(ProviderUnreachable)
      else expect((await asked).status).toBe(status)
    }
    const silent = await serve((_request, response) => response.destroy())
    await expect(local(silent, {})).rejects.toThrow(ProviderUnreachable)
  })

  it('wait no longer than they are told', async () => {
    const url = await serve(() => undefined)
    const hasty = boundedFetch({ allowLoopbackHttp: true, timeLimitMs: 50 })
    await expect(hasty(url, {})).rejects.toThrow(/timeout/i)
    const slowly = await serve((_request, response) => response.write('a'))
    await expect(hasty(slowly, {})).rejects.toThrow(/timeout/i)
  })
})

describe('F28 a provider that is down', () => {
  let app: TestApp
  let issuer: MockIssuer
  beforeAll(async () => {
    issuer = await startMockIssuer()
    app = await createTestApp({ ...issuer.settings('ACME'), ...issuer.settings('LATER') })
  })
  afterAll(async () => {
    await app.drop()
    await issuer.stop()
  })
  afterEach(async () => {
    issuer.does = {}
    if (!issuer.server.listening) await issuer.resume()
    app.advance(100_000)
  })

  it('costs nobody else anything', async () => {
    await issuer.pause()
    const visitor = app.visitor()
    const answer = await visitor.get('/oauth/later/initiate')
    expect(answer.json).toMatchObject({ status: 503, code: 'provider_unavailable', retry_after: 30 })
    expect(answer.headers['retry-after']).toBe('30')
    const page = await visitor.get('/oauth/later/initiate?redirect_to=/a', { accept: 'text/html,*/*' })
    expect(page.headers.location).toBe('/a?error=provider_unavailable')
    const someone = await app.person('unharmed')
    expect((await someone.post('/oauth/later/link')).json.code).toBe('provider_unavailable')
    expect((await someone.get('/users/me')).status).toBe(200)
    expect((await visitor.get('/oauth/providers')).json.data).toHaveLength(3)
  })

  it('is used again when it is back', async () => {
    await issuer.pause()
    expect((await app.visitor().get('/oauth/later/initiate')).status).toBe(503)
    await issuer.resume()
    expect((await app.visitor().get('/oauth/later/initiate')).status).toBe(503)
    app.advance(30)
    expect((await app.visitor().get('/oauth/later/initiate')).status).toBe(302)
  })

  it('on the way back sends the person to our own page', async () => {
    const visitor = app.visitor()
    const back = await comeBack(visitor, 'acme', { redirect_to: '/in' })
    await issuer.pause()
    expect((await visitor.get(back)).headers.location).toBe('/in?error=provider_unavailable')
  })

  it('is known for a day by what it published', async () => {
    expect((await app.visitor().get('/oauth/acme/initiate')).status).toBe(302)
    await issuer.pause()
    app.advance(7_200)
    expect((await app.visitor().get('/oauth/acme/initiate')).status).toBe(302)
  })

  it('keeps its keys with us while only they cannot be fetched, and may change them', async () => {
    const isOut = { keys: false, silently: false }
    let fetched = 0
    const broken = createServer((request, response) => {
      if (request.url === '/jwks') fetched++
      if (isOut.silently) return response.destroy()
      if (isOut.keys) return response.writeHead(503).end()
      response.setHeader('content-type', 'application/json')
      return response.end(JSON.stringify({ keys: issuer.server.issuer.keys.toJSON() }))
    })
    await new Promise<void>((done) => broken.listen(0, '127.0.0.1', done))
    const jwks_uri = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/jwks`
    issuer.does = { metadata: (body) => Object.assign(body, { jwks_uri }) }
    const enter = async () => (await signInWith(app.visitor(), 'acme')).headers.location
    expect(await enter()).toBe('/')
    expect(await enter()).toBe('/')
    expect(fetched).toBe(1)
    isOut.keys = true
    app.advance(301)
    expect(await enter()).toBe('/')
    expect(fetched).toBe(2)

    isOut.silently = true
    app.advance(301)
    expect(await enter()).toBe('/')
    Object.assign(isOut, { keys: false, silently: false })
    app.advance(61)
    await issuer.server.issuer.keys.generate('RS256')
    // The newest key is the last in turn.
    const locations = [await enter(), await enter()]
    expect(locations).toEqual(['/', '/'])
    broken.close()
  })
})

describe('OA6 the issuer', () => {
  it.each([
    ['another one', (body: Record<string, unknown>) => Object.assign(body, { issuer: 'https://accounts.google.com' })],
    ['its own with a slash', (body: Record<string, unknown>) => Object.assign(body, { issuer: `${body.issuer}/` })],
    ['none', (body: Record<string, unknown>) => Object.assign(body, { issuer: undefined })],
    ['a number', (body: Record<string, unknown>) => Object.assign(body, { issuer: 1 })],
    ['no endpoint', (body: Record<string, unknown>) => Object.assign(body, { authorization_endpoint: undefined })],
    [
      'a script for an endpoint',
      (body: Record<string, unknown>) => Object.assign(body, { authorization_endpoint: 'javascript:alert(1)' }),
    ],
  ])('#24 that publishes %s is not used', async (_name, metadata) => {
    const issuer = await startMockIssuer()
    issuer.does = { metadata }
    const app = await createTestApp(issuer.settings('ACME'))
    expect((await app.visitor().get('/oauth/acme/initiate')).json).toMatchObject({
      status: 502,
      code: 'provider_error',
    })
    await app.drop()
    await issuer.stop()
  })
})
