import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type * as Browser from '../src/features/doctor/browser-checks.ts'
import type * as Connection from '../src/features/doctor/connection-checks.ts'
import { type Found, findings } from '../src/features/doctor/findings.ts'
import { csrfValue, probe } from '../src/features/doctor/probe.ts'
import type * as Way from '../src/features/doctor/way-checks.ts'
import { TestServer, tokenOf } from './server.ts'
import { SmallBrowser } from './small-browser.ts'
import { WrongProxy } from './wrong-proxy.ts'

/** What no test can make a real browser find: its pages are at localhost, by http, and it is as it is. */
const password = 'a quiet harbour at dawn'
const there = 'https://chat.example.org'
const inTheLan = 'http://chat.lan:8000'

let checks: typeof Browser & typeof Connection & typeof Way
let proxy: WrongProxy
/** As people reach it: by https, which the proxy ends. */
let secure: TestServer
/** In development, at a name of the local network. */
let plain: TestServer
const page = new EventTarget()
beforeAll(async () => {
  proxy = await WrongProxy.open()
  secure = await TestServer.start({ PUBLIC_URL: there })
  plain = await TestServer.start({ ALLOWED_ORIGINS: inTheLan })
  vi.stubGlobal('document', page)
  checks = {
    ...(await import('../src/features/doctor/browser-checks.ts')),
    ...(await import('../src/features/doctor/connection-checks.ts')),
    ...(await import('../src/features/doctor/way-checks.ts')),
  }
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.stubGlobal('document', page)
  proxy.mistakes = []
})
afterAll(async () => {
  vi.unstubAllGlobals()
  await proxy.close()
  await secure.stop()
  await plain.stop()
})

const idsOf = (found: readonly Found[]) => found.map(({ id }) => id)

/** A browser at the address of a server, on the way through the proxy. */
function visit(origin: string, server: TestServer): SmallBrowser {
  proxy.leadTo(server.url)
  const browser = new SmallBrowser(origin, proxy.url)
  browser.open()
  return browser
}

/** What the page finds out about its connection, cookies and session. */
async function connectionFindings(isSignedIn = false): Promise<string[]> {
  const csrf = isSignedIn ? await csrfValue() : 'check'
  const first = await probe(0, csrf)
  const found = checks.judgeAnswer(first)
  if (first.kind !== 'arrived') return idsOf(found)
  return idsOf([...found, ...(await checks.checkCookies(csrf)), ...checks.checkSession(first.arrival, isSignedIn)])
}

async function signIn(browser: SmallBrowser, name: string): Promise<void> {
  const json = { 'content-type': 'application/json' }
  const account = { username: name, email: `${name}@example.org`, password }
  const token = secure.setupLink === undefined ? null : tokenOf(secure.setupLink)
  const setup = { method: 'POST', headers: json, body: JSON.stringify({ token, ...account }) }
  await browser.fetch('/api/v1/setup', setup)
  const login = { method: 'POST', headers: json, body: JSON.stringify({ identifier: name, password }) }
  expect((await browser.fetch('/api/v1/auth/login', login)).status).toBe(200)
}

describe('W10: what a server answers through a proxy', () => {
  it('is fine by https, signed out and signed in, where the proxy is right', async () => {
    const browser = visit(there, secure)
    expect(await connectionFindings()).toEqual([])
    await signIn(browser, 'dora')
    expect(await connectionFindings(true)).toEqual([])
  })

  it('cookies_rewritten: the prefix forbids what a proxy does to the path or the domain, and the plain one shows it', async () => {
    for (const mistake of ['moves-cookies', 'shares-cookies'] as const) {
      visit(there, secure)
      proxy.mistakes = [mistake]
      expect(await connectionFindings(), mistake).toEqual(['cookies_rewritten'])
    }
    visit(there, secure)
    proxy.mistakes = ['drops-cookies']
    expect(await connectionFindings()).toEqual(['cookies_lost'])
  })

  it('session_lost: the cookie of the session is taken out, or was signed with another key', async () => {
    const browser = visit(there, secure)
    await signIn(browser, 'dora')
    for (const mistake of ['drops-session', 'spoils-session'] as const) {
      proxy.mistakes = [mistake]
      expect(await connectionFindings(true), mistake).toEqual(['session_lost'])
    }
    expect(await connectionFindings(false), 'whoever has not signed in has none to lose').toEqual([])
  })

  it('proxy_unknown, for whoever may see the health of the server', async () => {
    proxy.mistakes = ['tells-whence']
    const browser = visit(there, secure)
    expect(await connectionFindings()).toEqual([])
    await signIn(browser, 'dora')
    expect(await connectionFindings(true)).toEqual(['proxy_unknown'])
  })

  it('insecure: an http address that the server takes for its own', async () => {
    visit(inTheLan, plain)
    expect(await connectionFindings()).toEqual(['address_other', 'insecure'])
    visit('http://other.lan:8000', plain)
    expect(await connectionFindings()).toEqual(['origin_refused'])
  })

  it('server_unreachable, and offline', async () => {
    const silent = await WrongProxy.open()
    const { url } = silent
    await silent.close()
    const browser = new SmallBrowser(there, url)
    browser.open()
    expect(await connectionFindings()).toEqual(['server_unreachable'])
    browser.open({ navigator: { onLine: false } })
    expect(await connectionFindings()).toEqual(['offline'])
  })

  it('policy_broken names the host and not the address, beside policy_missing', async () => {
    visit(there, secure)
    expect(await checks.checkPolicy()).toEqual([])
    const blockedURI = 'https://tracker.example.com/?q=what-somebody-looks-for'
    page.dispatchEvent(
      Object.assign(new Event('securitypolicyviolation'), { effectiveDirective: 'img-src', blockedURI }),
    )
    expect(await checks.checkPolicy()).toEqual([
      { id: 'policy_broken', values: { what: 'img-src tracker.example.com' } },
    ])
    proxy.mistakes = ['drops-policy']
    expect(idsOf(await checks.checkPolicy())).toEqual(['policy_broken', 'policy_missing'])
  })
})

describe('W10: what a browser is', () => {
  it('http_old, not_compressed', () => {
    const browser = new SmallBrowser(there, proxy.url)
    const deliver = (nextHopProtocol: string, encodedBodySize: number) => {
      const script = { name: `${there}/assets/app.js`, decodedBodySize: 90_000, encodedBodySize }
      const entries = { resource: [script], navigation: [{ nextHopProtocol }] }
      const performance = { getEntriesByType: (type: keyof typeof entries) => entries[type] }
      browser.open({ performance })
      return idsOf(checks.checkDelivery())
    }
    expect(deliver('h2', 20_000)).toEqual([])
    expect(deliver('h3', 20_000)).toEqual([])
    expect(deliver('http/1.1', 20_000)).toEqual(['http_old'])
    expect(deliver('http/1.1', 90_000)).toEqual(['not_compressed', 'http_old'])
    // Without TLS no browser speaks HTTP/2.
    const near = new SmallBrowser('http://localhost:8000', proxy.url)
    const navigation = [{ nextHopProtocol: 'http/1.1' }]
    near.open({ performance: { getEntriesByType: (type: string) => (type === 'navigation' ? navigation : []) } })
    expect(checks.checkDelivery()).toEqual([])
  })

  it('storage_off, storage_small', async () => {
    const kept = { setItem() {}, removeItem() {} }
    const opening = () => {
      const request = { result: { close() {} }, onsuccess: () => {}, onerror: () => {} }
      queueMicrotask(() => request.onsuccess())
      return request
    }
    const indexedDB = { open: opening, deleteDatabase() {} }
    const look = async (quota: number | undefined, more: object = {}) => {
      const navigator = { storage: { estimate: async () => ({ quota }) } }
      new SmallBrowser(there, proxy.url).open({ localStorage: kept, indexedDB, navigator, ...more })
      return checks.checkStorage()
    }
    expect(await look(5e9)).toEqual([])
    expect(await look(undefined)).toEqual([])
    expect(await look(60e6)).toEqual([{ id: 'storage_small', values: { megabytes: 60 } }])
    const refuse = () => {
      throw new Error('not here')
    }
    expect(await look(5e9, { localStorage: { setItem: refuse }, indexedDB: { open: refuse } })).toEqual([
      { id: 'storage_off', values: { what: 'localStorage, IndexedDB' } },
    ])
  })

  it('push_missing, push_denied', () => {
    const look = (permission: string, isSecureContext = true, PushManager: object = {}) => {
      const Notification = { permission }
      const window = { isSecureContext, Notification, ...(PushManager ? { PushManager } : {}) }
      new SmallBrowser(there, proxy.url).open({ window, Notification, navigator: { serviceWorker: {} } })
      return idsOf(checks.checkPush())
    }
    expect([look('granted'), look('default'), look('denied')]).toEqual([[], [], ['push_denied']])
    expect(look('denied', false), 'another finding says so').toEqual([])
    new SmallBrowser(there, proxy.url).open()
    expect(idsOf(checks.checkPush())).toEqual(['push_missing'])
  })

  it('time_zone_unknown, time_zone_other', () => {
    const look = (timeZone: string | undefined, ofAccount: string | null) => {
      vi.stubGlobal('Intl', { DateTimeFormat: () => ({ resolvedOptions: () => ({ timeZone }) }) })
      return checks.checkTimeZone(ofAccount)
    }
    expect(look('Europe/Zurich', null)).toEqual([])
    expect(look('Europe/Zurich', 'Europe/Zurich')).toEqual([])
    expect(look(undefined, 'Europe/Zurich')).toEqual([{ id: 'time_zone_unknown', values: {} }])
    const values = { browser: 'Asia/Tokyo', account: 'Europe/Zurich' }
    expect(look('Asia/Tokyo', 'Europe/Zurich')).toEqual([{ id: 'time_zone_other', values }])
  })
})

it('W10: there is a test for each finding of a browser', () => {
  const texts = ['doctor.test.ts', 'doctor-findings.test.ts'].map((name) =>
    readFileSync(join(import.meta.dirname, name), 'utf8'),
  )
  const isTested = (id: string) => texts.some((text) => text.includes(`'browser_${id}'`) || text.includes(`'${id}'`))
  expect(Object.keys(findings).filter((id) => !isTested(id))).toEqual([])
})
